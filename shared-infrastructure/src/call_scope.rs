//! What a call takes up, such as its place among so many: what it has begun keeps that too, and may be there for longer than the call.

use std::{any::Any, future::Future, sync::Arc};

/// Something that is given back when nobody has it any more.
pub(crate) type Held = Arc<dyn Any + Send + Sync>;

tokio::task_local! {
    static HELD: Held;
}

/// Does the work of a call that takes up `held`.
pub(crate) async fn holding<T>(held: Held, work: impl Future<Output = T>) -> T {
    HELD.scope(held, work).await
}

/// What the call takes up that is at work here, if it is one.
pub(crate) fn held() -> Option<Held> {
    HELD.try_with(Arc::clone).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{
        sync::Semaphore,
        time::{sleep, timeout},
    };
    use tokio_util::{sync::CancellationToken, task::TaskTracker};
    use uuid::Uuid;

    use super::*;
    use crate::batching::{Batcher, Limits, Work, Worth};

    /// Batches of one, each of which ends when the gate lets it through.
    struct Gated(Arc<Semaphore>);

    impl Work for Gated {
        type Item = ();
        type Answer = ();

        fn keys(&self, (): &()) -> impl Iterator<Item = Uuid> {
            std::iter::empty()
        }

        fn weight(&self, (): &()) -> usize {
            1
        }

        fn worth(&self, (): &()) -> Worth {
            Worth::Until(None)
        }

        async fn run(&self, batch: Vec<()>, _: &CancellationToken) -> Vec<()> {
            self.0.acquire().await.unwrap().forget();
            batch
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_is_given_up_keeps_its_place_while_what_it_sent_waits() {
        let gate = Arc::new(Semaphore::new(0));
        let limits = Limits { lanes: 1, batch: 1, waiting: 9 };
        let batcher = Batcher::start(Gated(Arc::clone(&gate)), limits, &TaskTracker::new());
        let first = tokio::spawn({
            let batcher = batcher.clone();
            async move { batcher.call(()).await }
        });
        sleep(Duration::from_millis(1)).await;

        let place: Held = Arc::new("place");
        let given_up = holding(Arc::clone(&place), batcher.call(()));
        assert!(timeout(Duration::from_millis(1), given_up).await.is_err());
        assert_eq!(Arc::strong_count(&place), 2, "it waits behind the first one");
        gate.add_permits(1);
        first.await.unwrap().unwrap();
        sleep(Duration::from_millis(1)).await;
        assert_eq!(Arc::strong_count(&place), 1, "its batch has begun");
        assert!(held().is_none());
    }
}
