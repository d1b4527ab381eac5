//! Several providers, and what calls say besides their token.

use shared_domain::Caller;
use shared_infrastructure::auth::{Authenticator, Peer};
use tonic::{Code, Status, metadata::MetadataMap};

use crate::{
    client::{Client, READ, WRITE},
    issuer::Issuer,
    keys::Pair,
    server::{Running, provider},
    token::Token,
};

#[tokio::test]
async fn the_first_provider_that_applies_says_who_calls() {
    let pair = Pair::ec("1");
    let issuer = Issuer::start(&[&pair]).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), r#"{"callers": [{"name": "machine", "tenant": "acme", "scopes": []}]}"#)
        .unwrap();
    let (url, path) = (issuer.url(), file.path().to_str().unwrap());
    let certificate = rcgen::generate_simple_self_signed(["machine".to_owned()]).unwrap().cert;
    let machine = Peer { certificates: [certificate.der().clone()].into() };
    let with = |value: &str| {
        let mut metadata = MetadataMap::new();
        metadata.insert("authorization", value.parse().unwrap());
        metadata
    };
    let good = with(&format!("Bearer {}", Token::good(&url, &pair).signed(&pair)));
    let subject = |answer: Result<Caller, Status>| answer.map(|caller| caller.actor.subject);

    for (order, both) in [("oidc,mtls", "ada"), ("mtls,oidc", "machine")] {
        let provider = provider(&[
            "--auth-provider",
            order,
            "--oidc-audience=orders",
            "--oidc-issuer",
            &url,
            "--tls-client-ca-file=ca.pem",
            "--mtls-callers-file",
            path,
        ])
        .await
        .unwrap();
        let nobody = Peer::default();
        assert_eq!(subject(provider.authenticate(&good, &nobody).await).unwrap(), "ada");
        assert_eq!(subject(provider.authenticate(&MetadataMap::new(), &machine).await).unwrap(), "machine");
        assert_eq!(subject(provider.authenticate(&good, &machine).await).unwrap(), both);
        assert_eq!(subject(provider.authenticate(&with("Basic x"), &machine).await).unwrap(), "machine");
        let bad = subject(provider.authenticate(&with("Bearer x"), &machine).await);
        assert_eq!(bad.is_err(), order == "oidc,mtls", "a bad token is no reason to go on with the next");
        let refused = provider.authenticate(&MetadataMap::new(), &nobody).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unauthenticated);
        assert!(refused.message().contains("Bearer") && refused.message().contains("certificate"));
    }
}

#[tokio::test]
async fn a_call_is_for_the_tenant_of_its_token() {
    let pair = Pair::rsa("1");
    let issuer = Issuer::start(&[&pair]).await;
    let server = Running::trusting(&issuer, &[]).await;
    let client = Client::connect(server.address).await;
    let value = format!("bEARER {}", Token::good(&issuer.url(), &pair).signed(&pair));
    let call = async |tenants: &[&str]| {
        let tenants = tenants.iter().map(|tenant| ("x-tenant-id", *tenant));
        let headers: Vec<_> = tenants.chain([("authorization", value.as_str())]).collect();
        client.call(READ, &headers).await
    };
    for own in [&[][..], &["acme"], &["acme", "acme"]] {
        assert_eq!(call(own).await.unwrap(), "ada of acme", "{own:?}");
    }
    for other in [&["globex"][..], &["ACME"], &["acme "], &["acme", "globex"], &["globex", "acme"]] {
        // White space at the end of a header is no part of it.
        let same = other == ["acme "];
        match call(other).await {
            Ok(_) => assert!(same, "{other:?}"),
            Err(refused) => {
                assert!(refused.is(Code::PermissionDenied, "TENANT_MISMATCH"), "{other:?}: {refused:?}")
            }
        }
    }
    let unnamed = call(&[""]).await.unwrap_err();
    assert!(unnamed.is(Code::InvalidArgument, "INVALID_FIELD"), "{unnamed:?}");
    let headers = [("authorization", value.as_str()), ("x-subject", "grace")];
    assert_eq!(
        client.call(READ, &headers).await.unwrap(),
        "ada of acme",
        "nobody says who they are by a header"
    );
}

#[tokio::test]
async fn claims_are_found_under_the_names_that_are_configured() {
    let pair = Pair::ed("1");
    let issuer = Issuer::start(&[&pair]).await;
    let server = Running::trusting(
        &issuer,
        &[
            "--oidc-tenant-claim=https://example.com/tenant",
            "--oidc-subject-claim=user.name",
            "--oidc-scope-claim=roles",
        ],
    )
    .await;
    let client = Client::connect(server.address).await;
    let token = Token::good(&issuer.url(), &pair)
        .claim("https://example.com/tenant", "globex")
        .claim("user", serde_json::json!({"name": "grace"}))
        .claim("roles", serde_json::json!(["orders.write"]));
    let value = format!("Bearer {}", token.signed(&pair));
    assert_eq!(client.call(WRITE, &[("authorization", &value)]).await.unwrap(), "grace of globex");
    let refused = client.call(READ, &[("authorization", &value)]).await.unwrap_err();
    assert!(refused.is(Code::PermissionDenied, "PERMISSION_DENIED"), "{refused:?}");
    assert!(refused.message.contains("orders.read"));
}

#[tokio::test]
async fn a_token_that_was_taken_is_refused_once_it_expires() {
    let pair = Pair::ec("1");
    let issuer = Issuer::start(&[&pair]).await;
    let server = Running::trusting(&issuer, &[]).await;
    let client = Client::connect(server.address).await;
    let mut token = String::new();
    crate::key_fetches::eventually("taken", async || {
        // Clocks may be 30 s apart, so this one is good for a few seconds.
        token = Token::good(&issuer.url(), &pair).claim("exp", crate::token::now() - 27).signed(&pair);
        client.read(&token).await.is_ok()
    })
    .await;
    crate::key_fetches::eventually("expired", async || {
        client.read(&token).await.is_err_and(|refused| refused.is(Code::Unauthenticated, "TOKEN_EXPIRED"))
    })
    .await;
}
