//! AmendOrder.

use orders_proto::orders::v1::{
    Address, AmendOrderRequest, Order, RemoveAdjustment, RemoveLine, SetLineQuantity, SetLineUnitPrice,
    SetShipping, order_change::Change,
};

use super::follows;
use crate::support::{Service, address, amend, cancel, discount, draft, eur, full, line, ok, shipping};

async fn amended(service: &Service, order: &Order, changes: Vec<Change>) -> Order {
    let amended = ok(service.client().amend_order(amend(order, changes)).await);
    follows(order, &amended);
    amended
}

fn total(order: &Order) -> i64 {
    let total = order.totals.clone().unwrap().total.unwrap();
    total.units * 100 + i64::from(total.nanos / 10_000_000)
}

#[tokio::test]
async fn every_kind_of_change() {
    let service = Service::start().await;
    let order = service.drafted().await;
    let order = amended(&service, &order, vec![Change::AddLine(line("PEN", 3, 1_00))]).await;
    assert_eq!((order.lines[2].line_id, total(&order)), (3, 36_00));

    let quantity = SetLineQuantity { line_id: 1, quantity: 4, tax_amount: Some(eur(2_00)) };
    let order = amended(&service, &order, vec![Change::SetQuantity(quantity)]).await;
    assert_eq!((order.lines[0].quantity, total(&order)), (4, 63_00));

    let price = SetLineUnitPrice { line_id: 1, unit_price: Some(eur(10_00)), tax_amount: None };
    let order = amended(&service, &order, vec![Change::SetUnitPrice(price)]).await;
    assert_eq!((order.lines[0].tax_amount.clone(), total(&order)), (Some(eur(0)), 51_00));

    let order = amended(&service, &order, vec![Change::AddAdjustment(discount(5_00))]).await;
    assert_eq!((order.adjustments[0].adjustment_id, total(&order)), (1, 46_00));

    let set = SetShipping { shipping_lines: vec![shipping("express", 9_00), shipping("insurance", 1_00)] };
    let order = amended(&service, &order, vec![Change::SetShipping(set)]).await;
    assert_eq!((order.shipping_lines.len(), total(&order)), (2, 56_00));

    let elsewhere = Address { locality: "Oxford".to_owned(), ..address() };
    let order = amended(&service, &order, vec![Change::SetShippingAddress(elsewhere.clone())]).await;
    assert_eq!(order.shipping_address, Some(elsewhere));

    let removals = vec![
        Change::RemoveAdjustment(RemoveAdjustment { adjustment_id: 1 }),
        Change::RemoveLine(RemoveLine { line_id: 2 }),
        Change::SetShipping(SetShipping::default()),
    ];
    let order = amended(&service, &order, removals).await;
    let lines: Vec<_> = order.lines.iter().map(|line| line.line_id).collect();
    assert_eq!(
        (lines, order.adjustments.len(), order.shipping_lines.len(), total(&order)),
        (vec![1, 3], 0, 0, 43_00)
    );
}

#[tokio::test]
async fn numbers_of_lines_and_adjustments_are_never_used_again() {
    let service = Service::start().await;
    let order = service.created(full()).await;
    let removals = vec![
        Change::RemoveLine(RemoveLine { line_id: 2 }),
        Change::RemoveAdjustment(RemoveAdjustment { adjustment_id: 3 }),
    ];
    let order = amended(&service, &order, removals).await;
    let additions = vec![Change::AddLine(line("PEN", 1, 1_00)), Change::AddAdjustment(discount(10))];
    let order = amended(&service, &order, additions).await;
    assert_eq!(order.lines.iter().map(|line| line.line_id).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(order.adjustments.iter().map(|a| a.adjustment_id).collect::<Vec<_>>(), [1, 2, 4]);
}

#[tokio::test]
async fn changes_build_on_the_ones_before_them() {
    let service = Service::start().await;
    let order = service.drafted().await;
    let quantity = SetLineQuantity { line_id: 3, quantity: 5, tax_amount: None };
    let changes = vec![Change::AddLine(line("PEN", 1, 1_00)), Change::SetQuantity(quantity)];
    assert_eq!(amended(&service, &order, changes).await.lines[2].quantity, 5);
}

#[tokio::test]
async fn a_placed_order_spreads_discounts_and_takes_them_back_with_the_units() {
    let service = Service::start().await;
    let three =
        Order { lines: vec![line("A", 3, 10_00), line("B", 3, 10_00), line("C", 3, 10_00)], ..draft() };
    let order = service.placed(Order { adjustments: vec![discount(1_00)], ..three }).await;
    let shares = |order: &Order| -> Vec<_> {
        let allocations = &order.adjustments[0].allocations;
        allocations.iter().map(|share| (share.line_id, share.amount.clone().unwrap())).collect()
    };
    assert_eq!(shares(&order), [(1, eur(34)), (2, eur(33)), (3, eur(33))]);
    assert_eq!(order.lines[0].discount_amount, Some(eur(34)));

    let mut order = ok(service.client().cancel_order(cancel(&order, &[(1, 1)])).await);
    assert_eq!(shares(&order)[0], (1, eur(23)));
    order = ok(service.client().cancel_order(cancel(&order, &[(1, 1)])).await);
    order = ok(service.client().cancel_order(cancel(&order, &[(1, 1)])).await);
    assert_eq!(order.lines[0].discount_amount, Some(eur(0)), "the last unit takes what remains");
    assert_eq!(order.adjustments[0].amount, Some(eur(66)));
    assert_eq!(total(&order), 59_34);
}

#[tokio::test]
async fn validate_only_changes_nothing() {
    let service = Service::start().await;
    let order = service.confirmed(draft()).await;
    let sql = service.sql().await;
    let before = sql.fingerprint().await;
    let trial = amend(&order, vec![Change::AddLine(line("PEN", 1, 1_00))]);
    let tried = ok(service.client().amend_order(AmendOrderRequest { validate_only: true, ..trial }).await);
    assert_eq!((tried.version, tried.lines.len(), total(&tried)), (order.version + 1, 3, 34_00));
    assert_eq!(tried.consistency_token, "");
    assert_eq!(sql.fingerprint().await, before);
}
