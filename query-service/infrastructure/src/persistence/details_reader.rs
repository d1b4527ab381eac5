//! Reading published states in batches: what callers ask for while a statement is under way is read by the next one.

use std::{sync::Arc, time::Duration};

use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{Array, BigInt, Binary, Integer, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use query_application::{OrderDetails, ReadError};
use shared_domain::{OrderId, TenantId};
use shared_infrastructure::{
    batching::{Work, Worth},
    database::{Pool, TransactionId, Xid8, run_unless},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{models::details, read_error, snapshot::Snapshot};

/// Reads over a pool of connections.
pub(super) struct DetailsReader {
    pub(super) pool: Pool,
    /// How long a statement may go unanswered.
    pub(super) patience: Duration,
}

/// The orders that one caller asks for.
pub(super) struct Wanted {
    pub(super) tenant: TenantId,
    pub(super) orders: Vec<OrderId>,
    /// A transaction that has to be seen, if any.
    pub(super) demanded: Option<u64>,
}

impl Work for DetailsReader {
    type Item = Wanted;
    type Answer = Result<Vec<OrderDetails>, ReadError>;

    fn keys(&self, _: &Wanted) -> impl Iterator<Item = Uuid> {
        std::iter::empty()
    }

    fn weight(&self, wanted: &Wanted) -> usize {
        wanted.orders.len()
    }

    fn worth(&self, _: &Wanted) -> Worth {
        Worth::WhileAwaited
    }

    /// To each caller those of the orders that exist, as of one moment. Damage to one order is no error of the others.
    async fn run(&self, batch: Vec<Wanted>, worthless: &CancellationToken) -> Vec<Self::Answer> {
        let callers = batch.len();
        let wanted: Arc<[Wanted]> = batch.into();
        let reading = run_unless(&self.pool, self.patience, worthless, move |connection| {
            let wanted = Arc::clone(&wanted);
            async move {
                // What is seen by now, the statement sees too.
                let seen = match wanted.iter().filter_map(|wanted| wanted.demanded).max() {
                    Some(newest) => Some(Snapshot::demanded(connection, newest).await?),
                    None => None,
                };
                let is_new_enough = |wanted: &Wanted| {
                    wanted.demanded.zip(seen.as_ref()).is_none_or(|(demanded, seen)| seen.shows(demanded))
                };
                let new_enough: Vec<_> = wanted.iter().map(is_new_enough).collect();
                Ok((new_enough, DetailsStatement::new(&wanted).load(connection).await?))
            }
            .boxed()
        });
        let (new_enough, rows): (Vec<bool>, Vec<DetailsRow>) = match reading.await {
            Ok(read) => read,
            Err(failure) => return vec![Err(read_error::of(failure)); callers],
        };
        let answer = |new_enough| if new_enough { Ok(vec![]) } else { Err(ReadError::Lagging) };
        let mut answers: Vec<_> = new_enough.into_iter().map(answer).collect();
        for (caller, order, version, published_state, transaction) in rows {
            let answer = usize::try_from(caller).ok().and_then(|caller| answers.get_mut(caller));
            let answer = answer.expect("the statement answers with the numbers it was given");
            match (answer.as_mut(), details(order, version, published_state, transaction)) {
                (Ok(found), Ok(order)) => found.push(order),
                (Ok(_), Err(error)) => *answer = Err(error),
                (Err(_), _) => {}
            }
        }
        answers
    }
}

/// The number of the caller, the order, its version, its published state, the transaction that made the version.
type DetailsRow = (i32, Uuid, i64, Option<Vec<u8>>, TransactionId);

/// One row per caller and order that exists. Its text is always the same, so that it stays prepared.
///
/// `OFFSET 0` is a wall for the planner. The first hides the arrays: not seeing how many orders there are, it has no reason to plan
/// anew for every batch. The second has the view looked into order by order, along its indexes, whatever the size of the tables.
#[derive(Debug, Default, QueryId)]
struct DetailsStatement {
    callers: Vec<i32>,
    tenants: Vec<String>,
    orders: Vec<Uuid>,
}

impl DetailsStatement {
    fn new(batch: &[Wanted]) -> Self {
        let mut statement = Self::default();
        for (caller, Wanted { tenant, orders, .. }) in (0..).zip(batch) {
            for order in orders {
                statement.callers.push(caller);
                statement.tenants.push(tenant.as_str().to_owned());
                statement.orders.push(order.uuid());
            }
        }
        statement
    }
}

impl Query for DetailsStatement {
    type SqlType = (Integer, SqlUuid, BigInt, Nullable<Binary>, Xid8);
}

impl QueryFragment<Pg> for DetailsStatement {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT k.caller, d.order_id, d.version, d.published_state, d.xid FROM (SELECT ");
        out.push_bind_param::<Array<Integer>, Vec<i32>>(&self.callers)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, Vec<String>>(&self.tenants)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<SqlUuid>, Vec<Uuid>>(&self.orders)?;
        out.push_sql(
            " OFFSET 0) AS p (callers, tenants, orders), \
             unnest(p.callers, p.tenants, p.orders) AS k (caller, tenant_id, order_id), \
             LATERAL (SELECT * FROM order_details AS d \
             WHERE d.tenant_id = k.tenant_id AND d.order_id = k.order_id OFFSET 0) AS d",
        );
        Ok(())
    }
}
