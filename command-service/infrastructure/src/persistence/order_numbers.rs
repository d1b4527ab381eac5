//! Order numbers, from blocks that are reserved ahead.

use std::{
    ops::Range,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use command_application::RepositoryError;
use diesel_async::RunQueryDsl;
use futures_util::FutureExt as _;
use shared_domain::OrderNumber;
use shared_infrastructure::database::{self, Pool};
use tokio::sync::Mutex;

use super::{errors, schema::nextval};

/// How many numbers a value of the sequence stands for: value n for the numbers from n times this on. Never to be changed.
const BLOCK: u64 = 1_000;

/// Gives out order numbers. What is left of a block when the program ends is a gap.
#[derive(Debug, Default)]
pub(super) struct OrderNumbers {
    left: Mutex<Range<u64>>,
    /// How often no block could be reserved.
    failures: AtomicU64,
}

impl OrderNumbers {
    /// The next number. While a block is reserved the other callers wait for it; if that fails, it fails for all of them, so
    /// that they do not try one after the other.
    ///
    /// # Errors
    /// If no block can be reserved.
    pub(super) async fn next(&self, pool: &Pool, patience: Duration) -> Result<OrderNumber, RepositoryError> {
        let failures = AtomicU64::load(&self.failures, Ordering::Relaxed);
        let mut left = self.left.lock().await;
        if left.is_empty() {
            if AtomicU64::load(&self.failures, Ordering::Relaxed) > failures {
                return Err(RepositoryError::Unavailable("no order numbers could be reserved".into()));
            }
            let reserved = reserve(pool, patience).await;
            if reserved.is_err() {
                self.failures.fetch_add(1, Ordering::Relaxed);
            }
            *left = reserved?;
        }
        let number = left.next().expect("a block has numbers");
        Ok(OrderNumber::from_sequence(number))
    }
}

async fn reserve(pool: &Pool, patience: Duration) -> Result<Range<u64>, RepositoryError> {
    let reserving = database::run_to_the_end(pool, patience, |connection| {
        diesel::select(nextval("order_numbers")).load(connection).boxed()
    });
    let values: Vec<i64> = reserving.await.map_err(|failure| errors::of_read(&failure.into()))?;
    let value = values.into_iter().next().and_then(|value| u64::try_from(value).ok());
    let start = value.expect("a sequence has values above zero") * BLOCK;
    Ok(start..start + BLOCK)
}
