//! Callers with tokens: each does what its scopes allow, for the tenant that its token names.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use orders_proto::orders::v1::{
    PaymentTransactionKind, RecordPaymentTransactionRequest,
    order_command_service_client::OrderCommandServiceClient,
};
use rcgen::{KeyPair, PublicKeyData};
use serde_json::json;
use tonic::{Code, Request, Status, transport::Channel};

use crate::support::{Refusal, Service, capture, create, draft, full, ok, refusal, tagged};

const ISSUER: &str = "https://id.example.com";

/// An issuer whose keys are in a file.
struct Issuer {
    pair: KeyPair,
    file: tempfile::NamedTempFile,
}

impl Issuer {
    fn new() -> Self {
        let pair = KeyPair::generate().unwrap();
        let [x, y] = [1..33, 33..65].map(|coordinate| URL_SAFE_NO_PAD.encode(&pair.der_bytes()[coordinate]));
        let key = json!({"kty": "EC", "crv": "P-256", "kid": "1", "x": x, "y": y});
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), json!({"keys": [key]}).to_string()).unwrap();
        Self { pair, file }
    }

    /// A service that takes its tokens.
    async fn service(&self) -> Service {
        let file = self.file.path().to_str().unwrap();
        let arguments = [
            "--auth-provider=oidc",
            "--oidc-audience=orders",
            "--oidc-issuer",
            ISSUER,
            "--oidc-jwks-file",
            file,
        ];
        Service::start_with(&arguments).await
    }

    fn token(&self, tenant: &str, scope: &str) -> String {
        let expires = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() + 300;
        let claims = json!({
            "iss": ISSUER, "aud": "orders", "sub": "ada", "exp": expires, "tenant": tenant, "scope": scope,
        });
        let header = Header { kid: Some("1".to_owned()), ..Header::new(Algorithm::ES256) };
        encode(&header, &claims, &EncodingKey::from_ec_der(&self.pair.serialize_der())).unwrap()
    }
}

fn client(service: &Service) -> OrderCommandServiceClient<Channel> {
    OrderCommandServiceClient::new(service.channel())
}

fn with<T>(token: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    request
}

#[tokio::test]
async fn a_token_opens_the_orders_of_its_tenant() {
    let issuer = Issuer::new();
    let service = issuer.service().await;
    let (acme, globex) = (issuer.token("acme", "orders.write"), issuer.token("globex", "orders.write"));
    let order = ok(client(&service).create_order(with(&acme, create(full()))).await);
    ok(client(&service).update_order(with(&acme, tagged(&order, &["mine"]))).await);
    let foreign = refusal(client(&service).update_order(with(&globex, tagged(&order, &["mine"]))).await);
    assert_eq!((foreign.code, foreign.reason.as_str()), (Code::NotFound, "ORDER_NOT_FOUND"));
    let sql = service.sql().await;
    assert_eq!(sql.number("SELECT count(*) FROM orders WHERE tenant_id = 'acme'").await, 1);
    let subject = "SELECT count(*) FROM order_history WHERE actor_subject = 'ada'";
    assert_eq!(sql.number(subject).await, 2);

    let nobody = refusal(client(&service).create_order(create(draft())).await);
    assert_eq!((nobody.code, nobody.reason.as_str()), (Code::Unauthenticated, "TOKEN_MISSING"));
    assert_eq!(sql.count("orders").await, 1);
}

#[tokio::test]
async fn a_report_of_a_refund_takes_a_scope_of_its_own() {
    let issuer = Issuer::new();
    let service = issuer.service().await;
    let mut client = client(&service);
    let order = ok(client.create_order(with(&issuer.token("acme", "orders.write"), create(full()))).await);
    let captured = capture(&order, "capture-1", 1_00);
    let mut refund = capture(&order, "refund-1", 1_00);
    refund.transaction.as_mut().unwrap().kind = PaymentTransactionKind::Refund.into();
    let mut report = async |scopes: &str, message: &RecordPaymentTransactionRequest| {
        let answer =
            client.record_payment_transaction(with(&issuer.token("acme", scopes), message.clone())).await;
        answer.map(|order| order.into_inner().version).map_err(|status: Status| Refusal::from(status))
    };
    let denied = |answer: Result<i64, Refusal>, scope: &str| {
        let refused = answer.unwrap_err();
        assert_eq!((refused.code, refused.reason.as_str()), (Code::PermissionDenied, "PERMISSION_DENIED"));
        assert_eq!(refused.told("scope"), scope);
    };
    denied(report("orders.write orders.refunds", &captured).await, "orders.payments");
    assert_eq!(report("orders.payments", &captured).await.unwrap(), 2);
    denied(report("orders.payments", &refund).await, "orders.refunds");
    denied(report("orders.refunds", &refund).await, "orders.payments");
    assert_eq!(report("orders.payments orders.refunds", &refund).await.unwrap(), 3);
    assert_eq!(report("*", &capture(&order, "capture-2", 1_00)).await.unwrap(), 4);
}
