//! The ways to abuse a connection. The tests of the whole system go them too.

use std::{net::SocketAddr, time::Duration};

use tokio::{io::AsyncWriteExt, net::TcpStream, time::sleep};

use super::{
    frames::{
        CONTINUATION, DATA, END_HEADERS, HEADERS, PING, PRIORITY, RESET, SETTINGS, WINDOW_UPDATE, call,
        closed, flood, frame, headers, open,
    },
    soon,
};

/// Settings that leave no room for an answer.
const NO_ROOM: [u8; 6] = [0, 4, 0, 0, 0, 0];

/// The ways to abuse a connection.
pub(crate) const WAYS: usize = 14;

/// Whose connections are abused.
#[derive(Clone)]
pub(crate) struct Victim {
    pub(crate) address: SocketAddr,
    /// A method it has.
    pub(crate) path: &'static str,
    /// A message for it, in its frame.
    pub(crate) message: Vec<u8>,
}

/// Abuses a connection, and waits for its end where the server has to end it.
pub(crate) async fn abuse(victim: Victim, way: usize) {
    let Victim { address, path, message } = victim;
    let headers = |more| headers(path, more);
    let call = |number| call(odd(number), path, &message);
    let mut stream = open(address, if way == 4 { &NO_ROOM } else { &[] }).await;
    let begin = frame(HEADERS, END_HEADERS, 1, &headers(1));
    match way {
        0 => {
            let reset = |number| [call(number), frame(RESET, 0, odd(number), &[0, 0, 0, 8])].concat();
            flood(&mut stream, 2000, reset).await;
        }
        1 => {
            let _ = stream.write_all(&frame(HEADERS, 0, 1, &headers(1))).await;
            flood(&mut stream, 2000, |_| frame(CONTINUATION, 0, 1, &[0, 1, b'a', 1, b'b'])).await;
        }
        2 => flood(&mut stream, 20_000, |_| frame(PING, 0, 0, &[7; 8])).await,
        3 => flood(&mut stream, 20_000, |_| frame(SETTINGS, 0, 0, &[])).await,
        4 => {
            flood(&mut stream, 100, call).await;
            soon(closed(stream)).await
        }
        5 => {
            let _ = stream.write_all(&frame(HEADERS, 0, 1, &headers(1))).await;
            sleep(Duration::from_millis(100)).await;
        }
        6 => {
            let _ = stream.write_all(&frame(HEADERS, END_HEADERS, 1, &headers(12_000))).await;
        }
        7 => {
            let _ = stream.write_all(&begin).await;
            flood(&mut stream, 10, |_| frame(DATA, 0, 1, &[0])).await;
            sleep(Duration::from_millis(100)).await;
        }
        8 => flood(&mut stream, 100, |number| number.to_be_bytes().repeat(1000)).await,
        9 => {
            let mut plain = TcpStream::connect(address).await.unwrap();
            plain.write_all(b"GET / HTTP/1.1\r\nhost: orders\r\n\r\n").await.unwrap();
            soon(closed(plain)).await
        }
        10 => flood(&mut stream, 20_000, |number| frame(PRIORITY, 0, odd(number), &[0, 0, 0, 0, 5])).await,
        11 => {
            let _ = stream.write_all(&frame(WINDOW_UPDATE, 0, 0, &[0x7f, 255, 255, 255])).await;
            soon(closed(stream)).await
        }
        12 => {
            let _ = stream.write_all(&begin).await;
            flood(&mut stream, 100, |_| frame(DATA, 0, 1, &[1; 16_000])).await;
        }
        _ => {
            let silent = TcpStream::connect(address).await.unwrap();
            soon(closed(silent)).await
        }
    }
}

/// The streams that clients open have odd numbers.
fn odd(number: u32) -> u32 {
    2 * number + 1
}
