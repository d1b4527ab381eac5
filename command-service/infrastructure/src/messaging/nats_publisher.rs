//! Publishes events to NATS JetStream.

use std::{error::Error, time::Duration};

use async_nats::jetstream::{
    self, Context, ErrorCode,
    context::{PublishError as NatsError, PublishErrorKind},
};
use command_application::{EventPublisher, OutgoingEvent, PublishError};

use super::{
    cloud_event::EventStyle,
    nats_connection::{Link, NatsConnection},
    nats_stream::{Stream, StreamSettings},
};
use crate::failpoints;

/// How long to wait for an acknowledgement.
const PATIENCE: Duration = Duration::from_secs(5);

/// Hands events to a JetStream stream, as CloudEvents.
#[derive(Debug)]
pub struct NatsPublisher {
    link: Link,
    jetstream: Context,
    stream: Stream,
    style: EventStyle,
}

impl NatsPublisher {
    /// Connects in the background: there need be no NATS yet.
    ///
    /// # Errors
    /// If that can never work, as with credentials that are none.
    pub async fn connect(
        connection: NatsConnection,
        stream: StreamSettings,
        style: EventStyle,
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let link = connection.open().await?;
        let mut jetstream = jetstream::new(link.client.clone());
        jetstream.set_timeout(PATIENCE);
        let stream = Stream::new(stream, style.prefix.clone());
        Ok(Self { link, jetstream, stream, style })
    }

    async fn hand_over(&self, event: &OutgoingEvent) -> Result<(), PublishError> {
        let data = self.style.data(event).map_err(PublishError::Refused)?;
        let ensured = self.stream.ensure(&self.jetstream).await;
        ensured.map_err(|problem| PublishError::Unavailable(problem.into()))?;
        failpoints::pass(failpoints::EVENT_READY);
        let sent =
            self.jetstream.publish_with_headers(self.style.subject(event), self.style.headers(event), data);
        let acknowledged = match sent.await {
            Ok(acknowledgement) => {
                failpoints::pass(failpoints::EVENT_SENT);
                acknowledgement.await.map(drop)
            }
            Err(error) => Err(error),
        };
        if acknowledged.as_ref().is_err_and(|error| error.kind() == PublishErrorKind::StreamNotFound) {
            self.stream.look_again().await;
        }
        acknowledged.map_err(meaning)
    }
}

impl EventPublisher for NatsPublisher {
    async fn publish(&self, event: &OutgoingEvent) -> Result<(), PublishError> {
        self.link.while_connected(self.hand_over(event)).await
    }
}

/// NATS refuses an event for good if it is too large. All else may change: permissions, limits, the stream itself.
fn meaning(error: NatsError) -> PublishError {
    let refusal = error.source().and_then(|source| source.downcast_ref::<jetstream::Error>());
    let too_large = refusal.is_some_and(|refusal| {
        let code = refusal.error_code();
        code == ErrorCode::STREAM_MESSAGE_EXCEEDS_MAXIMUM || code == ErrorCode::STREAM_HEADER_EXCEEDS_MAXIMUM
    });
    if too_large || error.kind() == PublishErrorKind::MaxPayloadExceeded {
        return PublishError::Refused(error.to_string());
    }
    PublishError::Unavailable(error.into())
}
