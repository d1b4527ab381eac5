//! Clients that mean harm, beside one that does not: nothing happens to him, and the process holds on to nothing.

use std::{env, fs, time::Duration};

use shared_infrastructure::grpc::ConnectionLimits;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::sleep,
};

use crate::{
    client::Client,
    frames::{END_HEADERS, END_STREAM, HEADERS, SETTINGS, closed, frame, headers, open},
    service::METHOD,
    soon, start_with,
    ways::{Victim, WAYS, abuse},
};

/// Short enough to see the ends of things.
fn hasty() -> ConnectionLimits {
    let short = Duration::from_millis(500);
    ConnectionLimits { open: short, request: short, answer: short, ..ConnectionLimits::default() }
}

/// A gRPC message of the test service.
fn message(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    [&[0, 0, 0, 0, length + 2, 10, length], text.as_bytes()].concat()
}

/// Bytes of this process that are in memory: the server's, and those of all clients.
fn memory() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}

async fn withstand(connections: usize) {
    let server = start_with(Duration::from_secs(1), hasty()).await;
    let address = server.address;
    let victim = Victim { address, path: METHOD, message: message("who") };
    let mut warm = JoinSet::new();
    (0..WAYS).for_each(|way| drop(warm.spawn(abuse(victim.clone(), way))));
    warm.join_all().await;
    let before = memory();

    let honest = tokio::spawn(async move {
        let mut client = Client::connect(address).await;
        for calls in 0.. {
            let answer = soon(client.tell("who", &[])).await;
            assert_eq!(answer.unwrap(), "anonymous of default", "call {calls}");
            sleep(Duration::from_millis(5)).await;
        }
    });
    let mut abusive = JoinSet::new();
    let mut most = before;
    for number in 0..connections {
        if abusive.len() >= 50 {
            abusive.join_next().await.unwrap().unwrap();
            most = most.max(memory());
        }
        abusive.spawn(abuse(victim.clone(), number % WAYS));
    }
    while let Some(ended) = abusive.join_next().await {
        ended.unwrap();
    }
    assert!(!honest.is_finished(), "the honest client failed: {:?}", honest.await);
    honest.abort();
    let more = most.saturating_sub(before) / 1024 / 1024;
    println!("{connections} abusive connections: {more} MiB more memory at most");
    assert!(more <= 64, "{more} MiB");
    server.stop.send(()).unwrap();
    soon(server.ended).await.unwrap();
}

/// Runs the test of this name in a process of its own, in which nothing else takes memory; in that process, the test itself.
async fn alone(test: &str, connections: usize) {
    const ALONE: &str = "ABUSE_ALONE";
    if env::var_os(ALONE).is_some() {
        return withstand(connections).await;
    }
    let mut process = tokio::process::Command::new(env::current_exe().unwrap());
    process.args([&format!("abuse::{test}"), "--exact", "--include-ignored", "--nocapture"]).env(ALONE, "1");
    let output = process.kill_on_drop(true).output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    print!("{text}");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("abusive connections: "), "it did not run: {text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_honest_client_works_on_beside_abusive_ones() {
    alone("an_honest_client_works_on_beside_abusive_ones", 280).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes"]
async fn an_honest_client_works_on_beside_ten_thousand_abusive_connections() {
    alone("an_honest_client_works_on_beside_ten_thousand_abusive_connections", 10_000).await;
}

#[tokio::test]
async fn whoever_does_not_open_a_connection_is_cut() {
    let address = start_with(Duration::from_secs(1), hasty()).await.address;
    let whole = [crate::frames::PREFACE, &frame(SETTINGS, 0, 0, &[0; 6])].concat();
    for bytes in [0, 1, 24, 30, whole.len() - 1] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(&whole[..bytes]).await.unwrap();
        soon(closed(stream)).await;
    }
}

#[tokio::test]
async fn a_request_that_does_not_arrive_is_refused() {
    let address = start_with(Duration::from_secs(1), hasty()).await.address;
    let mut stream = open(address, &[]).await;
    stream.write_all(&frame(HEADERS, END_HEADERS, 1, &headers(METHOD, 1))).await.unwrap();
    let answered = async {
        loop {
            let mut head = [0; 9];
            stream.read_exact(&mut head).await.unwrap();
            let mut payload = vec![0; usize::from(head[1]) * 256 + usize::from(head[2])];
            stream.read_exact(&mut payload).await.unwrap();
            if head[3] == HEADERS {
                return (head[4] & END_STREAM, head[8]);
            }
        }
    };
    assert_eq!(soon(answered).await, (END_STREAM, 1), "a refusal is an answer of headers only");
}

#[tokio::test]
async fn one_connection_too_many_is_closed_and_others_go_on() {
    let limits = ConnectionLimits { connections: 2, ..hasty() };
    let address = start_with(Duration::from_secs(1), limits).await.address;
    let mut first = Client::connect(address).await;
    first.tell("who", &[]).await.unwrap();
    let mut second = Client::connect(address).await;
    second.tell("who", &[]).await.unwrap();
    soon(closed(TcpStream::connect(address).await.unwrap())).await;
    first.tell("who", &[]).await.unwrap();
    drop(second);
    let again = async {
        loop {
            let mut stream = open(address, &[]).await;
            if stream.read(&mut [0; 64]).await.is_ok_and(|read| read > 0) {
                return;
            }
        }
    };
    soon(again).await;
}

#[tokio::test]
async fn an_old_connection_ends_and_its_last_call_is_told() {
    let short = Duration::from_millis(300);
    let limits = ConnectionLimits { age: short, grace: short, ..ConnectionLimits::default() };
    let address = start_with(Duration::from_secs(1), limits).await.address;
    let mut client = Client::connect(address).await;
    let told = soon(client.tell("hang", &[])).await.unwrap_err();
    assert_eq!(told.code(), tonic::Code::Unavailable, "{told}");
}
