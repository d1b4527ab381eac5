//! Events as CloudEvents 1.0 (<https://github.com/cloudevents/spec>) in NATS's binary mode: attributes are headers that begin with
//! `ce-`, the data is the message's body, and `content-type` says what that is.

use async_nats::{HeaderMap, header::NATS_MESSAGE_ID};
use bytes::Bytes;
use chrono::SecondsFormat;
use command_application::OutgoingEvent;
use orders_proto::orders::v1::ActorKind;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use prost_reflect::DynamicMessage;
use shared_infrastructure::wire::enums;

use super::stored_events::{CONTRACT, PACKAGE};

/// What the data of an event is encoded as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataFormat {
    /// As the protobuf message that `ce-type` names.
    Protobuf,
    /// As the same message in protobuf's JSON.
    Json,
}

impl DataFormat {
    const fn content_type(self) -> &'static str {
        match self {
            Self::Protobuf => "application/protobuf",
            Self::Json => "application/json",
        }
    }
}

/// How events are published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventStyle {
    /// What subjects begin with: one word, or several with points between them.
    pub prefix: String,
    /// The `ce-source`: a URI that says which system the events are from.
    pub source: String,
    /// What the data is encoded as.
    pub data: DataFormat,
}

impl EventStyle {
    /// The subject: `PREFIX.TENANT.ORDER.KIND`.
    pub(super) fn subject(&self, event: &OutgoingEvent) -> String {
        format!("{}.{}.{}.{}", self.prefix, event.tenant, event.order, event.kind)
    }

    /// The headers. `Nats-Msg-Id` makes the broker keep an event once that is handed over twice.
    pub(super) fn headers(&self, event: &OutgoingEvent) -> HeaderMap {
        let id = event.id();
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, id.as_str());
        headers.insert("ce-specversion", "1.0");
        headers.insert("ce-id", id.as_str());
        headers.insert("ce-type", format!("{PACKAGE}.{}", event.kind));
        headers.insert("ce-source", encoded(&self.source));
        headers.insert("ce-subject", format!("orders/{}", event.order));
        headers.insert("ce-time", event.time.to_rfc3339_opts(SecondsFormat::Micros, true));
        headers.insert("content-type", self.data.content_type());
        headers.insert("ce-tenant", event.tenant.as_str());
        headers.insert("ce-orderversion", event.version.to_string());
        headers.insert("ce-eventindex", event.index.to_string());
        if let Some(actor) = &event.actor {
            let kind = ActorKind::try_from(enums::actor_kind::number(actor.kind)).unwrap_or_default();
            headers.insert("ce-actorkind", kind.as_str_name());
            headers.insert("ce-actor", encoded(&actor.subject));
        }
        if let Some(traceparent) = &event.traceparent {
            // The first for whoever traces messages, the second as CloudEvents' own extension.
            headers.insert("traceparent", traceparent.as_str());
            headers.insert("ce-traceparent", traceparent.as_str());
        }
        headers
    }

    /// The data.
    ///
    /// # Errors
    /// Why it cannot be encoded so.
    pub(super) fn data(&self, event: &OutgoingEvent) -> Result<Bytes, String> {
        if self.data == DataFormat::Protobuf {
            return Ok(Bytes::copy_from_slice(&event.data));
        }
        let message = CONTRACT.get_message_by_name(&format!("{PACKAGE}.{}", event.kind));
        let message = message.ok_or_else(|| format!("there is no message {}", event.kind))?;
        let data =
            DynamicMessage::decode(message, event.data.as_slice()).map_err(|error| error.to_string())?;
        serde_json::to_vec(&data).map(Bytes::from).map_err(|error| error.to_string())
    }
}

/// A text as the value of a header: what is not printable ASCII, the space, `"` and `%` are percent-encoded, as CloudEvents wants it.
fn encoded(text: &str) -> String {
    const ENCODED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'%');
    utf8_percent_encode(text, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn header_values_are_printable() {
        assert_eq!(encoded("users/ada@example.com"), "users/ada@example.com");
        assert_eq!(encoded("Å da\r\n\"%"), "%C3%85%20da%0D%0A%22%25");
    }
}
