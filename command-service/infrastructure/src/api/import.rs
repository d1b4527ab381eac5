//! ImportOrders: a stream of orders, each created by itself.

use command_application::OrderRepository;
use futures_util::{StreamExt, TryStreamExt, stream};
use orders_proto::{
    google::rpc,
    orders::v1::{self as proto, import_order_result::Result as Imported},
};
use prost::Message;
use shared_infrastructure::errors::{ErrorReason, Failure, FieldViolation, bad_request};
use tonic::{Status, Streaming};

use super::{
    decode,
    fields::{Fields, Path},
    request::Origin,
    service::OrderCommandApi,
};

/// The most orders of one stream.
const MAX_ORDERS: usize = 10_000;
/// From how many bytes of results on errors come without their details. With 10,000 results, the rest fits into the 4 MiB that
/// clients take.
const MAX_ANSWER: usize = 1024 * 1024;
/// How many orders of one stream are worked on at a time.
const CONCURRENCY: usize = 32;

impl<R: OrderRepository> OrderCommandApi<R> {
    /// One result per order, in the order they were sent. What was created before a stream broke stays created.
    pub(super) async fn import(
        &self,
        origin: &Origin,
        requests: Streaming<proto::ImportOrdersRequest>,
    ) -> Result<proto::ImportOrdersResponse, Status> {
        let numbered = requests.zip(stream::iter(0usize..));
        let results = numbered
            .map(|(request, index)| request.and_then(|request| within_limit(index).map(|()| request)))
            .map_ok(|request| async move { Ok(self.import_one(origin, request).await) })
            .try_buffered(CONCURRENCY);
        let results = results.try_collect().await?;
        Ok(proto::ImportOrdersResponse { results: within_answer(results) })
    }

    async fn import_one(
        &self,
        origin: &Origin,
        request: proto::ImportOrdersRequest,
    ) -> proto::ImportOrderResult {
        let result = match self.create_one(origin, request).await {
            Ok(imported) => Imported::Imported(imported),
            Err(status) => Imported::Error(wire(&status)),
        };
        proto::ImportOrderResult { result: Some(result) }
    }

    async fn create_one(
        &self,
        origin: &Origin,
        request: proto::ImportOrdersRequest,
    ) -> Result<proto::ImportedOrder, Status> {
        let mut fields = Fields::default();
        let request = fields.required(Path::Root.field("request"), request.request);
        let request = fields.finish(request)?;
        let create = |fields: &mut Fields, request: proto::CreateOrderRequest| {
            if request.validate_only {
                return fields.invalid(Path::Root.field("validate_only"), "must be unset: an import commits");
            }
            decode::create_order(fields, Path::Root, request)
        };
        let outcome = self.run(origin.clone(), request, create).await?;
        let published = outcome.orders.first().and_then(|committed| committed.published.as_ref());
        let order = published.map(|published| proto::Order::decode(published.0.as_slice())).transpose();
        let order = order.map_err(|error| Failure::internal(&error).into_status())?.unwrap_or_default();
        Ok(proto::ImportedOrder {
            name: order.name,
            order_number: order.order_number,
            version: order.version,
            idempotent_replay: outcome.replayed,
        })
    }
}

/// Leaves the details of errors out where the answer would become longer than clients take: what was created has to be told.
fn within_answer(mut results: Vec<proto::ImportOrderResult>) -> Vec<proto::ImportOrderResult> {
    let mut length = 0;
    for result in &mut results {
        length += result.encoded_len();
        if let Some(Imported::Error(status)) = &mut result.result
            && length > MAX_ANSWER
        {
            status.details.clear();
        }
    }
    results
}

fn within_limit(index: usize) -> Result<(), Status> {
    if index < MAX_ORDERS {
        return Ok(());
    }
    let rule = format!("a stream can have {MAX_ORDERS} orders; those before this one were imported");
    Err(bad_request(vec![FieldViolation::new("request", ErrorReason::InvalidField, rule)]))
}

/// A status as a message: its details are one already, if it has any.
fn wire(status: &Status) -> rpc::Status {
    let bare =
        || rpc::Status { code: status.code().into(), message: status.message().to_owned(), details: vec![] };
    match rpc::Status::decode(status.details()) {
        Ok(whole) if whole.code == i32::from(status.code()) => whole,
        _ => bare(),
    }
}
