//! Loading in batches: what callers want to load while a statement is under way is loaded by the next one.

use std::{sync::Arc, time::Duration};

use command_application::{Loaded, RepositoryError};
use futures_util::FutureExt as _;
use shared_infrastructure::{
    batching::{Work, Worth},
    database::{self, Pool},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    errors,
    load_batch::{LoadKey, load_batch},
};

/// Loads over a pool of connections.
pub(super) struct Loader {
    pub(super) pool: Pool,
    /// How long a statement may go unanswered.
    pub(super) patience: Duration,
}

impl Work for Loader {
    type Item = LoadKey;
    type Answer = Result<Loaded, RepositoryError>;

    fn keys(&self, _: &LoadKey) -> impl Iterator<Item = Uuid> {
        std::iter::empty()
    }

    fn weight(&self, _: &LoadKey) -> usize {
        1
    }

    fn worth(&self, _: &LoadKey) -> Worth {
        Worth::WhileAwaited
    }

    /// One statement for all of them. If a row of one order cannot even be read, both halves, until that order is by itself.
    async fn run(&self, batch: Vec<LoadKey>, worthless: &CancellationToken) -> Vec<Self::Answer> {
        let keys: Arc<[LoadKey]> = batch.into();
        let mut answers = Vec::with_capacity(keys.len());
        let all = 0..keys.len();
        let mut parts = vec![all];
        while let Some(part) = parts.pop() {
            let wanted = (Arc::clone(&keys), part.clone());
            let loading = database::run_unless(&self.pool, self.patience, worthless, move |connection| {
                let (keys, part) = wanted.clone();
                async move { load_batch(connection, &keys[part]).await }.boxed()
            });
            match loading.await {
                Ok(loaded) => answers.extend(loaded.into_iter().map(|loaded| Ok(loaded?))),
                Err(failure) if part.len() > 1 && errors::is_unreadable(&failure) => {
                    let middle = part.start + part.len() / 2;
                    parts.extend([middle..part.end, part.start..middle]);
                }
                Err(failure) => {
                    let failure = Arc::new(failure);
                    answers.extend(part.map(|_| Err(errors::of_read(&failure))));
                }
            }
        }
        answers
    }
}
