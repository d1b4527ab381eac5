//! A real server: its start, its data, its end, and what is left of it when its owner is killed.

use std::{fs, os::unix::fs::PermissionsExt, time::Duration};

use super::support::{Helper, alive, child_of, kill, open_folder, play, query, say, wait_until};
use local_stack::{Durability, PostgresError, PostgresOptions, PostgresServer, Storage};

const HELPER: &str = "suite::postgres::helper";

fn options(storage: Storage) -> PostgresOptions {
    PostgresOptions { storage, durability: Durability::Full, settings: Vec::new() }
}

#[tokio::test]
async fn a_durable_server_has_its_data_after_a_restart() {
    let folder = open_folder();
    let options = options(Storage::Durable(folder.path().join("postgres")));
    let first = PostgresServer::start(&options).unwrap();
    let url = first.database("orders").await.unwrap();
    query(&url, "CREATE TABLE kept AS SELECT 42 AS answer").await.unwrap();
    let pid = first.pid();
    first.stop();
    assert!(!alive(pid));

    let second = PostgresServer::start(&options).unwrap();
    assert_eq!(
        query(&second.database("orders").await.unwrap(), "SELECT answer FROM kept").await.unwrap(),
        "42"
    );
    assert_eq!(query(&second.tcp_url("orders"), "SELECT answer FROM kept").await.unwrap(), "42");
    assert!(second.version() >= 15);
}

#[tokio::test]
async fn tcp_asks_for_the_password() {
    let server = PostgresServer::start(&options(Storage::ThrowAway)).unwrap();
    let (head, tail) =
        server.tcp_url("postgres").split_once('@').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let wrong = format!("{}x@{tail}", head);
    assert!(query(&wrong, "SELECT 1").await.is_err());
    assert_eq!(query(&server.tcp_url("postgres"), "SELECT 1").await.unwrap(), "1");
}

#[tokio::test]
async fn durability_is_given_up_only_on_request() {
    let server = PostgresServer::start(&options(Storage::ThrowAway)).unwrap();
    assert_eq!(query(&server.url("postgres"), "SHOW fsync").await.unwrap(), "on");
    let fast = PostgresOptions { durability: Durability::None, ..options(Storage::ThrowAway) };
    let server = PostgresServer::start(&fast).unwrap();
    assert_eq!(query(&server.url("postgres"), "SHOW fsync").await.unwrap(), "off");
}

#[test]
fn one_folder_has_one_owner() {
    let folder = open_folder();
    let options = options(Storage::Durable(folder.path().to_owned()));
    let _first = PostgresServer::start(&options).unwrap();
    assert!(matches!(PostgresServer::start(&options), Err(PostgresError::InUse(_))));
}

#[test]
fn data_moves_out_of_a_folder_that_the_servers_user_cannot_enter() {
    let mode = fs::Permissions::from_mode(0o700);
    let closed = tempfile::Builder::new().permissions(mode).tempdir().unwrap();
    let server = PostgresServer::start(&options(Storage::Durable(closed.path().join("postgres")))).unwrap();
    let data = server.data_folder().to_owned();
    drop(server);
    let ours = closed.path().canonicalize().unwrap();
    // Only root hands the server to another user.
    assert_eq!(data.starts_with(&ours), !rustix::process::geteuid().is_root());
    if !data.starts_with(&ours) {
        assert!(
            data.parent().unwrap().file_name().unwrap().to_str().unwrap().starts_with("orders-local-stack-")
        );
        fs::remove_dir_all(data.parent().unwrap()).unwrap();
    }
}

#[test]
fn a_refused_setting_says_what_the_server_says() {
    let mut options = options(Storage::ThrowAway);
    options.settings.push(("no_such_setting".to_owned(), "1".to_owned()));
    let error = PostgresServer::start(&options).unwrap_err().to_string();
    assert!(error.contains("no_such_setting"), "{error}");
}

#[test]
fn a_server_and_its_folder_go_with_a_killed_owner() {
    let mut owner = Helper::start(HELPER, "throw_away");
    let (pid, folder) = (owner.number(), owner.line());
    assert!(alive(pid));
    owner.kill();
    wait_until("the server has ended", Duration::from_secs(20), || !alive(pid));
    wait_until("its folder is gone", Duration::from_secs(5), || !fs::exists(&folder).unwrap());
}

#[tokio::test]
async fn a_leftover_is_replaced_and_its_data_is_there() {
    let folder = open_folder();
    let mut owner = Helper::start(HELPER, &format!("durable {}", folder.path().display()));
    let (pid, watcher) = (owner.number(), owner.number());
    assert_eq!(owner.line(), "made");
    // With the watcher killed too, nobody is left to stop the server.
    kill(watcher);
    owner.kill();
    std::thread::sleep(Duration::from_millis(300));
    assert!(alive(pid));

    let server = PostgresServer::start(&options(Storage::Durable(folder.path().to_owned()))).unwrap();
    assert!(!alive(pid));
    assert_eq!(query(&server.url("postgres"), "SELECT answer FROM left_behind").await.unwrap(), "42");
}

/// Not a test of its own: plays an owner that gets killed, in a process that [`Helper`] starts.
#[test]
fn helper() {
    play(|part| {
        let storage = match part.strip_prefix("durable ") {
            Some(folder) => Storage::Durable(folder.into()),
            None => Storage::ThrowAway,
        };
        let server = PostgresServer::start(&options(storage)).unwrap();
        say(server.pid());
        if part != "throw_away" {
            say(child_of(std::process::id(), "sh").expect("a watcher"));
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let url = server.url("postgres");
            runtime.block_on(query(&url, "CREATE TABLE left_behind AS SELECT 42 AS answer")).unwrap();
            say("made");
        } else {
            let url = server.url("postgres");
            let folder = url.split('@').nth(1).unwrap().split(':').next().unwrap().replace("%2F", "/");
            say(folder);
        }
        server
    });
}
