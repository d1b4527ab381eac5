//! A gRPC client of a few lines, which sends whatever it is told to.

use std::net::SocketAddr;

use bytes::{BufMut, Bytes, BytesMut};
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message;
use tokio::net::TcpStream;
use tonic::{Code, Status};

use crate::service::METHOD;

#[derive(Clone)]
pub(crate) struct Client {
    connection: http2::SendRequest<Full<Bytes>>,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        let (connection, driver) =
            http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        tokio::spawn(driver);
        Self { connection }
    }

    /// Calls the test service's method with `text`.
    pub(crate) async fn tell(&mut self, text: &str, headers: &[(&str, &str)]) -> Result<String, Status> {
        self.call(METHOD, headers, text.to_owned().encode_to_vec()).await
    }

    /// Calls any method with any bytes as its message.
    pub(crate) async fn call<M>(
        &mut self,
        path: &str,
        headers: &[(&str, &str)],
        message: Vec<u8>,
    ) -> Result<M, Status>
    where
        M: Message + Default,
    {
        let response =
            self.open(path, headers, message).await.map_err(|error| Status::unknown(error.to_string()))?;
        if response.status() != StatusCode::OK {
            return Err(Status::unknown(response.status().to_string()));
        }
        if let Some(status) = Status::from_header_map(response.headers()) {
            return Err(status);
        }
        let body =
            response.into_body().collect().await.map_err(|error| Status::unknown(error.to_string()))?;
        let status = Status::from_header_map(body.trailers().expect("an answer ends with trailers")).unwrap();
        if status.code() == Code::Ok {
            Ok(M::decode(body.to_bytes().slice(5..)).unwrap())
        } else {
            Err(status)
        }
    }

    /// The response's head, with the stream of its messages.
    pub(crate) async fn open(
        &mut self,
        path: &str,
        headers: &[(&str, &str)],
        message: Vec<u8>,
    ) -> hyper::Result<http::Response<Incoming>> {
        let mut frame = BytesMut::new();
        frame.put_u8(0);
        frame.put_u32(u32::try_from(message.len()).unwrap());
        frame.extend_from_slice(&message);
        let mut request =
            Request::post(format!("http://orders{path}")).header("content-type", "application/grpc");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.connection.ready().await?;
        self.connection.send_request(request.body(Full::new(frame.freeze())).unwrap()).await
    }
}
