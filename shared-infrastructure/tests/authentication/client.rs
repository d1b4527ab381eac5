//! A client that sends any headers, over bare HTTP/2.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode};
use http_body_util::Empty;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::server::CALLER;

/// A method that reads, and one that writes.
pub(crate) const READ: &str = "/orders.v1.OrderQueryService/GetOrder";
pub(crate) const WRITE: &str = "/orders.v1.OrderCommandService/PlaceOrder";

#[derive(Clone)]
pub(crate) struct Client {
    connection: http2::SendRequest<Empty<Bytes>>,
}

/// Why a call was refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: Code,
    pub(crate) reason: String,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn is(&self, code: Code, reason: &str) -> bool {
        (self.code, self.reason.as_str()) == (code, reason)
    }
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        let (connection, driver) =
            http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        tokio::spawn(driver);
        Self { connection }
    }

    /// Calls with these headers; gives the caller that was let in.
    pub(crate) async fn call(
        &self,
        path: &str,
        headers: &[(&'static str, impl AsRef<[u8]>)],
    ) -> Result<String, Refusal> {
        let mut request =
            Request::post(format!("http://orders{path}")).header("content-type", "application/grpc");
        for (name, value) in headers {
            request = request.header(*name, HeaderValue::from_bytes(value.as_ref()).unwrap());
        }
        let mut connection = self.connection.clone();
        connection.ready().await.unwrap();
        let response = connection.send_request(request.body(Empty::new()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let status = Status::from_header_map(response.headers()).expect("an answer without a message");
        if status.code() == Code::Ok {
            return Ok(response.headers()[CALLER].to_str().unwrap().to_owned());
        }
        let details = status.get_error_details();
        let info = details.error_info().unwrap_or_else(|| panic!("without ErrorInfo: {status:?}"));
        let retry = details.retry_info().is_some();
        assert_eq!(retry, status.code() == Code::Unavailable, "{status:?}");
        let (reason, message) = (info.reason.clone(), status.message().to_owned());
        Err(Refusal { code: status.code(), reason, message })
    }

    /// Reads with a token.
    pub(crate) async fn read(&self, token: &str) -> Result<String, Refusal> {
        self.call(READ, &[("authorization", format!("Bearer {token}"))]).await
    }
}
