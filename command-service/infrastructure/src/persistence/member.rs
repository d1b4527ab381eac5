//! A member of a batch: one change set as rows.

use command_application::{ChangeSet, Committed, PublishedOrder};
use shared_domain::{OrderId, OrderSnapshot, TenantId};

use super::{
    models::{
        HistoryRow, OrderAdjustmentRow, OrderLineRow, OrderRow, OrderTotalsRow, PaymentRow,
        PaymentTransactionRow, ShipmentRow, bigint,
    },
    row::PartRow,
};

/// The rows that one change set writes and removes.
#[derive(Debug)]
pub struct Member {
    pub(super) tenant: TenantId,
    pub(super) order: OrderId,
    pub(super) action: Action,
    pub(super) lines: Changes<OrderLineRow>,
    pub(super) adjustments: Changes<OrderAdjustmentRow>,
    pub(super) payments: Changes<PaymentRow>,
    pub(super) transactions: Changes<PaymentTransactionRow>,
    pub(super) shipments: Changes<ShipmentRow>,
    pub(super) history: HistoryRow,
}

/// What happens to the row of the order itself. `expected` is the version that it has to be at.
#[derive(Debug)]
pub(super) enum Action {
    Create(Box<(OrderRow, OrderTotalsRow)>),
    Update { expected: i64, row: Box<(OrderRow, OrderTotalsRow)> },
    Delete { expected: i64 },
}

/// What differs in a table between the order as it was loaded and as it is to be.
#[derive(Debug)]
pub(super) struct Changes<R> {
    /// Rows that are new or other than they were.
    pub(super) written: Vec<R>,
    /// The numbers of the parts that are gone.
    pub(super) gone: Vec<i32>,
}

impl<R: PartRow> Changes<R> {
    /// Whether there are rows to write, and whether any are gone.
    fn sections(&self) -> (bool, bool) {
        (!self.written.is_empty(), !self.gone.is_empty())
    }

    fn between(mut before: Vec<R>, after: Vec<R>) -> Self {
        before.sort_unstable_by_key(R::number);
        let was = |row: &R| before.binary_search_by_key(&row.number(), R::number).map(|at| &before[at]);
        let mut kept: Vec<_> = after.iter().map(R::number).collect();
        kept.sort_unstable();
        let gone =
            before.iter().map(R::number).filter(|number| kept.binary_search(number).is_err()).collect();
        let written = after.into_iter().filter(|row| was(row) != Ok(row)).collect();
        Self { written, gone }
    }
}

impl Member {
    /// The rows of a change set. A draft that is deleted takes its parts with it, and needs no rows but that of the history.
    #[must_use]
    pub fn new(change: &ChangeSet) -> Self {
        let (before, after) = (change.loaded.as_ref(), change.order.snapshot());
        let row = || Box::new((OrderRow::from(after), OrderTotalsRow::from(after)));
        let expected = before.map_or(0, |order| bigint(order.version));
        let action = match before {
            _ if change.order.is_deleted() => Action::Delete { expected },
            Some(_) => Action::Update { expected, row: row() },
            None => Action::Create(row()),
        };
        let after = (!change.order.is_deleted()).then_some(after);
        Self {
            tenant: change.tenant.clone(),
            order: change.order.snapshot().id,
            lines: changes(before, after, |order| order.lines.as_slice(), rows),
            adjustments: changes(before, after, |order| order.adjustments.as_slice(), rows),
            payments: changes(before, after, |order| order.payments.as_slice(), rows),
            transactions: changes(
                before,
                after,
                |order| order.payments.as_slice(),
                |payments| payments.iter().flat_map(PaymentTransactionRow::all).collect(),
            ),
            shipments: changes(before, after, |order| order.shipments.as_slice(), rows),
            history: change.into(),
            action,
        }
    }

    /// Which sections of a statement the member needs: what happens to the order, then for each table of parts whether rows are
    /// written and whether any are gone.
    pub(super) fn sections(&self) -> (std::mem::Discriminant<Action>, [(bool, bool); 5]) {
        let parts = [
            self.lines.sections(),
            self.adjustments.sections(),
            self.payments.sections(),
            self.transactions.sections(),
            self.shipments.sections(),
        ];
        (std::mem::discriminant(&self.action), parts)
    }

    /// The source and the id by which the order is known elsewhere, if its row is written.
    pub(super) fn external_reference(&self) -> Option<(&str, &str)> {
        let (Action::Create(row) | Action::Update { row, .. }) = &self.action else { return None };
        Some((row.0.external_source.as_deref()?, row.0.external_id.as_deref()?))
    }

    /// The answer, once the member is committed.
    pub(super) fn committed(&self, transaction_id: u64) -> Committed {
        Committed {
            order: self.order,
            version: u64::try_from(self.history.version).expect("versions start at 1"),
            published: self.history.published_state.clone().map(PublishedOrder),
            transaction_id,
        }
    }
}

fn rows<'p, P, R: From<&'p P>>(parts: &'p [P]) -> Vec<R> {
    parts.iter().map(R::from).collect()
}

/// What differs between the parts of one kind. Most commands leave most kinds alone: those are not even turned into rows.
fn changes<'o, P: PartialEq, R: PartRow>(
    before: Option<&'o OrderSnapshot>,
    after: Option<&'o OrderSnapshot>,
    parts: fn(&OrderSnapshot) -> &[P],
    rows: fn(&'o [P]) -> Vec<R>,
) -> Changes<R> {
    let (before, Some(after)) = (before.map_or(&[][..], parts), after.map(parts)) else {
        return Changes { written: vec![], gone: vec![] };
    };
    if before == after {
        return Changes { written: vec![], gone: vec![] };
    }
    Changes::between(rows(before), rows(after))
}
