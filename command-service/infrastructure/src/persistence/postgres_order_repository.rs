//! The repository over PostgreSQL. Loads and commits of many callers share statements.

use std::{sync::Arc, time::Duration};

use command_application::{
    Answer, ChangeSet, Committed, Loaded, OrderRepository, PublishedOrder, RepositoryError,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::FutureExt as _;
use prost::Message as _;
use shared_domain::{OrderId, OrderNumber, OrderSnapshot, TenantId};
use shared_infrastructure::{
    batching::{Batcher, Limits},
    database::{self, Pool},
};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::{
    committer::{Commit, Committer},
    creation_check::Taken,
    errors,
    load_batch::LoadKey,
    loader::Loader,
    member::Member,
    models::AnswerRow,
    order_numbers::OrderNumbers,
    schema::order_history as history,
};
use crate::published;

/// Where statements that callers share are run, and how many share one.
#[derive(Clone)]
pub struct Batched {
    /// The connections; each lane uses one.
    pub pool: Pool,
    /// How much is done at once.
    pub limits: Limits,
}

/// Orders in a PostgreSQL database.
pub struct PostgresOrderRepository {
    pool: Pool,
    patience: Duration,
    loads: Batcher<Loader>,
    commits: Batcher<Committer>,
    numbers: OrderNumbers,
}

impl PostgresOrderRepository {
    /// Loads and commits in batches, and does the rest through `pool`. `lanes` gets the tasks that carry the batches out; they
    /// end when the repository is gone and nothing waits any more. A statement that is not answered within `patience` is given up. The databases have the schema of this program.
    #[must_use]
    pub fn new(
        pool: Pool,
        loads: Batched,
        commits: Batched,
        patience: Duration,
        lanes: &TaskTracker,
    ) -> Self {
        let (loader, committer) =
            (Loader { pool: loads.pool, patience }, Committer { pool: commits.pool, patience });
        Self {
            loads: Batcher::start(loader, loads.limits, lanes),
            commits: Batcher::start(committer, commits.limits, lanes),
            numbers: OrderNumbers::default(),
            pool,
            patience,
        }
    }
}

impl OrderRepository for PostgresOrderRepository {
    async fn load(
        &self,
        tenant: &TenantId,
        order: OrderId,
        request: Option<Uuid>,
    ) -> Result<Loaded, RepositoryError> {
        let key = LoadKey { tenant: tenant.clone(), order, request };
        self.loads.call(key).await.map_err(errors::of_load_not_done)?
    }

    async fn answers(&self, tenant: &TenantId, request: Uuid) -> Result<Vec<Answer>, RepositoryError> {
        let tenant = tenant.as_str().to_owned();
        let loading = database::run_while_awaited(&self.pool, self.patience, move |connection| {
            let answers = history::table
                .filter(history::tenant_id.eq(tenant.clone()))
                .filter(history::request_id.eq(request))
                .order(history::request_part);
            answers.select(AnswerRow::as_select()).load(connection).boxed()
        });
        let rows: Vec<AnswerRow> = loading.await.map_err(|failure| errors::of_read(&failure.into()))?;
        Ok(rows.into_iter().map(Answer::try_from).collect::<Result<_, _>>()?)
    }

    async fn commit(&self, changes: Vec<ChangeSet>) -> Result<Vec<Committed>, RepositoryError> {
        if changes.len() > 1 && changes.iter().any(|change| change.loaded.is_some()) {
            return Err(RepositoryError::Defect("only creations can be committed together".into()));
        }
        let deadline = changes.iter().filter_map(|change| change.deadline).max();
        let commit = Commit { members: changes.iter().map(Member::new).collect(), deadline };
        self.commits.call(commit).await.map_err(errors::of_commit_not_done)?
    }

    async fn check_creation(&self, change: &ChangeSet) -> Result<(), RepositoryError> {
        let (tenant, order) = (change.tenant.clone(), change.order.snapshot().id);
        let key = Arc::new((tenant, change.order.snapshot().external_reference.clone()));
        let checking = database::run_while_awaited(&self.pool, self.patience, move |connection| {
            let key = Arc::clone(&key);
            async move { Taken::look_up(connection, &key.0, order, key.1.as_ref()).await }.boxed()
        });
        checking.await.map_err(|failure| errors::of_read(&failure.into()))?.verdict(order)
    }

    async fn next_order_number(&self) -> Result<OrderNumber, RepositoryError> {
        self.numbers.next(&self.pool, self.patience).await
    }

    fn publish(&self, order: &OrderSnapshot) -> PublishedOrder {
        PublishedOrder(published::order(order).encode_to_vec())
    }
}
