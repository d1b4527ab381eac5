//! Until when all that was committed was read.

use shared_domain::Timestamp;
use shared_infrastructure::feed::Look;

/// What a reader of the feed knows of that. A transaction that takes long holds the feed back, and the others that are over meanwhile:
/// so it remembers one moment, until it has read all that was over by then.
#[derive(Debug, Default)]
pub(super) struct Complete {
    until: Option<Timestamp>,
    waiting_for: Option<Look>,
}

impl Complete {
    /// All commits of transactions below `horizon` were read, the last page at the moment `look`.
    pub(super) fn read(&mut self, horizon: u64, look: Option<Look>) -> Option<Timestamp> {
        let is_read = |look: &Look| look.end.0 <= horizon;
        if let Some(look) = look.filter(is_read) {
            (self.until, self.waiting_for) = (Some(look.time), None);
        } else if let Some(reached) = self.waiting_for.take_if(|look| is_read(look)) {
            (self.until, self.waiting_for) = (Some(reached.time), look);
        } else {
            self.waiting_for = self.waiting_for.or(look);
        }
        self.until
    }
}

#[cfg(test)]
mod tests {
    use shared_domain::Timestamp;
    use shared_infrastructure::database::TransactionId;

    use super::*;

    fn time(second: i64) -> Timestamp {
        Timestamp::from_timestamp(second, 0).unwrap()
    }

    fn look(end: u64, second: i64) -> Option<Look> {
        Some(Look { end: TransactionId(end), time: time(second) })
    }

    #[test]
    fn a_moment_counts_once_all_that_was_over_by_then_was_read() {
        let mut complete = Complete::default();
        let mut read = |horizon, look| complete.read(horizon, look);
        assert_eq!(read(10, look(10, 1)), Some(time(1)), "nothing is under way");
        assert_eq!(read(10, look(12, 2)), Some(time(1)), "10 is under way");
        assert_eq!(read(11, look(15, 3)), Some(time(1)), "11 is under way");
        assert_eq!(read(12, look(16, 4)), Some(time(2)), "all that was over at 2");
        assert_eq!(read(15, look(17, 5)), Some(time(2)));
        assert_eq!(read(16, look(18, 6)), Some(time(4)));
        assert_eq!(read(20, look(20, 7)), Some(time(7)));
        assert_eq!(read(30, None), Some(time(7)), "a standby knows nothing more");
    }
}
