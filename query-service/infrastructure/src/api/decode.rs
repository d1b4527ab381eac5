//! Requests into queries. Everything that is wrong with a request is reported at once.

use std::collections::HashMap;

use orders_proto::orders::v1::{
    self, BatchGetOrdersRequest, GetOrderRequest, ListOrderHistoryRequest, ListOrdersRequest,
    LookupOrderRequest, get_order_request::At,
};
use query_application::{
    BatchGetOrders, Direction, Freshness, GetOrder, ListOrderHistory, ListOrders, LookupOrder, Moment,
    OrderBy, PageSize, Start, View,
};
use shared_domain::{InvalidValue, OrderId, TenantId, Timestamp};
use shared_infrastructure::{errors::ErrorReason, wire};
use tonic::Status;
use uuid::Uuid;

use super::{
    call::at_least,
    filter, lookup_key, order_by,
    page_token::{Binding, PageToken, PageTokenError},
    violations::Violations,
};

/// The query of GetOrder.
pub(super) fn get_order(request: GetOrderRequest) -> Result<(GetOrder, Option<Freshness>), Status> {
    let mut violations = Violations::default();
    let order = violations.field("name", order_id(&request.name));
    let moment = match request.at {
        None => Some(Moment::Now),
        Some(At::Version(version)) => violations.field("version", positive(version)).map(Moment::Version),
        Some(At::ReadTime(time)) => violations.field("read_time", timestamp(time)).map(Moment::Time),
    };
    let at_least = at_least(&request.consistency_token, &mut violations);
    let decoded = || Some((GetOrder { order: order?, moment: moment? }, at_least?));
    violations.or(decoded())
}

/// The query of LookupOrder.
pub(super) fn lookup_order(request: LookupOrderRequest) -> Result<(LookupOrder, Option<Freshness>), Status> {
    let mut violations = Violations::default();
    let key = lookup_key::decode(request.key, &mut violations);
    let at_least = at_least(&request.consistency_token, &mut violations);
    let decoded = || Some((LookupOrder { key: key? }, at_least?));
    violations.or(decoded())
}

/// The query of BatchGetOrders.
pub(super) fn batch_get_orders(
    request: BatchGetOrdersRequest,
) -> Result<(BatchGetOrders, Option<Freshness>), Status> {
    let mut violations = Violations::default();
    let at_least = at_least(&request.consistency_token, &mut violations);
    if !(1..=BatchGetOrders::MAX).contains(&request.names.len()) {
        violations.add(
            "names",
            ErrorReason::InvalidField,
            format!("must be 1 to {} names", BatchGetOrders::MAX),
        );
        return violations.or(None);
    }
    let mut orders = Vec::with_capacity(request.names.len());
    let mut first_places = HashMap::new();
    for (place, name) in request.names.iter().enumerate() {
        let field = format!("names[{place}]");
        let Some(order) = violations.field(&field, order_id(name)) else { continue };
        match first_places.insert(order, place) {
            Some(earlier) => {
                violations.add(field, ErrorReason::InvalidField, format!("repeats names[{earlier}]"))
            }
            None => orders.push(order),
        }
    }
    violations.or(at_least.map(|at_least| (BatchGetOrders { orders }, at_least)))
}

/// The query of ListOrders, and what its page tokens are bound to.
pub(super) fn list_orders(
    request: ListOrdersRequest,
    tenant: &TenantId,
) -> Result<(ListOrders, Binding, Option<Freshness>), Status> {
    let mut violations = Violations::default();
    let filter = violations.check("filter", ErrorReason::InvalidFilter, filter::parse(&request.filter));
    let order_by =
        violations.check("order_by", ErrorReason::InvalidOrderBy, order_by::parse(&request.order_by));
    let page_size = violations.field("page_size", PageSize::requested(request.page_size));
    let view = violations.field("view", view(request.view));
    let token = open(&request.page_token, &mut violations);
    let at_least = at_least(&request.consistency_token, &mut violations);

    let bound = order_by.map(|order_by| (order_by, list_binding(tenant, &request.filter, order_by)));
    let start = token.zip(bound.as_ref()).and_then(|(token, (order_by, binding))| match token {
        None => Some(Start::First(order_by.field)),
        Some(token) => positioned(token.order(binding, order_by.field), &mut violations).map(Start::After),
    });
    let decoded = || {
        let (OrderBy { direction, .. }, binding) = bound?;
        let (filter, start, page_size, view) = (filter?, start?, page_size?, view?);
        let count_total = request.include_total_size;
        Some((ListOrders { filter, start, direction, page_size, view, count_total }, binding, at_least?))
    };
    violations.or(decoded())
}

/// The query of ListOrderHistory, and what its page tokens are bound to.
pub(super) fn list_order_history(
    request: ListOrderHistoryRequest,
    tenant: &TenantId,
) -> Result<(ListOrderHistory, Binding, Option<Freshness>), Status> {
    let mut violations = Violations::default();
    let order = violations.field("name", order_id(&request.name));
    let first = match request.from_version {
        0 => Some(1),
        version => violations.field("from_version", positive(version)),
    };
    let page_size = violations.field("page_size", PageSize::requested(request.page_size));
    let token = open(&request.page_token, &mut violations);
    let at_least = at_least(&request.consistency_token, &mut violations);

    let parts = ["ListOrderHistory", tenant.as_str(), &request.name, &request.from_version.to_string()];
    let binding = Binding::new(&parts);
    let from_version = token.and_then(|token| match token {
        None => first,
        Some(token) => positioned(token.version(&binding), &mut violations).map(|last| last + 1),
    });
    let decoded = || {
        let (order, from_version, page_size) = (order?, from_version?, page_size?);
        Some((ListOrderHistory { order, from_version, page_size }, binding, at_least?))
    };
    violations.or(decoded())
}

fn list_binding(tenant: &TenantId, filter: &str, order_by: OrderBy) -> Binding {
    let direction = match order_by.direction {
        Direction::Ascending => "asc",
        Direction::Descending => "desc",
    };
    Binding::new(&["ListOrders", tenant.as_str(), filter, order_by.field.name(), direction])
}

/// The token, if there is one; nothing at all if it is no token.
pub(super) fn open(token: &str, violations: &mut Violations) -> Option<Option<PageToken>> {
    positioned(PageToken::open(token), violations)
}

pub(super) fn positioned<T>(position: Result<T, PageTokenError>, violations: &mut Violations) -> Option<T> {
    position.map_err(|error| violations.add("page_token", error.reason(), error)).ok()
}

/// The order that a resource name names.
fn order_id(name: &str) -> Result<OrderId, InvalidValue> {
    let hyphenated = name.strip_prefix("orders/").filter(|id| id.len() == uuid::fmt::Hyphenated::LENGTH);
    let id = hyphenated.and_then(|id| Uuid::try_parse(id).ok());
    id.map(OrderId::referring).ok_or_else(|| InvalidValue("must be orders/{uuid}".into()))
}

fn positive(version: i64) -> Result<i64, InvalidValue> {
    match version {
        1.. => Ok(version),
        _ => Err(InvalidValue("must be at least 1".into())),
    }
}

/// A time that a `google.protobuf.Timestamp` can say: from the year 1 to the year 9999.
fn timestamp(time: prost_types::Timestamp) -> Result<Timestamp, InvalidValue> {
    wire::time(time).ok_or_else(|| {
        InvalidValue("must be a time from year 1 to year 9999, with nanos from 0 to 999,999,999".into())
    })
}

pub(super) fn view(number: i32) -> Result<View, InvalidValue> {
    match v1::OrderView::try_from(number) {
        Ok(v1::OrderView::Unspecified | v1::OrderView::Basic) => Ok(View::Basic),
        Ok(v1::OrderView::Full) => Ok(View::Full),
        Err(_) => Err(InvalidValue("must be ORDER_VIEW_BASIC or ORDER_VIEW_FULL".into())),
    }
}
