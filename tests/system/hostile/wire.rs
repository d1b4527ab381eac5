//! Sends requests over HTTP/2 without a gRPC library in between, many at a time, and tells how they ended.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use h2::{
    RecvStream,
    client::{SendRequest, handshake},
};
use http::{HeaderMap, HeaderValue, Method, Version, header::CONTENT_TYPE};
use tokio::{net::TcpStream, task::JoinSet, time::timeout};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::{attack::Attack, request::Request};

/// Calls at a time on a connection.
const AT_A_TIME: usize = 16;
/// How long any call may take: far longer than one does.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long to look at a watch that was begun.
const WATCHED: Duration = Duration::from_millis(20);

/// How a call ended.
#[derive(Debug)]
pub(super) struct End {
    /// The gRPC code, or what there was instead.
    pub(super) code: String,
    pub(super) message: String,
}

impl End {
    fn new(code: impl Into<String>, message: impl ToString) -> Self {
        Self { code: code.into(), message: message.to_string() }
    }
}

/// Makes `count` requests of an attack from number `first` on, over one connection.
pub(super) async fn ends(
    address: SocketAddr,
    attack: &Attack,
    seed: u64,
    first: u64,
    count: u64,
) -> Vec<(Request, End)> {
    let tcp = TcpStream::connect(address).await.unwrap();
    let (client, connection) = handshake(tcp).await.unwrap();
    let connection = tokio::spawn(connection);
    let (mut calls, mut ends) = (JoinSet::new(), vec![]);
    for number in first..first + count {
        let request = attack.request(seed, number);
        calls.spawn(whole(client.clone(), request));
        if calls.len() == AT_A_TIME {
            ends.extend(calls.join_next().await.map(Result::unwrap));
        }
    }
    ends.extend(calls.join_all().await);
    drop(client);
    connection.abort();
    ends
}

async fn whole(client: SendRequest<Bytes>, request: Request) -> (Request, End) {
    let called = timeout(PATIENCE, call(client, &request)).await;
    let end = match called {
        Ok(Ok(end)) => end,
        Ok(Err(error)) => broken(&error),
        Err(_) => End::new("no answer", ""),
    };
    (request, end)
}

async fn call(client: SendRequest<Bytes>, request: &Request) -> Result<End, h2::Error> {
    let mut client = client.ready().await?;
    let uri = format!("http://orders{}", request.path);
    let mut head = http::Request::builder().method(Method::POST).uri(uri).version(Version::HTTP_2);
    let headers = head.headers_mut().unwrap();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.insert("te", HeaderValue::from_static("trailers"));
    for (name, value) in &request.metadata {
        headers.insert(*name, HeaderValue::from_bytes(value).unwrap());
    }
    let (response, mut body) = client.send_request(head.body(()).unwrap(), false)?;
    // The answer may come before all is sent; then sending fails, and the answer counts.
    body.send_data(request.body.clone().into(), true).ok();

    let response = response.await?;
    let (head, body) = response.into_parts();
    if !head.status.is_success() {
        return Ok(End::new(format!("HTTP {}", head.status.as_u16()), ""));
    }
    match status(&head.headers) {
        Some(end) => Ok(end),
        None if request.path.ends_with("/WatchOrders") => {
            let ended = timeout(WATCHED, at_the_end(body)).await;
            ended.unwrap_or_else(|_| Ok(End::new("OK", "a watch")))
        }
        None => at_the_end(body).await,
    }
}

async fn at_the_end(mut body: RecvStream) -> Result<End, h2::Error> {
    while let Some(data) = body.data().await {
        body.flow_control().release_capacity(data?.len())?;
    }
    let trailers = body.trailers().await?.unwrap_or_default();
    Ok(status(&trailers).unwrap_or_else(|| End::new("UNKNOWN", "ended without a status")))
}

fn status(headers: &HeaderMap) -> Option<End> {
    let status = Status::from_header_map(headers)?;
    let name = format!("{:?}", status.code());
    let mut code = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !code.is_empty() && name != "Ok" {
            code.push('_');
        }
        code.push(c.to_ascii_uppercase());
    }
    // What is not there at all, such as a compression, is refused by the library.
    let of_catalogue = !matches!(status.code(), Code::Ok | Code::Unimplemented);
    if of_catalogue && status.get_error_details().error_info().is_none() {
        return Some(End::new(format!("{code} without a reason"), status.message()));
    }
    Some(End::new(code, status.message()))
}

fn broken(error: &h2::Error) -> End {
    match error.reason() {
        Some(reason) if error.is_reset() => End::new(format!("reset {reason:?}"), error),
        _ => End::new("connection lost", error),
    }
}
