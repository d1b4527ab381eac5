//! One call of a service, from its bytes to its end, without a connection in between.

use std::convert::Infallible;

use bytes::{BufMut, Bytes, BytesMut};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use shared_domain::{Actor, ActorKind, Caller, TenantId};
use tonic::{Code, Status, body::Body};
use tonic_types::StatusExt;
use tower::{Service, ServiceExt};

/// What tonic says of a message that is none, ahead of every handler. The chassis makes a refusal of it.
const UNDECODABLE: &str = "failed to decode Protobuf message";

/// The code that a call ended with, and the messages that it was answered with.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: Code,
    pub(crate) messages: Vec<Bytes>,
}

/// Calls a method with an encoded message, and checks what every answer has to be: no defect, and a refusal says why.
pub(crate) async fn call<S>(service: S, path: String, message: &[u8]) -> Answer
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    let mut frame = BytesMut::with_capacity(message.len() + 5);
    frame.put_u8(0);
    frame.put_u32(u32::try_from(message.len()).expect("inputs are short"));
    frame.put_slice(message);
    let mut request =
        Request::post(path).body(Body::new(Full::new(frame.freeze()))).expect("a path is a path");
    request.extensions_mut().insert(caller());

    let response = service.oneshot(request).await.unwrap_or_else(|never| match never {});
    let at_once = Status::from_header_map(response.headers());
    let body = response.into_body().collect().await.expect("no body breaks off");
    let at_end = body.trailers().and_then(Status::from_header_map);
    let status = at_once.or(at_end).expect("every answer has a status");
    check(&status);
    Answer { code: status.code(), messages: messages(body.to_bytes()) }
}

fn check(status: &Status) {
    let undecodable = status.code() == Code::Internal && status.message().starts_with(UNDECODABLE);
    if status.code() == Code::Ok || (undecodable && status.details().is_empty()) {
        return;
    }
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| info.reason.as_str());
    assert!(reason.is_some_and(|reason| reason != "INTERNAL"), "no refusal of the catalogue: {status:?}");
    assert!(!matches!(status.code(), Code::Internal | Code::Unknown), "{status:?}");
}

fn messages(mut body: Bytes) -> Vec<Bytes> {
    let mut messages = vec![];
    while body.len() >= 5 {
        let head = body.split_to(5);
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
        messages.push(body.split_to(usize::try_from(length).expect("it was in memory")));
    }
    messages
}

fn caller() -> Caller {
    Caller {
        tenant: TenantId::new("acme").expect("a tenant"),
        actor: Actor { kind: ActorKind::User, subject: "ada".into() },
        scopes: ["*".to_owned()].into(),
    }
}
