//! Time and ids from the machine.

use std::{pin::Pin, time::Duration};

use command_application::{Clock, IdGenerator};
use shared_domain::{OrderId, Timestamp};
use uuid::Uuid;

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        chrono::Utc::now()
    }

    fn pause(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// UUIDs of version 7, so that ids made later sort later.
#[derive(Debug, Clone, Copy)]
pub struct UuidV7Generator;

impl IdGenerator for UuidV7Generator {
    fn order_id(&self) -> OrderId {
        OrderId::referring(Uuid::now_v7())
    }
}
