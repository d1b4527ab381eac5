//! NATS behind TLS, passwords and credentials.

mod credentials;

use std::{fs, path::Path};

use local_stack::NatsOptions;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::support::{Consumer, Process, Service, World, eventually, placed};

/// An authority with the certificates of a server and a client, as PEM files in a folder.
fn certificates(folder: &Path) {
    let mut authority = CertificateParams::new(vec![]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
    for (name, host) in [("server", "127.0.0.1"), ("client", "relay")] {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        fs::write(folder.join(format!("{name}.pem")), params.signed_by(&key, &authority).unwrap().pem())
            .unwrap();
        fs::write(folder.join(format!("{name}.key")), key.serialize_pem()).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_relay_speaks_tls_shows_its_certificate_and_knows_its_password() {
    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path());
    let at = |name: &str| folder.path().join(name).display().to_string();
    let settings = format!(
        "tls {{ cert_file: {:?}, key_file: {:?}, ca_file: {:?}, verify: true }}\n\
         authorization {{ user: relay, password: \"hunter 2\" }}",
        at("server.pem"),
        at("server.key"),
        at("ca.pem")
    );
    let world = World::with_nats(NatsOptions { settings, ..NatsOptions::for_tests() }).await;
    let service = Service::start(&world.database, &[]).await;
    placed(&mut service.client()).await;

    let url = |user: &str| {
        let path = folder.path().join(format!("url-{}", user.len()));
        fs::write(&path, format!("tls://{user}{}\n", world.nats.address())).unwrap();
        path.display().to_string()
    };
    let (ca, certificate, key) = (at("ca.pem"), at("client.pem"), at("client.key"));
    let tls = ["--nats-tls-ca", &ca, "--nats-tls-cert", &certificate, "--nats-tls-key", &key];
    let relay = |url: &str, tls: &[&str]| {
        Process::start(&world.database, &[&["relay", "--nats-url-file", url], tls].concat())
    };
    for (user, tls, reason) in [
        ("relay:hunter3@", &tls[..], "authorization violation"),
        ("relay:hunter%202@", &tls[..2], "no connection"),
        ("relay:hunter%202@", &[], "no connection"),
    ] {
        let wrong = relay(&url(user), tls);
        wrong.says("the relay waits for the broker").await;
        let log = wrong.log();
        assert_eq!(log.matches("WARN").count() + log.matches("ERROR").count(), 1, "{log}");
        assert!(log.contains(reason) && !log.contains("hunter"), "{log}");
        assert!(wrong.stop().await.success());
    }

    let _relay = relay(&url("relay:hunter%202@"), &tls);
    let options =
        async_nats::ConnectOptions::with_user_and_password("relay".to_owned(), "hunter 2".to_owned())
            .add_root_certificates(ca.clone().into())
            .add_client_certificate(certificate.clone().into(), key.clone().into());
    let consumer = Consumer::connect(options, &format!("tls://{}", world.nats.address())).await;
    let (events, _) = consumer.complete(&world.sql().await).await;
    assert_eq!(events, 2);
    eventually("it leads", async || world.sql().await.leader().await.is_some()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_relay_shows_its_credentials() {
    let folder = tempfile::tempdir().unwrap();
    let (settings, credentials) = credentials::operator_and_user();
    let path = folder.path().join("relay.creds");
    fs::write(&path, &credentials).unwrap();
    let world = World::with_nats(NatsOptions { settings, ..NatsOptions::for_tests() }).await;
    let service = Service::start(&world.database, &[]).await;
    placed(&mut service.client()).await;
    let without = world.relay(&[]);
    without.says("authorization violation").await;
    assert!(without.stop().await.success());

    let _relay = world.relay(&["--nats-credentials-file", path.to_str().unwrap()]);
    let options = async_nats::ConnectOptions::with_credentials(&credentials).unwrap();
    let consumer = Consumer::connect(options, &world.nats.url()).await;
    let (events, _) = consumer.complete(&world.sql().await).await;
    assert_eq!(events, 2);
}
