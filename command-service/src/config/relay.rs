//! Where the relay publishes to, and how.

use std::{
    fs::File,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{Args, ValueEnum};
use command_infrastructure::messaging::{
    DataFormat, EventStyle, NatsConnection, RelaySettings, StreamSettings,
};
use secrecy::ExposeSecret;
use shared_infrastructure::config::{ConfigError, DatabaseArgs, NatsUrlArgs, duration, secret_file};

/// The flags of the relay.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Relay")]
pub struct RelayArgs {
    /// Where NATS is.
    #[command(flatten)]
    pub url: NatsUrlArgs,

    /// Credentials file (`.creds`) to connect to NATS with
    #[arg(long, env, value_name = "PATH")]
    pub nats_credentials_file: Option<PathBuf>,

    /// PEM file of the authorities that sign the certificates of NATS, in place of those that the machine trusts
    #[arg(long, env, value_name = "PATH")]
    pub nats_tls_ca: Option<PathBuf>,

    /// PEM file of the certificate to show to NATS
    #[arg(long, env, value_name = "PATH", requires = "nats_tls_key")]
    pub nats_tls_cert: Option<PathBuf>,

    /// PEM file of its key
    #[arg(long, env, value_name = "PATH", requires = "nats_tls_cert")]
    pub nats_tls_key: Option<PathBuf>,

    /// Stream that events are kept in; made if it is missing
    #[arg(long, env, value_name = "NAME", default_value = "orders", value_parser = stream_name)]
    pub relay_stream: String,

    /// On how many servers of NATS the stream is kept, if it is made
    #[arg(long, env, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=5))]
    pub relay_stream_replicas: u8,

    /// How long events are kept in the stream, if it is made; `0s` for ever
    #[arg(long, env, value_name = "TIME", default_value = "30d", value_parser = humantime::parse_duration)]
    pub relay_stream_max_age: Duration,

    /// What the subjects of events begin with
    #[arg(long, env, value_name = "SUBJECT", default_value = "orders", value_parser = subject)]
    pub relay_subject: String,

    /// The source of events, as CloudEvents have it: a URI reference
    #[arg(long, env, value_name = "URI", default_value = "/orders", value_parser = source)]
    pub relay_source: String,

    /// What the data of events is encoded as
    #[arg(long, env, value_enum, value_name = "FORMAT", default_value_t = RelayData::Protobuf)]
    pub relay_data: RelayData,

    /// How long to wait before looking again where there was nothing to publish
    #[arg(long, env, value_name = "TIME", default_value = "50ms", value_parser = duration)]
    pub relay_poll_interval: Duration,

    /// How long the relay that leads may be silent before another takes over; at least 1s
    #[arg(long, env, value_name = "TIME", default_value = "5s", value_parser = lease)]
    pub relay_lease: Duration,
}

/// The encodings of the data of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RelayData {
    /// The protobuf message that the type names
    Protobuf,
    /// The same message in protobuf's JSON
    Json,
}

impl RelayArgs {
    /// The connection to NATS; none if none was asked for.
    ///
    /// # Errors
    /// [`ConfigError`] about what cannot be used, without a secret in it.
    pub fn connection(&self) -> Result<Option<NatsConnection>, ConfigError> {
        let Some(urls) = self.url.urls()? else { return Ok(None) };
        let connection = NatsConnection::to(urls.expose_secret());
        let mut connection =
            connection.map_err(|problem| ConfigError::new(NatsUrlArgs::URL_FLAG, problem))?;
        if let Some(path) = &self.nats_credentials_file {
            let flag = "--nats-credentials-file";
            let text = secret_file(flag, path)?;
            connection = connection
                .with_credentials(text.expose_secret())
                .map_err(|problem| ConfigError::new(flag, problem))?;
        }
        if let Some(path) = &self.nats_tls_ca {
            connection = connection.trusting(readable("--nats-tls-ca", path)?);
        }
        if let (Some(certificate), Some(key)) = (&self.nats_tls_cert, &self.nats_tls_key) {
            let certificate = readable("--nats-tls-cert", certificate)?;
            connection = connection.presenting(certificate, readable("--nats-tls-key", key)?);
        }
        Ok(Some(connection))
    }

    /// What the stream is made like.
    #[must_use]
    pub fn stream(&self) -> StreamSettings {
        StreamSettings {
            name: self.relay_stream.clone(),
            replicas: self.relay_stream_replicas,
            max_age: self.relay_stream_max_age,
        }
    }

    /// How events are published.
    #[must_use]
    pub fn style(&self) -> EventStyle {
        let data = match self.relay_data {
            RelayData::Protobuf => DataFormat::Protobuf,
            RelayData::Json => DataFormat::Json,
        };
        EventStyle { prefix: self.relay_subject.clone(), source: self.relay_source.clone(), data }
    }

    /// How the relay works on this database.
    #[must_use]
    pub fn settings(&self, database: &DatabaseArgs) -> RelaySettings {
        RelaySettings {
            lease: self.relay_lease,
            poll_interval: self.relay_poll_interval,
            patience: database.patience(),
        }
    }
}

fn readable(flag: &'static str, path: &Path) -> Result<PathBuf, ConfigError> {
    let opened = File::open(path).map(|_| path.to_owned());
    opened.map_err(|error| ConfigError::new(flag, format!("{}: {error}", path.display())))
}

fn stream_name(text: &str) -> Result<String, &'static str> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !text.is_empty() && text.chars().all(fits) {
        Ok(text.to_owned())
    } else {
        Err("expected letters, digits, - and _")
    }
}

fn subject(text: &str) -> Result<String, &'static str> {
    let words = text.split('.').map(stream_name);
    words
        .collect::<Result<Vec<_>, _>>()
        .map(|words| words.join("."))
        .map_err(|_| "expected words of letters, digits, - and _ with points between them")
}

fn source(text: &str) -> Result<String, &'static str> {
    if text.is_empty() { Err("expected a URI reference such as /orders") } else { Ok(text.to_owned()) }
}

fn lease(text: &str) -> Result<Duration, String> {
    let time = duration(text)?;
    if time >= Duration::from_secs(1) { Ok(time) } else { Err("must be at least 1s".to_owned()) }
}
