//! A service that encrypts, as the process it is: who gets in over TLS, and as whom.

mod authority;
mod client;
mod documented;
mod token;

use std::{fs, path::Path};

use local_stack::{Output, Service, ServiceOptions, ServiceProcess, TestDatabase};
use orders_proto::orders::v1::CreateOrderRequest;
use tempfile::TempDir;
use tonic::{Code, Request, Status};

pub(crate) use self::token::Issuer;
use self::{
    authority::{Authority, Certificate},
    client::{alert, connect},
};
use crate::support::{Commands, Sql, cart, migrated_database, reason, request_id};

const CALLERS: &str = r#"{"callers": [
    {"name": "spiffe://example.org/ns/shop/sa/checkout", "tenant": "acme", "subject": "checkout", "scopes": ["orders.write"]},
    {"name": "reader.example.org", "tenant": "acme", "scopes": ["orders.read"]}
]}"#;
const CHECKOUT: &str = "spiffe://example.org/ns/shop/sa/checkout";

/// A command-service that encrypts, and whom it and its clients trust.
struct Encrypted {
    process: ServiceProcess,
    database: TestDatabase,
    servers: Authority,
    clients: Authority,
    issuer: Issuer,
    _folder: TempDir,
}

impl Encrypted {
    /// Starts it with these providers, and with these environment variables besides those that name its files.
    async fn start(providers: &str, environment: &[(&str, &str)]) -> Self {
        let (database, folder) = (migrated_database().await, tempfile::tempdir().unwrap());
        let (servers, clients, issuer) = (Authority::new(), Authority::new(), Issuer::new());
        let files = files(folder.path(), &servers, &clients);
        fs::write(folder.path().join("keys.json"), issuer.keys()).unwrap();
        let mut options = ServiceOptions::with(Service::Command, "127.0.0.1:0", &database.logins())
            .environment("TLS_CERTIFICATE_FILE", files("tls.crt"))
            .environment("TLS_KEY_FILE", files("tls.key"))
            .environment("TLS_CLIENT_CA_FILE", files("clients.crt"))
            .environment("AUTH_PROVIDER", providers)
            .environment("MTLS_CALLERS_FILE", files("callers.json"));
        if providers.contains("oidc") {
            options = options
                .environment("OIDC_ISSUER", Issuer::NAME)
                .environment("OIDC_AUDIENCE", Issuer::AUDIENCE)
                .environment("OIDC_JWKS_FILE", files("keys.json"));
        }
        for (name, value) in environment {
            options = options.environment(*name, *value);
        }
        let process = start(options).await;
        Self { process, database, servers, clients, issuer, _folder: folder }
    }

    /// Creates an order over a connection of its own, with this certificate and this token.
    async fn create(&self, shown: Option<&Certificate>, token: Option<&str>) -> Result<String, Status> {
        let mut request = Request::new(CreateOrderRequest {
            order: Some(cart()),
            request_id: request_id(),
            ..CreateOrderRequest::default()
        });
        if let Some(token) = token {
            request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        let channel = connect(self.process.address(), &self.servers, shown).await.unwrap();
        let order = Commands::new(channel).create_order(request).await?.into_inner();
        let sql = Sql::connect(&self.database).await;
        let id = order.name.strip_prefix("orders/").unwrap();
        let who =
            format!("SELECT tenant_id || ' ' || actor_subject FROM order_history WHERE order_id = '{id}'");
        Ok(sql.rows(&who).await[0].get(0))
    }

    async fn refusal(&self, shown: Option<&Certificate>, token: Option<&str>) -> (Code, String) {
        let status = self.create(shown, token).await.unwrap_err();
        (status.code(), reason(&status))
    }
}

async fn start(options: ServiceOptions) -> ServiceProcess {
    let started = ServiceProcess::start(options.encrypted().output(Output::Keep)).await;
    started.unwrap_or_else(|error| panic!("{error}"))
}

/// Puts the files of the service and of its clients into a folder, and says where each is.
fn files(folder: &Path, servers: &Authority, clients: &Authority) -> impl Fn(&str) -> String + use<> {
    let folder = folder.to_owned();
    let (server, client) = (servers.sign("localhost"), clients.sign(CHECKOUT));
    for (name, text) in [
        ("ca.crt", &*servers.text()),
        ("tls.crt", &server.text),
        ("tls.key", &server.key),
        ("clients.crt", &clients.text()),
        ("client.crt", &client.text),
        ("client.key", &client.key),
        ("callers.json", CALLERS),
    ] {
        fs::write(folder.join(name), text).unwrap();
    }
    move |name| folder.join(name).display().to_string()
}

fn unauthenticated(reason: &str) -> (Code, String) {
    (Code::Unauthenticated, reason.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_a_certificate_of_a_caller_is_that_caller() {
    let service = Encrypted::start("mtls", &[]).await;
    let checkout = service.clients.sign(CHECKOUT);
    assert_eq!(service.create(Some(&checkout), None).await.unwrap(), "acme checkout");

    let reader = service.clients.sign("reader.example.org");
    let may_not = (Code::PermissionDenied, "PERMISSION_DENIED".to_owned());
    assert_eq!(service.refusal(Some(&reader), None).await, may_not);
    let nobody = service.clients.sign("nobody.example.org");
    assert_eq!(service.refusal(Some(&nobody), None).await, unauthenticated("TOKEN_INVALID"));
    assert_eq!(service.refusal(None, None).await, unauthenticated("TOKEN_MISSING"));
    // Tokens are not looked at.
    let token = service.issuer.token("ada", 300);
    assert_eq!(service.refusal(None, Some(&token)).await, unauthenticated("TOKEN_MISSING"));
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_that_are_not_believed_end_the_handshake() {
    for client_auth in ["optional", "required"] {
        let service = Encrypted::start("mtls", &[("TLS_CLIENT_AUTH", client_auth)]).await;
        for (bad, expected) in [
            (Authority::new().sign(CHECKOUT), "UnknownCA"),
            (service.servers.sign(CHECKOUT), "UnknownCA"),
            (service.clients.sign_too_late(CHECKOUT), "CertificateExpired"),
        ] {
            let alert = alert(service.process.address(), &service.servers, Some(&bad)).await;
            assert!(alert.contains(expected), "{client_auth}: {alert}");
        }
        if client_auth == "required" {
            let alert = alert(service.process.address(), &service.servers, None).await;
            assert!(alert.contains("CertificateRequired"), "{alert}");
        }
        let checkout = service.clients.sign(CHECKOUT);
        assert_eq!(service.create(Some(&checkout), None).await.unwrap(), "acme checkout", "{client_auth}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_of_two_providers_that_applies_decides() {
    for (providers, both, bad_token) in [
        ("oidc,mtls", "globex ada", Err(unauthenticated("TOKEN_EXPIRED"))),
        ("mtls,oidc", "acme checkout", Ok("acme checkout")),
    ] {
        let service = Encrypted::start(providers, &[]).await;
        let (checkout, token) = (service.clients.sign(CHECKOUT), service.issuer.token("ada", 300));
        let (shown, expired) = (Some(&checkout), service.issuer.token("ada", -300));
        assert_eq!(service.create(shown, None).await.unwrap(), "acme checkout", "{providers}");
        assert_eq!(service.create(None, Some(&token)).await.unwrap(), "globex ada", "{providers}");
        assert_eq!(service.create(shown, Some(&token)).await.unwrap(), both, "{providers}");
        match bad_token {
            Ok(expected) => assert_eq!(service.create(shown, Some(&expired)).await.unwrap(), expected),
            Err(expected) => assert_eq!(service.refusal(shown, Some(&expired)).await, expected),
        }
        assert_eq!(service.refusal(None, Some(&expired)).await, unauthenticated("TOKEN_EXPIRED"));
        assert_eq!(service.refusal(None, None).await, unauthenticated("TOKEN_MISSING"));
    }
}
