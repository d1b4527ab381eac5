//! The connection to NATS: where it goes, who says so, and whether it stands.

use std::{
    error::Error,
    future::Future,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_nats::{
    Client, ClientError, ConnectErrorKind, ConnectOptions, Event, ServerAddr, connection::State,
};
use command_application::PublishError;
use percent_encoding::percent_decode_str;
use tokio::{sync::watch, time::timeout};

/// How long opening a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long to wait before connecting again: at first, and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// Where and as whom to connect.
#[derive(Clone)]
pub struct NatsConnection {
    servers: Vec<ServerAddr>,
    identity: Identity,
    authorities: Option<PathBuf>,
    certificate: Option<(PathBuf, PathBuf)>,
}

/// Who we say we are.
#[derive(Clone)]
enum Identity {
    Nobody,
    User {
        user: String,
        password: String,
    },
    Token(String),
    /// The text of a credentials file.
    Credentials(String),
}

impl NatsConnection {
    /// To any of these servers, given as URLs with commas between them: `nats://HOST[:PORT]`, or `tls://..` to speak with none
    /// without TLS. A user and a password in the first of them are used for all, and a user alone is taken for a token.
    ///
    /// # Errors
    /// What is wrong with them, without quoting them.
    pub fn to(urls: &str) -> Result<Self, &'static str> {
        let problem =
            "not URLs of the form nats://[USER:PASSWORD@]HOST[:PORT] or tls://.., with commas between them";
        let servers: Result<Vec<ServerAddr>, _> = urls.split(',').map(|url| url.trim().parse()).collect();
        let servers = servers.map_err(|_| problem)?;
        let is_usable =
            |server: &ServerAddr| !server.host().is_empty() && matches!(server.scheme(), "nats" | "tls");
        if !servers.iter().all(is_usable) {
            return Err(problem);
        }
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let first = servers
            .first()
            .and_then(|server| Some((decoded(server.username()?), server.password().map(decoded))));
        let identity = match first {
            Some((user, Some(password))) => Identity::User { user, password },
            Some((token, None)) => Identity::Token(token),
            None => Identity::Nobody,
        };
        let servers = servers.into_iter().map(without_secrets).collect();
        Ok(Self { servers, identity, authorities: None, certificate: None })
    }

    /// With these credentials: the text of a `.creds` file, which has a token and the key to prove that it is ours.
    ///
    /// # Errors
    /// If it is not that.
    pub fn with_credentials(self, text: &str) -> Result<Self, &'static str> {
        // Without an end of its last line the driver does not find the key.
        let text = format!("{text}\n");
        ConnectOptions::with_credentials(&text).map_err(|_| "not a credentials file of NATS")?;
        Ok(Self { identity: Identity::Credentials(text), ..self })
    }

    /// Speaks TLS only, and trusts servers whose certificates are signed by those of this PEM file instead of by those that the
    /// machine trusts.
    #[must_use]
    pub fn trusting(self, authorities: PathBuf) -> Self {
        Self { authorities: Some(authorities), ..self }
    }

    /// Speaks TLS only, and shows servers this certificate, which this key belongs to; both are PEM files.
    #[must_use]
    pub fn presenting(self, certificate: PathBuf, key: PathBuf) -> Self {
        Self { certificate: Some((certificate, key)), ..self }
    }

    /// Connects in the background, and again whenever the connection is lost.
    pub(super) async fn open(self) -> Result<Link, Box<dyn Error + Send + Sync>> {
        let health = Arc::new(Health::default());
        let seen = Arc::clone(&health);
        let needs_tls = self.authorities.is_some()
            || self.certificate.is_some()
            || self.servers.iter().all(ServerAddr::tls_required);
        let options = match self.identity {
            Identity::Nobody => ConnectOptions::new(),
            Identity::User { user, password } => ConnectOptions::with_user_and_password(user, password),
            Identity::Token(token) => ConnectOptions::with_token(token),
            Identity::Credentials(text) => ConnectOptions::with_credentials(&text)?,
        };
        let mut options = options
            .name("command-service relay")
            .retry_on_initial_connect()
            .connection_timeout(CONNECT_TIMEOUT)
            .ping_interval(Duration::from_secs(5))
            .require_tls(needs_tls)
            .reconnect_delay_callback(|attempts| {
                let doublings = u32::try_from(attempts).unwrap_or(u32::MAX).saturating_sub(1).min(10);
                PAUSES.1.min(PAUSES.0 * 2_u32.pow(doublings))
            })
            .event_callback(move |event| {
                seen.note(event);
                async {}
            });
        if let Some(authorities) = self.authorities {
            options = options.add_root_certificates(authorities);
        }
        if let Some((certificate, key)) = self.certificate {
            options = options.add_client_certificate(certificate, key);
        }
        let mut news = health.news.subscribe();
        let client = options.connect(self.servers).await?;
        // So that a start is not taken for an outage.
        let _unheard = timeout(CONNECT_TIMEOUT, news.changed()).await;
        Ok(Link { client, health })
    }
}

/// The server's address as it may be logged.
fn without_secrets(server: ServerAddr) -> ServerAddr {
    let mut url = server.clone().into_inner();
    match (url.set_username(""), url.set_password(None)) {
        (Ok(()), Ok(())) => ServerAddr::from_url(url).unwrap_or(server),
        _ => server,
    }
}

/// A connection that opens itself again.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) client: Client,
    health: Arc<Health>,
}

impl Link {
    /// Does something that takes a connection: fails at once if there is none, and as soon as it is lost.
    pub(super) async fn while_connected<T>(
        &self,
        work: impl Future<Output = Result<T, PublishError>>,
    ) -> Result<T, PublishError> {
        let mut losses = self.health.losses.subscribe();
        if self.client.connection_state() != State::Connected {
            return Err(self.health.not_connected());
        }
        tokio::select! {
            done = work => done,
            _ = losses.changed() => Err(self.health.not_connected()),
        }
    }
}

/// What is known of the connection.
#[derive(Debug, Default)]
struct Health {
    /// Changes with every attempt to connect.
    news: watch::Sender<()>,
    /// Changes with every connection that is lost.
    losses: watch::Sender<()>,
    problem: Mutex<Option<String>>,
}

impl Health {
    fn note(&self, event: Event) {
        tracing::debug!(%event, "the connection to NATS");
        let problem = match event {
            Event::Connected => None,
            Event::Disconnected => {
                self.losses.send_replace(());
                None
            }
            // That there is no connection is known without it.
            Event::ClientError(ClientError::Other(error)) if error == ConnectErrorKind::Io.to_string() => {
                None
            }
            Event::ClientError(error) => Some(error.to_string()),
            Event::ServerError(error) => Some(error.to_string()),
            _ => return,
        };
        *self.problem.lock().unwrap_or_else(PoisonError::into_inner) = problem;
        self.news.send_replace(());
    }

    fn not_connected(&self) -> PublishError {
        let problem = self.problem.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let text = problem.map_or("no connection".to_owned(), |problem| format!("no connection: {problem}"));
        PublishError::Unavailable(text.into())
    }
}
