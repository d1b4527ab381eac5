//! Configurations that a service refuses to start with, each in the words of the flag to change.

use crate::server::provider;

#[tokio::test]
async fn what_cannot_work_is_refused_at_the_start() {
    let issuer = "--oidc-issuer=https://id.example.com";
    let oidc = ["--auth-provider=oidc", "--oidc-audience=orders", issuer];
    let mtls = ["--auth-provider=mtls", "--tls-client-ca-file=ca.pem"];
    let broken = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(broken.path(), "{").unwrap();
    let broken = broken.path().to_str().unwrap();
    for (arguments, flag) in [
        (vec!["--auth-provider=none,oidc"], "--auth-provider"),
        (vec![issuer], "--oidc-issuer"),
        (vec!["--oidc-audience=orders"], "--oidc-audience"),
        (vec!["--oidc-jwks-url=https://id.example.com/keys"], "--oidc-jwks-url"),
        (vec!["--oidc-jwks-file", broken], "--oidc-jwks-file"),
        (vec!["--oidc-ca", broken], "--oidc-ca"),
        (vec!["--mtls-callers-file", broken], "--mtls-callers-file"),
        (vec!["--auth-provider=mtls", "--tls-client-ca-file=ca.pem", issuer], "--oidc-issuer"),
        (vec!["--auth-provider=mtls,none"], "--auth-provider"),
        (vec!["--auth-provider=oidc", "--oidc-audience=orders"], "--oidc-issuer"),
        (vec!["--auth-provider=oidc", issuer], "--oidc-audience"),
        (vec!["--auth-provider=oidc", issuer, "--oidc-audience="], "--oidc-audience"),
        (
            vec!["--auth-provider=oidc", "--oidc-audience=orders", "--oidc-issuer=http://id.example.com"],
            "--oidc-issuer",
        ),
        ([&oidc[..], &["--oidc-jwks-url=http://10.0.0.1/keys"]].concat(), "--oidc-jwks-url"),
        ([&oidc[..], &["--oidc-jwks-file=/does/not/exist"]].concat(), "--oidc-jwks-file"),
        ([&oidc[..], &["--oidc-jwks-file", broken]].concat(), "--oidc-jwks-file"),
        ([&oidc[..], &["--oidc-ca", broken]].concat(), "--oidc-ca"),
        ([&oidc[..], &["--oidc-stale-limit=1m"]].concat(), "--oidc-stale-limit"),
        (vec!["--auth-provider=mtls", "--mtls-callers-file", broken], "--tls-client-ca-file"),
        ([&mtls[..], &[]].concat(), "--mtls-callers-file"),
        ([&mtls[..], &["--mtls-callers-file", broken]].concat(), "--mtls-callers-file"),
    ] {
        assert_eq!(provider(&arguments).await.unwrap_err().flag, flag, "{arguments:?}");
    }
    assert!(provider(&oidc).await.is_ok(), "an issuer that is not there yet is no reason");
}
