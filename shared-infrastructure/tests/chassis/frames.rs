//! A client that speaks HTTP/2 frame by frame, and so can speak it badly.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const PRIORITY: u8 = 2;
pub(crate) const RESET: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PING: u8 = 6;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;
pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;

pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// One frame.
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// The headers of a call of a method, uncompressed, with one more of a length.
pub(crate) fn headers(path: &str, more: usize) -> Vec<u8> {
    let more = "x".repeat(more);
    let fields = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "orders"),
        ("content-type", "application/grpc"),
        ("x-more", &more),
    ];
    let mut block = Vec::new();
    for (name, value) in fields {
        block.push(0);
        for text in [name, value] {
            let mut rest = text.len();
            if rest < 127 {
                block.push(u8::try_from(rest).unwrap());
            } else {
                block.push(127);
                rest -= 127;
                while rest >= 128 {
                    block.push(u8::try_from(rest % 128).unwrap() | 128);
                    rest /= 128;
                }
                block.push(u8::try_from(rest).unwrap());
            }
            block.extend_from_slice(text.as_bytes());
        }
    }
    block
}

/// A whole call of a method, with a message in its frame.
pub(crate) fn call(stream: u32, path: &str, message: &[u8]) -> Vec<u8> {
    [frame(HEADERS, END_HEADERS, stream, &headers(path, 1)), frame(DATA, END_STREAM, stream, message)]
        .concat()
}

/// Opens a connection and sends the preface and `settings`.
pub(crate) async fn open(address: SocketAddr, settings: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(&[PREFACE, &frame(SETTINGS, 0, 0, settings)].concat()).await.unwrap();
    stream
}

/// Sends `bytes` again and again until the server has had enough, or so many times; reads nothing meanwhile.
pub(crate) async fn flood(stream: &mut TcpStream, times: u32, mut bytes: impl FnMut(u32) -> Vec<u8>) {
    for number in 0..times {
        let chunk = bytes(number);
        let sent =
            tokio::time::timeout(std::time::Duration::from_millis(200), stream.write_all(&chunk)).await;
        if !matches!(sent, Ok(Ok(()))) {
            return;
        }
    }
}

/// Waits until the server has closed the connection.
pub(crate) async fn closed(mut stream: TcpStream) {
    let mut buffer = [0; 4096];
    while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
}
