//! Callers who are known by their client certificates.

use rcgen::{CertificateParams, KeyPair, SanType};
use rustls_pki_types::CertificateDer;
use shared_domain::{ActorKind, Caller};
use shared_infrastructure::auth::{Authenticator, Peer, Provider};
use tonic::{Code, Status, metadata::MetadataMap};
use tonic_types::StatusExt;

use crate::{key_fetches::eventually, server::provider};

const CHECKOUT: &str = "spiffe://example.org/ns/shop/sa/checkout";
const CALLERS: &str = r#"{"callers": [
    {"name": "spiffe://example.org/ns/shop/sa/checkout", "tenant": "acme", "subject": "checkout", "scopes": ["orders.write"]},
    {"name": "spiffe://example.org/tenants/{tenant}/sa/{subject}", "scopes": ["orders.read"]},
    {"name": "backoffice.example.org", "tenant": "acme", "scopes": ["*"]}
]}"#;

/// The other end of a connection that showed a certificate with these names.
fn peer(names: &[&str]) -> Peer {
    let name = |name: &&str| match name.contains(':') {
        true => SanType::URI((*name).try_into().unwrap()),
        false => SanType::DnsName((*name).try_into().unwrap()),
    };
    peer_of(names.iter().map(name).collect())
}

fn peer_of(names: Vec<SanType>) -> Peer {
    let mut params = CertificateParams::default();
    params.subject_alt_names = names;
    let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
    Peer { certificates: [certificate.der().clone()].into() }
}

async fn who(provider: &Provider, peer: &Peer, tenant: Option<&'static str>) -> Result<Caller, Status> {
    let mut metadata = MetadataMap::new();
    if let Some(tenant) = tenant {
        metadata.insert("x-tenant-id", tenant.parse().unwrap());
    }
    provider.authenticate(&metadata, peer).await
}

fn refused(answer: Result<Caller, Status>) -> (Code, String) {
    let status = answer.unwrap_err();
    (status.code(), status.get_error_details().error_info().unwrap().reason.clone())
}

/// The handshake, which has the authorities looked at, is none of the provider's business.
const MTLS: [&str; 2] = ["--auth-provider=mtls", "--tls-client-ca-file=ca.pem"];

#[tokio::test]
async fn a_certificate_stands_for_the_caller_of_its_name() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), CALLERS).unwrap();
    let path = file.path().to_str().unwrap();
    let provider = provider(&[MTLS[0], MTLS[1], "--mtls-callers-file", path]).await.unwrap();

    for (names, tenant, subject, scope) in [
        (&[CHECKOUT][..], "acme", "checkout", "orders.write"),
        (&["checkout.shop.svc", CHECKOUT], "acme", "checkout", "orders.write"),
        (&["spiffe://example.org/tenants/globex/sa/pick"], "globex", "pick", "orders.read"),
        (&["backoffice.example.org"], "acme", "backoffice.example.org", "*"),
    ] {
        let caller = who(&provider, &peer(names), None).await.unwrap();
        assert_eq!((caller.tenant.as_str(), &*caller.actor.subject), (tenant, subject));
        assert_eq!(caller.actor.kind, ActorKind::Service);
        assert_eq!(caller.scopes.into_iter().collect::<Vec<_>>(), [scope]);
    }
    let unauthenticated = |reason: &str| (Code::Unauthenticated, reason.to_owned());
    for of_another_kind in [
        SanType::URI("backoffice.example.org".try_into().unwrap()),
        SanType::DnsName(CHECKOUT.try_into().unwrap()),
    ] {
        let refused = refused(who(&provider, &peer_of(vec![of_another_kind.clone()]), None).await);
        assert_eq!(refused, unauthenticated("TOKEN_INVALID"), "{of_another_kind:?}");
    }
    for names in [&[][..], &["example.org"], &["spiffe://example.org/ns/shop/sa/other"]] {
        assert_eq!(
            refused(who(&provider, &peer(names), None).await),
            unauthenticated("TOKEN_INVALID"),
            "{names:?}"
        );
    }
    let nonsense = Peer { certificates: [CertificateDer::from(vec![1, 2, 3])].into() };
    assert_eq!(refused(who(&provider, &nonsense, None).await), unauthenticated("TOKEN_INVALID"));
    assert_eq!(refused(who(&provider, &Peer::default(), None).await), unauthenticated("TOKEN_MISSING"));
    // Names count in the client's own certificate, not in those of whoever vouches for it.
    let chain = [peer(&["other.example.org"]), peer(&[CHECKOUT])].map(|peer| peer.certificates[0].clone());
    let chain = Peer { certificates: chain.into() };
    assert_eq!(refused(who(&provider, &chain, None).await), unauthenticated("TOKEN_INVALID"));

    assert!(who(&provider, &peer(&[CHECKOUT]), Some("acme")).await.is_ok());
    let mismatch = (Code::PermissionDenied, "TENANT_MISMATCH".to_owned());
    assert_eq!(refused(who(&provider, &peer(&[CHECKOUT]), Some("globex")).await), mismatch);
}

#[tokio::test]
async fn the_file_of_callers_is_read_again() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), CALLERS).unwrap();
    let path = file.path().to_str().unwrap();
    let provider = provider(&[MTLS[0], MTLS[1], "--mtls-callers-file", path]).await.unwrap();
    let peer = peer(&[CHECKOUT]);
    assert!(who(&provider, &peer, None).await.is_ok());

    std::fs::write(file.path(), CALLERS.replace("\"tenant\": \"acme\"", "\"tenant\": \"umbrella\"")).unwrap();
    eventually("the caller has moved", async || {
        who(&provider, &peer, None).await.unwrap().tenant.as_str() == "umbrella"
    })
    .await;
    std::fs::write(file.path(), "{").unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    assert!(who(&provider, &peer, None).await.is_ok(), "what cannot be read changes nothing");
    std::fs::write(file.path(), r#"{"callers": []}"#).unwrap();
    eventually("the caller is gone", async || who(&provider, &peer, None).await.is_err()).await;
}
