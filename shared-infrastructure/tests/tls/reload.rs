//! Certificates that change under a running server.

use std::{fs, os::unix::fs::symlink, path::Path, time::Duration};

use shared_infrastructure::config::ClientAuth;
use tokio::time::sleep;

use crate::{
    certificates::Authority,
    client::Client,
    server::{Running, flags, serve, start},
    soon,
};

/// Waits until a client that trusts `authority` gets in.
async fn until_shown(server: &Running, authority: &Authority) {
    soon(async {
        while Client::trusting(authority).call(server.address).await.is_err() {
            sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn new_connections_see_the_new_certificate_and_old_ones_go_on() {
    let server = start(None).await;
    let mut old = Client::trusting(&server.authority).open(server.address).await.unwrap();
    assert_eq!(old.call().await.unwrap(), "0");
    let next = Authority::new();
    next.sign("localhost").write(server.folder.path(), "server");
    until_shown(&server, &next).await;
    assert_eq!(old.call().await.unwrap(), "0", "the connection from before");
    assert!(Client::trusting(&server.authority).call(server.address).await.is_err());
}

#[tokio::test]
async fn files_that_are_of_no_use_change_nothing_until_they_are() {
    let server = start(None).await;
    let (next, path) = (Authority::new(), server.folder.path().join("server.pem"));
    let certificate = next.sign("localhost");
    // The certificate without its key.
    fs::write(&path, &certificate.text).unwrap();
    sleep(Duration::from_secs(3)).await;
    assert_eq!(Client::trusting(&server.authority).call(server.address).await.unwrap(), "0");
    fs::remove_file(&path).unwrap();
    sleep(Duration::from_secs(3)).await;
    assert_eq!(Client::trusting(&server.authority).call(server.address).await.unwrap(), "0");
    certificate.write(server.folder.path(), "server");
    until_shown(&server, &next).await;
}

#[tokio::test]
async fn a_key_that_comes_after_its_certificate_is_waited_for() {
    let (server, next) = (start(None).await, Authority::new());
    let certificate = next.sign("localhost");
    let path = |file: &str| server.folder.path().join(file);
    fs::write(path("server.pem"), &certificate.text).unwrap();
    // Long enough to be looked at, and found to be of no use.
    sleep(Duration::from_secs(3)).await;
    assert_eq!(Client::trusting(&server.authority).call(server.address).await.unwrap(), "0");
    fs::write(path("server.key"), &certificate.key).unwrap();
    until_shown(&server, &next).await;
}

#[tokio::test]
async fn a_folder_that_is_swapped_by_a_link_is_noticed() {
    let (authority, next, folder) = (Authority::new(), Authority::new(), tempfile::tempdir().unwrap());
    let at = |name: &str| folder.path().join(name);
    for (name, signed) in [("first", authority.sign("localhost")), ("second", next.sign("localhost"))] {
        fs::create_dir(at(name)).unwrap();
        signed.write(&at(name), "server");
    }
    // As Kubernetes has it: the files are links through a link that is replaced in one step.
    symlink("first", at("..data")).unwrap();
    for file in ["server.pem", "server.key"] {
        symlink(Path::new("..data").join(file), at(file)).unwrap();
    }
    let address = serve(&flags(folder.path(), None)).await;
    let server = Running { address, folder, authority };
    assert_eq!(Client::trusting(&server.authority).call(address).await.unwrap(), "0");
    symlink("second", server.folder.path().join("..next")).unwrap();
    fs::rename(server.folder.path().join("..next"), server.folder.path().join("..data")).unwrap();
    until_shown(&server, &next).await;
}

#[tokio::test]
async fn an_authority_that_is_taken_away_lets_nobody_in_any_more() {
    let (before, after) = (Authority::new(), Authority::new());
    let server = start(Some((&before, ClientAuth::Required))).await;
    let (old, new) = (before.sign("shop"), after.sign("shop"));
    assert_eq!(Client::showing(&server.authority, &old).call(server.address).await.unwrap(), "1");
    fs::write(server.folder.path().join("clients.pem"), after.text()).unwrap();
    soon(async {
        while Client::showing(&server.authority, &new).call(server.address).await.is_err() {
            sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    assert!(Client::showing(&server.authority, &old).call(server.address).await.is_err());
}
