//! Which of many numbered things are used.

/// So many things, evenly spread over all there are. With a number that does not depend on how many there are, the part
/// of the database that is looked at does not either, and a cache helps a small data set no more than a large one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spread {
    count: u64,
    step: u64,
}

impl Spread {
    /// At most `count` of the things 0 to `all` - 1. There has to be one.
    pub(crate) fn new(count: u64, all: u64) -> Self {
        let count = count.clamp(1, all.max(1));
        Self { count, step: all.max(1) / count }
    }

    /// A random one.
    pub(crate) fn any(self, random: &mut fastrand::Rng) -> u64 {
        self.nth(random.u64(..self.count))
    }

    /// One of them, counted from 0.
    pub(crate) fn nth(self, position: u64) -> u64 {
        position * self.step
    }

    /// How many there are.
    pub(crate) fn count(self) -> u64 {
        self.count
    }

    /// From one to the next.
    pub(crate) fn step(self) -> u64 {
        self.step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reaches_over_all_there_are() {
        let few = Spread::new(10, 1_005);
        assert_eq!((few.nth(0), few.nth(9)), (0, 900));
        let all = Spread::new(u64::MAX, 3);
        assert_eq!((all.count(), all.nth(2)), (3, 2));
        assert_eq!(Spread::new(5, 0).count(), 1);
    }
}
