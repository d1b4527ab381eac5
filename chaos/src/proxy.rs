//! A TCP proxy whose weather can be changed: it can be slow, swallow what goes through it, and end its connections.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp},
    sync::watch,
    task::JoinHandle,
    time::sleep,
};

use crate::plan::Swallowed;

/// How much goes through at once.
const PIECE: usize = 8 * 1024;

/// What it is like to go through a proxy now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Weather {
    /// Where the server is; without one, connections end at once.
    pub(crate) upstream: Option<SocketAddr>,
    /// How long each piece takes.
    pub(crate) delay: Duration,
    /// How much goes through; everything if 0.
    pub(crate) bytes_per_second: u32,
    /// What does not come out.
    pub(crate) swallowed: Option<Swallowed>,
    /// Connections that began at a lower number end.
    pub(crate) generation: u64,
}

/// A proxy. It ends with this value, and its connections with it.
#[derive(Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    weather: watch::Sender<Weather>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Listens on a free port, and has no server yet.
    pub(crate) async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (weather, current) = watch::channel(Weather::default());
        Ok(Self { address, weather, accepting: tokio::spawn(accept(listener, current)) })
    }

    /// Where to connect to.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the server is from now on. Connections to where it was go on, if they can.
    pub(crate) fn lead_to(&self, upstream: Option<SocketAddr>) {
        self.weather.send_modify(|weather| weather.upstream = upstream);
    }

    /// Ends all connections.
    pub(crate) fn cut(&self) {
        self.weather.send_modify(|weather| weather.generation += 1);
    }

    /// Changes what it is like.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Weather)) {
        self.weather.send_modify(change);
    }

    /// Good weather again. Connections that lost something end.
    pub(crate) fn heal(&self) {
        self.weather.send_modify(|weather| {
            weather.generation += u64::from(weather.swallowed.is_some());
            *weather =
                Weather { upstream: weather.upstream, generation: weather.generation, ..Weather::default() };
        });
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, weather: watch::Receiver<Weather>) {
    loop {
        match listener.accept().await {
            Ok((client, _)) => drop(tokio::spawn(serve(client, weather.clone()))),
            Err(_) => sleep(Duration::from_millis(20)).await,
        }
    }
}

/// Serves a connection until one of its ends is gone, or it is cut, or the proxy is gone.
async fn serve(client: TcpStream, mut weather: watch::Receiver<Weather>) {
    let began = *weather.borrow_and_update();
    let Some(upstream) = began.upstream else { return };
    let Ok(server) = TcpStream::connect(upstream).await else { return };
    if client.set_nodelay(true).and(server.set_nodelay(true)).is_err() {
        return;
    }
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let requests =
        Pump { from: from_client, to: to_server, weather: weather.clone(), way: Swallowed::Requests };
    let answers =
        Pump { from: from_server, to: to_client, weather: weather.clone(), way: Swallowed::Answers };
    let cut = weather.wait_for(|now| now.generation > began.generation);
    tokio::select! {
        _ = requests.run() => {}
        _ = answers.run() => {}
        _ = cut => {}
    }
}

/// One direction of a connection.
struct Pump {
    from: tcp::OwnedReadHalf,
    to: tcp::OwnedWriteHalf,
    weather: watch::Receiver<Weather>,
    way: Swallowed,
}

impl Pump {
    async fn run(mut self) -> io::Result<()> {
        let mut piece = vec![0; PIECE];
        loop {
            let length = self.from.read(&mut piece).await?;
            if length == 0 {
                return Ok(());
            }
            let weather = *self.weather.borrow();
            if weather.swallowed.is_some_and(|what| what == Swallowed::Both || what == self.way) {
                continue;
            }
            sleep(weather.delay + transmission(length, weather.bytes_per_second)).await;
            self.to.write_all(&piece[..length]).await?;
        }
    }
}

/// How long these bytes take.
fn transmission(length: usize, bytes_per_second: u32) -> Duration {
    if bytes_per_second == 0 {
        return Duration::ZERO;
    }
    Duration::from_secs_f64(length as f64 / f64::from(bytes_per_second))
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    /// A proxy before a server that sends everything back.
    async fn echo() -> Proxy {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let proxy = Proxy::start().await.unwrap();
        proxy.lead_to(Some(listener.local_addr().unwrap()));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut read, mut write) = stream.split();
                    tokio::io::copy(&mut read, &mut write).await.ok();
                });
            }
        });
        proxy
    }

    async fn connect(proxy: &Proxy) -> TcpStream {
        TcpStream::connect(proxy.address()).await.unwrap()
    }

    /// What comes back of a word: none if the connection has ended.
    async fn say(stream: &mut TcpStream, word: &str) -> Option<String> {
        stream.write_all(word.as_bytes()).await.ok()?;
        let mut back = vec![0; word.len()];
        stream.read_exact(&mut back).await.ok()?;
        Some(String::from_utf8(back).unwrap())
    }

    #[tokio::test]
    async fn what_goes_in_comes_out_until_it_is_cut() {
        let proxy = echo().await;
        let mut stream = connect(&proxy).await;
        assert_eq!(say(&mut stream, "hello").await.as_deref(), Some("hello"));
        proxy.cut();
        assert_eq!(say(&mut stream, "hello").await, None);
        assert_eq!(say(&mut connect(&proxy).await, "again").await.as_deref(), Some("again"));
        proxy.lead_to(None);
        assert_eq!(say(&mut connect(&proxy).await, "nobody").await, None);
    }

    #[tokio::test]
    async fn what_is_swallowed_never_comes_out_and_its_connection_ends_when_it_is_over() {
        for swallowed in [Swallowed::Both, Swallowed::Requests, Swallowed::Answers] {
            let proxy = echo().await;
            let mut stream = connect(&proxy).await;
            say(&mut stream, "hello").await.unwrap();
            proxy.change(|weather| weather.swallowed = Some(swallowed));
            let silence = timeout(Duration::from_millis(50), say(&mut stream, "lost")).await;
            assert!(silence.is_err(), "{swallowed:?}: {silence:?}");
            proxy.heal();
            assert_eq!(say(&mut stream, "over").await, None);
            assert_eq!(say(&mut connect(&proxy).await, "new").await.as_deref(), Some("new"));
        }
    }

    #[tokio::test]
    async fn a_slow_link_takes_its_time() {
        let proxy = echo().await;
        let mut stream = connect(&proxy).await;
        proxy.change(|weather| weather.delay = Duration::from_millis(30));
        let start = tokio::time::Instant::now();
        say(&mut stream, "there and back").await.unwrap();
        assert!(start.elapsed() >= Duration::from_millis(60));
        assert_eq!(transmission(500, 1_000), Duration::from_millis(500));
    }
}
