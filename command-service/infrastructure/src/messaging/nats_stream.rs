//! The JetStream stream that events are kept in: made if it is missing, and left alone if it is there.

use std::time::Duration;

use async_nats::jetstream::{
    Context, ErrorCode,
    context::GetStreamErrorKind,
    stream::{Config, DiscardPolicy, RetentionPolicy, StorageType},
};
use tokio::sync::Mutex;

/// How long the broker knows an event again that it is handed a second time. Later, whoever consumes it has to.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(120);

/// What the stream is made like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamSettings {
    /// Its name.
    pub name: String,
    /// On how many servers it is kept, from 1 to 5.
    pub replicas: u8,
    /// How long events are kept; zero for ever.
    pub max_age: Duration,
}

/// Why the stream cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum StreamProblem {
    /// It takes other subjects.
    #[error("the stream {name} takes the subjects {takes:?}, which leave out {wanted}")]
    OtherSubjects { name: String, takes: Vec<String>, wanted: String },
    /// It acknowledges nothing.
    #[error("the stream {0} is set up to acknowledge nothing")]
    NoAcknowledgements(String),
    /// NATS says no, or nothing.
    #[error("cannot {what} the stream {name}: {reason}")]
    Nats { what: &'static str, name: String, reason: String },
}

/// The stream, once it was seen.
#[derive(Debug)]
pub(super) struct Stream {
    settings: StreamSettings,
    prefix: String,
    seen: Mutex<bool>,
}

impl Stream {
    /// For subjects that begin with `prefix`.
    pub(super) fn new(settings: StreamSettings, prefix: String) -> Self {
        Self { settings, prefix, seen: Mutex::new(false) }
    }

    /// Makes sure that the stream is there, unless that was seen before. One that is made has nothing of what went to an earlier one.
    pub(super) async fn ensure(&self, nats: &Context) -> Result<(), StreamProblem> {
        let mut seen = self.seen.lock().await;
        if !*seen {
            self.look(nats).await?;
            *seen = true;
        }
        Ok(())
    }

    /// The stream seems to be gone.
    pub(super) async fn look_again(&self) {
        *self.seen.lock().await = false;
    }

    async fn look(&self, nats: &Context) -> Result<(), StreamProblem> {
        let StreamSettings { name, .. } = &self.settings;
        let failed = |what, reason: String| StreamProblem::Nats { what, name: name.clone(), reason };
        let stream = match nats.get_stream(name).await {
            Ok(stream) => stream.cached_info().config.clone(),
            Err(error) if is_missing(&error.kind()) => {
                let made = nats.create_stream(self.config()).await;
                let made = made.map_err(|error| failed("make", error.to_string()))?;
                tracing::warn!(
                    stream = %name,
                    "made the stream, since there was none; if there was one before, `command-service relay replay --since` fills this one"
                );
                made.cached_info().config.clone()
            }
            Err(error) => return Err(failed("look at", error.to_string())),
        };
        let wanted = format!("{}.*.*.*", self.prefix);
        if !stream.subjects.iter().any(|filter| covers(filter, &wanted)) {
            return Err(StreamProblem::OtherSubjects { name: name.clone(), takes: stream.subjects, wanted });
        }
        if stream.no_ack {
            return Err(StreamProblem::NoAcknowledgements(name.clone()));
        }
        Ok(())
    }

    fn config(&self) -> Config {
        Config {
            name: self.settings.name.clone(),
            description: Some("What happens to orders, as CloudEvents".to_owned()),
            subjects: vec![format!("{}.>", self.prefix)],
            storage: StorageType::File,
            retention: RetentionPolicy::Limits,
            discard: DiscardPolicy::Old,
            duplicate_window: match self.settings.max_age {
                Duration::ZERO => DUPLICATE_WINDOW,
                // NATS wants it no longer than that.
                max_age => DUPLICATE_WINDOW.min(max_age),
            },
            max_age: self.settings.max_age,
            num_replicas: self.settings.replicas.into(),
            allow_direct: true,
            ..Config::default()
        }
    }
}

fn is_missing(kind: &GetStreamErrorKind) -> bool {
    matches!(kind, GetStreamErrorKind::JetStream(error) if error.error_code() == ErrorCode::STREAM_NOT_FOUND)
}

/// Whether every subject that matches `wanted` matches `filter` too.
fn covers(filter: &str, wanted: &str) -> bool {
    let mut wanted = wanted.split('.');
    for token in filter.split('.') {
        match (token, wanted.next()) {
            (">", Some(_)) => return true,
            ("*", Some(word)) if word != ">" => {}
            (token, Some(word)) if token == word => {}
            _ => return false,
        }
    }
    wanted.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn filters_cover_what_they_match() {
        for filter in [">", "orders.>", "orders.*.*.*", "*.*.*.*", "*.>", "orders.*.*.>"] {
            assert!(covers(filter, "orders.*.*.*"), "{filter}");
        }
        for filter in ["orders", "orders.*.*", "orders.*.*.*.*", "orders.acme.>", "order.>", "orders.*.*.*.>"]
        {
            assert!(!covers(filter, "orders.*.*.*"), "{filter}");
        }
    }
}
