//! A real NATS server: its start, its streams, its end, and what is left of it when its owner is killed.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    time::Duration,
};

use super::support::{Helper, alive, child_of, kill, open_folder, play, say, wait_until};
use local_stack::{NatsError, NatsOptions, NatsServer, Storage};

const HELPER: &str = "suite::nats::helper";

fn durable(folder: &std::path::Path) -> NatsOptions {
    NatsOptions { storage: Storage::Durable(folder.to_owned()), ..NatsOptions::for_tests() }
}

/// Asks JetStream for something, in NATS's own words; the answer's body.
fn ask(server: &NatsServer, subject: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    write!(stream, "CONNECT {{}}\r\nSUB answers 1\r\nPUB {subject} answers {}\r\n{body}\r\n", body.len())
        .unwrap();
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    lines.find(|line| line.starts_with("MSG answers")).unwrap();
    lines.next().unwrap()
}

#[test]
fn streams_are_there_after_a_restart() {
    let folder = open_folder();
    let first = NatsServer::start(&durable(folder.path())).unwrap();
    let made = ask(
        &first,
        "$JS.API.STREAM.CREATE.kept",
        r#"{"name":"kept","subjects":["kept"],"retention":"limits"}"#,
    );
    assert!(made.contains(r#""name":"kept""#), "{made}");
    ask(&first, "kept", "hello");
    let pid = first.pid();
    first.stop();
    assert!(!alive(pid));

    let second = NatsServer::start(&durable(folder.path())).unwrap();
    let found = ask(&second, "$JS.API.STREAM.INFO.kept", "");
    assert!(found.contains(r#""messages":1"#), "{found}");
}

#[test]
fn one_folder_has_one_owner_and_one_address_one_server() {
    let folder = open_folder();
    let first = NatsServer::start(&durable(folder.path())).unwrap();
    assert!(matches!(NatsServer::start(&durable(folder.path())), Err(NatsError::InUse(_))));
    let same = NatsOptions { address: first.address(), ..NatsOptions::for_tests() };
    assert!(matches!(NatsServer::start(&same), Err(NatsError::AddressTaken(_))));
}

#[test]
fn refused_settings_say_what_the_server_says() {
    let options = NatsOptions { settings: "no_such_setting: 1".to_owned(), ..NatsOptions::for_tests() };
    let error = NatsServer::start(&options).unwrap_err().to_string();
    assert!(error.contains("no_such_setting"), "{error}");
}

#[test]
fn a_server_and_its_folder_go_with_a_killed_owner() {
    let mut owner = Helper::start(HELPER, "throw_away");
    let (pid, folder) = (owner.number(), owner.line());
    assert!(alive(pid) && fs::exists(&folder).unwrap());
    owner.kill();
    wait_until("the server has ended", Duration::from_secs(20), || !alive(pid));
    wait_until("its folder is gone", Duration::from_secs(5), || !fs::exists(&folder).unwrap());
}

#[test]
fn a_leftover_is_replaced() {
    let folder = open_folder();
    let mut owner = Helper::start(HELPER, &folder.path().display().to_string());
    let (pid, watcher) = (owner.number(), owner.number());
    // With the watcher killed too, nobody is left to stop the server.
    kill(watcher);
    owner.kill();
    std::thread::sleep(Duration::from_millis(300));
    assert!(alive(pid));

    let _server = NatsServer::start(&durable(folder.path())).unwrap();
    assert!(!alive(pid));
}

/// Not a test of its own: plays an owner that gets killed, in a process that [`Helper`] starts.
#[test]
fn helper() {
    play(|part| {
        if part == "throw_away" {
            let server = NatsServer::start(&NatsOptions::for_tests()).unwrap();
            say(server.pid());
            say(server.folder().display());
            return server;
        }
        let server = NatsServer::start(&durable(part.as_ref())).unwrap();
        say(server.pid());
        say(child_of(std::process::id(), "sh").expect("a watcher"));
        server
    });
}
