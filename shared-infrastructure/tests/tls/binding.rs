//! A server that asks for a password by SCRAM-SHA-256-PLUS, and tells what the client has bound it to.

use std::net::SocketAddr;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::{
    io::{self, AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// It lets nobody in. What stands before the end of a client's proof, decoded, comes over the channel.
pub(crate) async fn serve() -> (SocketAddr, mpsc::UnboundedReceiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (bound, receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            if let Ok(binding) = ask(&mut stream).await {
                bound.send(binding).ok();
            }
        }
    });
    (address, receiver)
}

async fn ask(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let length = stream.read_u32().await?;
    stream.read_exact(&mut vec![0; length as usize - 4]).await?;
    // AuthenticationSASL
    say(stream, 10, b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0").await?;
    let first = hear(stream).await?;
    let nonce = first.rsplit_once("r=").unwrap().1;
    let challenge = format!("r={nonce}server,s={},i=4096", STANDARD.encode("salt"));
    // AuthenticationSASLContinue
    say(stream, 11, challenge.as_bytes()).await?;
    let proof = hear(stream).await?;
    let binding = proof.strip_prefix("c=").and_then(|rest| rest.split(',').next()).unwrap();
    Ok(STANDARD.decode(binding).unwrap())
}

/// Sends a message about authentication.
async fn say(stream: &mut TcpStream, kind: u32, text: &[u8]) -> io::Result<()> {
    stream.write_u8(b'R').await?;
    stream.write_u32(8 + u32::try_from(text.len()).unwrap()).await?;
    stream.write_u32(kind).await?;
    stream.write_all(text).await
}

/// The text of the client's next message.
async fn hear(stream: &mut TcpStream) -> io::Result<String> {
    stream.read_u8().await?;
    let mut text = vec![0; stream.read_u32().await? as usize - 4];
    stream.read_exact(&mut text).await?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
