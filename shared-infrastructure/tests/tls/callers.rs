//! Who gets in, and who does not.

use std::net::SocketAddr;

use shared_infrastructure::{config::ClientAuth, tls::ServerTls};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::rustls::version::{TLS12, TLS13};

use crate::{
    certificates::{Authority, Certificate},
    client::Client,
    server::{flags, serve, start},
    soon,
};

#[tokio::test]
async fn whoever_trusts_the_authority_gets_in_with_both_versions() {
    let server = start(None).await;
    for version in [&TLS12, &TLS13] {
        let client = Client { versions: &[version], ..Client::trusting(&server.authority) };
        assert_eq!(soon(client.call(server.address)).await.unwrap(), "0", "{version:?}");
    }
    let stranger = soon(Client::trusting(&Authority::new()).call(server.address)).await.unwrap_err();
    assert!(stranger.to_string().contains("UnknownIssuer"), "{stranger}");
}

#[tokio::test]
async fn only_http2_is_spoken() {
    let server = start(None).await;
    let client = Client { protocol: "http/1.1", ..Client::trusting(&server.authority) };
    let refused = soon(client.connect(server.address)).await.unwrap_err();
    assert!(refused.to_string().contains("NoApplicationProtocol"), "{refused}");
    let stream = soon(Client::trusting(&server.authority).connect(server.address)).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
}

#[tokio::test]
async fn certificates_of_clients_are_believed_if_their_authority_is() {
    let clients = Authority::new();
    for client_auth in [ClientAuth::Optional, ClientAuth::Required] {
        let server = start(Some((&clients, client_auth))).await;
        let mine = clients.sign("shop");
        let shown = soon(Client::showing(&server.authority, &mine).call(server.address)).await;
        assert_eq!(shown.unwrap(), "1", "{client_auth:?}");

        let silent = soon(Client::trusting(&server.authority).call(server.address)).await;
        match client_auth {
            ClientAuth::Optional => assert_eq!(silent.unwrap(), "0"),
            ClientAuth::Required => assert!(silent.is_err()),
        }
        for (what, bad) in [
            ("another authority's", Authority::new().sign("shop")),
            ("the server's authority's", server.authority.sign("shop")),
            ("its own", Certificate::self_signed("shop")),
            ("expired", clients.sign_too_late("shop")),
        ] {
            let refused = soon(Client::showing(&server.authority, &bad).call(server.address)).await;
            assert!(refused.is_err(), "{client_auth:?}, {what}");
        }
    }
}

#[tokio::test]
async fn whoever_speaks_something_else_is_soon_gone() {
    let server = start(None).await;
    for text in [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], b"GET / HTTP/1.1\r\n\r\n", &[0; 64]] {
        assert!(soon(rest_after(server.address, text)).await < 64, "{text:?}");
    }
    let plain = serve(&Default::default()).await;
    assert!(soon(Client::trusting(&server.authority).connect(plain)).await.is_err());
    assert_eq!(soon(Client::trusting(&server.authority).call(server.address)).await.unwrap(), "0");
}

/// How many bytes come until the server closes.
async fn rest_after(address: SocketAddr, text: &[u8]) -> usize {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text).await.unwrap();
    let mut rest = Vec::new();
    // A reset is as good an end as any.
    stream.read_to_end(&mut rest).await.ok();
    rest.len()
}

#[tokio::test]
async fn silence_is_bounded_before_the_handshake_in_it_and_after_it() {
    let server = start(None).await;
    let client = Client::trusting(&server.authority);
    let (nothing, begun) =
        (rest_after(server.address, b""), rest_after(server.address, &[22, 3, 1, 2, 0, 1]));
    let silent = async {
        let mut stream = client.connect(server.address).await.unwrap();
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).await.ok();
        rest.len()
    };
    assert_eq!(soon(async { tokio::join!(nothing, begun, silent) }).await, (0, 0, 0));
}

#[tokio::test]
async fn what_cannot_be_used_is_said_of_its_flag() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let at = |name: &str| Some(folder.path().join(name));
    authority.sign("localhost").write(folder.path(), "server");
    authority.sign("localhost").write(folder.path(), "other");
    std::fs::write(folder.path().join("garbage"), "-----BEGIN CERTIFICATE-----\nhunter2\n").unwrap();
    let good = flags(folder.path(), Some(ClientAuth::Optional));
    std::fs::write(folder.path().join("clients.pem"), authority.text()).unwrap();
    let address = "127.0.0.1:1".parse().unwrap();
    assert!(ServerTls::start(&good, address).unwrap().is_some());

    let change = |change: fn(&mut _)| {
        let mut changed = good.clone();
        change(&mut changed);
        changed
    };
    type Flags = shared_infrastructure::config::TlsArgs;
    for (what, flags, flag) in [
        ("no key", change(|flags: &mut Flags| flags.tls_key_file = None), "--tls-key-file"),
        ("no certificate", change(|flags| flags.tls_certificate_file = None), "--tls-certificate-file"),
        (
            "only an authority",
            Flags { tls_client_ca_file: at("clients.pem"), ..Flags::default() },
            "--tls-certificate-file",
        ),
        ("nobody to require", flags_without_authority(folder.path()), "--tls-client-ca-file"),
        ("no file", Flags { tls_key_file: at("nowhere"), ..good.clone() }, "--tls-key-file"),
        ("another's key", Flags { tls_key_file: at("other.key"), ..good.clone() }, "--tls-key-file"),
        ("no key in it", Flags { tls_key_file: at("other.pem"), ..good.clone() }, "--tls-key-file"),
        ("garbage", Flags { tls_certificate_file: at("garbage"), ..good.clone() }, "--tls-certificate-file"),
        ("a key", Flags { tls_certificate_file: at("server.key"), ..good.clone() }, "--tls-certificate-file"),
        ("garbage", Flags { tls_client_ca_file: at("garbage"), ..good.clone() }, "--tls-client-ca-file"),
    ] {
        let error = ServerTls::start(&flags, address).unwrap_err();
        assert_eq!(error.flag, flag, "{what}: {error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

fn flags_without_authority(folder: &std::path::Path) -> shared_infrastructure::config::TlsArgs {
    let mut flags = flags(folder, None);
    flags.tls_client_auth = ClientAuth::Required;
    flags
}
