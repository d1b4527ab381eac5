//! The repository over PostgreSQL: one statement per call.

use std::sync::Arc;

use command_application::{
    Answer, ChangeSet, Committed, Loaded, OrderRepository, PublishedOrder, RepositoryError,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::FutureExt as _;
use prost::Message as _;
use shared_domain::{OrderId, OrderNumber, OrderSnapshot, TenantId};
use shared_infrastructure::database::Pool;
use uuid::Uuid;

use super::{
    commit_batch::{MemberOutcome, commit_batch},
    creation_check::Taken,
    errors,
    load_batch::{LoadKey, load_batch},
    member::Member,
    models::AnswerRow,
    order_numbers::OrderNumbers,
    schema::order_history as history,
    session,
};
use crate::published;

/// Orders in a PostgreSQL database.
pub struct PostgresOrderRepository {
    pool: Pool,
    numbers: OrderNumbers,
}

impl PostgresOrderRepository {
    /// Reads and writes through `pool`, whose database has the schema of this program.
    #[must_use]
    pub fn new(pool: Pool) -> Self {
        Self { pool, numbers: OrderNumbers::default() }
    }
}

impl OrderRepository for PostgresOrderRepository {
    async fn load(
        &self,
        tenant: &TenantId,
        order: OrderId,
        request: Option<Uuid>,
    ) -> Result<Loaded, RepositoryError> {
        let key = Arc::new([LoadKey { tenant: tenant.clone(), order, request }]);
        let loading = session::run(&self.pool, move |connection| {
            let key = Arc::clone(&key);
            async move { load_batch(connection, &*key).await }.boxed()
        });
        let loaded = loading.await.map_err(errors::of_read)?;
        Ok(loaded.into_iter().next().expect("there is one result for each key")?)
    }

    async fn answers(&self, tenant: &TenantId, request: Uuid) -> Result<Vec<Answer>, RepositoryError> {
        let tenant = tenant.as_str().to_owned();
        let loading = session::run(&self.pool, move |connection| {
            let answers = history::table
                .filter(history::tenant_id.eq(tenant.clone()))
                .filter(history::request_id.eq(request))
                .order(history::request_part);
            answers.select(AnswerRow::as_select()).load(connection).boxed()
        });
        let rows: Vec<AnswerRow> = loading.await.map_err(errors::of_read)?;
        Ok(rows.into_iter().map(Answer::try_from).collect::<Result<_, _>>()?)
    }

    async fn commit(&self, changes: Vec<ChangeSet>) -> Result<Vec<Committed>, RepositoryError> {
        if changes.len() > 1 && changes.iter().any(|change| change.loaded.is_some()) {
            return Err(RepositoryError::Defect("only creations can be committed together".into()));
        }
        let members: Arc<[Member]> = changes.iter().map(Member::new).collect();
        let batch = Arc::clone(&members);
        let committing = session::run(&self.pool, move |connection| {
            let batch = Arc::clone(&batch);
            async move { commit_batch(connection, &batch).await }.boxed()
        });
        let outcomes = committing.await.map_err(|failure| errors::of_commit(failure, &members))?;
        let committed = |(member, outcome): (&Member, MemberOutcome)| match outcome {
            MemberOutcome::Committed { transaction_id } => Ok(member.committed(transaction_id)),
            MemberOutcome::Conflict => Err(RepositoryError::Conflict),
        };
        members.iter().zip(outcomes).map(committed).collect()
    }

    async fn check_creation(&self, change: &ChangeSet) -> Result<(), RepositoryError> {
        let (tenant, order) = (change.tenant.clone(), change.order.snapshot().id);
        let key = Arc::new((tenant, change.order.snapshot().external_reference.clone()));
        let checking = session::run(&self.pool, move |connection| {
            let key = Arc::clone(&key);
            async move { Taken::look_up(connection, &key.0, order, key.1.as_ref()).await }.boxed()
        });
        checking.await.map_err(errors::of_read)?.verdict(order)
    }

    async fn next_order_number(&self) -> Result<OrderNumber, RepositoryError> {
        self.numbers.next(&self.pool).await
    }

    fn publish(&self, order: &OrderSnapshot) -> PublishedOrder {
        PublishedOrder(published::order(order).encode_to_vec())
    }
}
