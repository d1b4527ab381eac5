//! What every mutation carries besides its command: who calls, the trace, the request id, the etag, and whether to commit.

use std::time::Instant;

use command_application::{CommandContext, RequestKey};
use orders_proto::orders::v1 as proto;
use prost::Message;
use sha2::{Digest, Sha256};
use shared_domain::Caller;
use shared_infrastructure::{auth, errors::ErrorReason, grpc::Deadline};
use tonic::{Request, Status};
use uuid::Uuid;

use super::{
    fields::{Checked, Fields, Path},
    trace,
};

/// A request that changes an order.
pub(crate) trait Mutation: Message {
    /// The name of its method, so that one request id is not taken for the same in another method.
    const METHOD: &'static str;

    /// Takes the request id out.
    fn take_request_id(&mut self) -> String;

    /// The etag; empty where there is none to send.
    fn etag(&self) -> &str;

    /// Whether everything is to be done but commit.
    fn validate_only(&self) -> bool;
}

macro_rules! mutations {
    ($($message:ident: $method:literal $(, $etag:ident)?;)*) => {$(
        impl Mutation for proto::$message {
            const METHOD: &'static str = $method;

            fn take_request_id(&mut self) -> String {
                std::mem::take(&mut self.request_id)
            }

            fn etag(&self) -> &str {
                mutations!(@etag self $($etag)?)
            }

            fn validate_only(&self) -> bool {
                self.validate_only
            }
        }
    )*};
    (@etag $self:ident etag) => { &$self.etag };
    (@etag $self:ident) => { "" };
}

mutations! {
    CreateOrderRequest: "CreateOrder";
    BatchCreateOrdersRequest: "BatchCreateOrders";
    UpdateOrderRequest: "UpdateOrder", etag;
    AmendOrderRequest: "AmendOrder", etag;
    PlaceOrderRequest: "PlaceOrder", etag;
    ConfirmOrderRequest: "ConfirmOrder", etag;
    HoldOrderRequest: "HoldOrder", etag;
    ReleaseOrderRequest: "ReleaseOrder", etag;
    CompleteOrderRequest: "CompleteOrder", etag;
    CancelOrderRequest: "CancelOrder", etag;
    DeleteOrderRequest: "DeleteOrder", etag;
    AddOrderNoteRequest: "AddOrderNote", etag;
    CreateShipmentRequest: "CreateShipment", etag;
    ShipShipmentRequest: "ShipShipment", etag;
    DeliverShipmentRequest: "DeliverShipment", etag;
    FailShipmentRequest: "FailShipment", etag;
    CancelShipmentRequest: "CancelShipment", etag;
    RecordPaymentTransactionRequest: "RecordPaymentTransaction", etag;
}

/// Where a request comes from.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    caller: Caller,
    traceparent: Option<String>,
    deadline: Option<Instant>,
}

impl Origin {
    /// Of an authenticated request.
    pub(crate) fn of<T>(request: &Request<T>) -> Result<Self, Status> {
        let deadline = request.extensions().get::<Deadline>().map(|deadline| deadline.instant());
        let traceparent = trace::parent(request.metadata());
        Ok(Self { caller: auth::caller(request)?, traceparent, deadline })
    }
}

/// Takes the common fields out of a request.
pub(crate) fn context<M: Mutation>(
    fields: &mut Fields,
    origin: Origin,
    message: &mut M,
) -> Checked<CommandContext> {
    let id = message.take_request_id();
    let request = request_key(fields, &id, message);
    let expected_version = expected_version(fields, message.etag());
    Ok(CommandContext {
        caller: origin.caller,
        request: request?,
        expected_version: expected_version?,
        validate_only: message.validate_only(),
        traceparent: origin.traceparent,
        deadline: origin.deadline,
    })
}

fn request_key<M: Mutation>(fields: &mut Fields, id: &str, message: &M) -> Checked<Option<RequestKey>> {
    if id.is_empty() {
        return Ok(None);
    }
    let Some(id) = parse_uuid(id) else {
        let rule = "must be a UUID, such as 018f3f6e-7b1a-7c3e-9d2a-5f4b8c6d7e8f";
        return fields.wrong(Path::Root.field("request_id"), ErrorReason::InvalidRequestId, rule);
    };
    let hash = Sha256::new().chain_update(M::METHOD).chain_update([0]).chain_update(message.encode_to_vec());
    Ok(Some(RequestKey { id, part: 0, hash: hash.finalize().into() }))
}

/// The version that an etag such as `W/"3"` stands for.
fn expected_version(fields: &mut Fields, etag: &str) -> Checked<Option<u64>> {
    if etag.is_empty() {
        return Ok(None);
    }
    let version = etag.strip_prefix("W/\"").and_then(|rest| rest.strip_suffix('"'));
    let canonical = |version: &&str| version.bytes().all(|b| b.is_ascii_digit()) && !version.starts_with('0');
    match version.filter(canonical).and_then(|version| version.parse().ok()) {
        Some(version) => Ok(Some(version)),
        None => fields.invalid(
            Path::Root.field("etag"),
            "must be the etag of an order as it was read, such as W/\"3\"",
        ),
    }
}

/// A UUID in its usual form, with hyphens.
pub(crate) fn parse_uuid(text: &str) -> Option<Uuid> {
    (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn etags_are_taken_as_they_were_given() {
        let version = |etag: &str| {
            let mut fields = Fields::default();
            let version = expected_version(&mut fields, etag);
            fields.finish(version).ok()
        };
        assert_eq!(version(""), Some(None));
        assert_eq!(version("W/\"12\""), Some(Some(12)));
        for bad in [
            "12",
            "W/12",
            "\"12\"",
            "W/\"\"",
            "W/\"-1\"",
            "W/\"+1\"",
            "W/\"01\"",
            "W/\"99999999999999999999\"",
        ] {
            assert_eq!(version(bad), None, "{bad}");
        }
    }
}
