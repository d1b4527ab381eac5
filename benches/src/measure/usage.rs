//! Meters of everything that takes part, and the difference of two readings.

use std::time::Duration;

use anyhow::Result;

use super::processes::{Stat, resident, ticks_of_family, time};

/// Which processes to look at.
#[derive(Debug, Clone)]
pub(crate) struct Meters {
    /// The services that take part.
    pub(crate) services: Vec<u32>,
    /// The first process of PostgreSQL, the parent of all its others.
    pub(crate) postgres: u32,
}

/// What the meters said at one moment: ticks of processor time since the processes started, and bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    services: u64,
    postgres: u64,
    client: u64,
    /// The memory of the service that has most.
    resident: u64,
}

impl Meters {
    /// Reads all of them; the client is this process and what it has started and waited for, such as pgbench.
    pub(crate) fn read(&self) -> Result<Reading> {
        let client = Stat::of(std::process::id())?;
        let mut reading = Reading {
            postgres: ticks_of_family(self.postgres)?,
            client: client.own + client.ended_children,
            ..Reading::default()
        };
        for &service in &self.services {
            reading.services += Stat::of(service)?.own;
            reading.resident = reading.resident.max(resident(service)?);
        }
        Ok(reading)
    }
}

/// What some operations have cost.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Cost {
    /// Processor time of the services.
    pub(crate) services: Duration,
    /// Processor time of PostgreSQL, its background processes included.
    pub(crate) postgres: Duration,
    /// Processor time of the load generator.
    pub(crate) client: Duration,
    /// The most memory that a service had in use, in bytes.
    pub(crate) resident: u64,
    /// How many operations.
    pub(crate) operations: u64,
}

impl Cost {
    /// What was used up from one reading to the next, by so many operations.
    pub(crate) fn between(before: Reading, after: Reading, operations: u64) -> Self {
        let used = |before: u64, after: u64| time(after.saturating_sub(before));
        Self {
            services: used(before.services, after.services),
            postgres: used(before.postgres, after.postgres),
            client: used(before.client, after.client),
            resident: before.resident.max(after.resident),
            operations,
        }
    }

    /// Both together.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            services: self.services + other.services,
            postgres: self.postgres + other.postgres,
            client: self.client + other.client,
            resident: self.resident.max(other.resident),
            operations: self.operations + other.operations,
        }
    }

    /// Seconds of `used` per 1,000 operations; 0 if there were none.
    pub(crate) fn per_1000(&self, used: Duration) -> f64 {
        if self.operations == 0 {
            return 0.0;
        }
        used.as_secs_f64() * 1_000.0 / self.operations as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_are_differences_and_add_up() {
        let second = rustix::param::clock_ticks_per_second();
        let before = Reading { services: 100, postgres: 200, client: 300, resident: 5 };
        let after = Reading { services: 100 + second, postgres: 200 + 2 * second, client: 300, resident: 4 };
        let cost = Cost::between(before, after, 500);
        assert_eq!((cost.services, cost.postgres), (Duration::from_secs(1), Duration::from_secs(2)));
        assert_eq!((cost.client, cost.resident), (Duration::ZERO, 5));
        assert!((cost.per_1000(cost.services) - 2.0).abs() < 1e-9);
        let both = cost.and(cost);
        assert!((both.per_1000(both.postgres) - 4.0).abs() < 1e-9);
        assert_eq!(Cost::default().per_1000(Duration::from_secs(1)), 0.0);
    }
}
