//! How many calls a server takes on at once, and how many of each tenant. What is too much is refused at once, before any work.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
    time::Duration,
};

use governor::{DefaultKeyedRateLimiter, Quota, clock::Clock};
use orders_proto::orders::v1::ErrorReason;
use shared_domain::TenantId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::Status;

use super::{
    class::Class,
    deadline::Timeouts,
    tenants::{TenantPlace, Tenants},
};
use crate::errors::Failure;

/// What calls may take of a server. By default, whatever they like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallLimits {
    /// How long a call may take.
    pub timeouts: Timeouts,
    /// Most commands at once.
    pub commands: Option<u32>,
    /// Most reads of orders by their names or keys at once.
    pub reads: Option<u32>,
    /// Most lists, searches and sums at once.
    pub lists: Option<u32>,
    /// Most watches that begin at once.
    pub watches: Option<u32>,
    /// How often a tenant may call.
    pub rate: Option<RateLimit>,
    /// Most calls of a tenant at once, of all classes together.
    pub of_tenant: Option<u32>,
}

/// How often somebody may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Calls a second, on average.
    pub per_second: NonZeroU32,
    /// Calls at once, after a while without any.
    pub burst: NonZeroU32,
}

/// Keeps the limits; one for a whole server.
pub(super) struct Limiter {
    timeouts: Timeouts,
    room: [Option<Arc<Semaphore>>; Class::COUNT],
    refused: AtomicU32,
    rates: Option<Rates>,
    tenants: Option<Tenants>,
    sessions: Arc<Semaphore>,
}

/// Most streams at once that anybody may open: of health and of reflection.
const MOST_SESSIONS: usize = 256;

/// A call's place among those that are under way, and among those of its tenant, where it needs one.
#[derive(Debug)]
pub(super) struct CallPlace {
    _of_class: Option<OwnedSemaphorePermit>,
    _of_tenant: Option<TenantPlace>,
}

/// When those who were refused for lack of room should come back: at different times, or they would all be refused again.
const RETRY: std::ops::Range<u32> = 100..300;

impl Limiter {
    pub(super) fn new(limits: CallLimits) -> Self {
        let CallLimits { timeouts, commands, reads, lists, watches, rate, of_tenant } = limits;
        let mut room = [const { None }; Class::COUNT];
        for (class, most) in
            [(Class::Command, commands), (Class::Read, reads), (Class::List, lists), (Class::Watch, watches)]
        {
            room[class as usize] = most.map(|most| Arc::new(Semaphore::new(most as usize)));
        }
        let tenants = of_tenant.map(Tenants::new);
        let sessions = Arc::new(Semaphore::new(MOST_SESSIONS));
        Self { timeouts, room, refused: AtomicU32::new(0), rates: rate.map(Rates::new), tenants, sessions }
    }

    pub(super) const fn timeouts(&self) -> Timeouts {
        self.timeouts
    }

    /// Takes a call on, until its place is dropped. One that is refused for its class counts for the tenant's rate all the same.
    pub(super) fn enter(&self, class: Class, tenant: Option<&TenantId>) -> Result<CallPlace, Status> {
        if let Some((rates, tenant)) = self.rates.as_ref().zip(tenant) {
            rates.count(tenant)?;
        }
        let of_tenant = match self.tenants.as_ref().zip(tenant) {
            Some((tenants, tenant)) => Some(
                tenants
                    .enter(tenant)
                    .ok_or_else(|| self.overloaded("the tenant has as many calls under way as it may"))?,
            ),
            None => None,
        };
        let of_class = match &self.room[class as usize] {
            Some(room) => Some(
                Arc::clone(room)
                    .try_acquire_owned()
                    .map_err(|_| self.overloaded("more calls are under way than the service takes on"))?,
            ),
            None => None,
        };
        Ok(CallPlace { _of_class: of_class, _of_tenant: of_tenant })
    }

    /// Takes on a stream of somebody who need not be known, until its place is dropped.
    pub(super) fn enter_session(&self) -> Result<OwnedSemaphorePermit, Status> {
        let place = Arc::clone(&self.sessions).try_acquire_owned();
        place.map_err(|_| {
            self.overloaded("more streams of health and reflection are open than the service takes on")
        })
    }

    fn overloaded(&self, message: &str) -> Status {
        let spread = RETRY.end - RETRY.start;
        // Of a prime, so that those who are refused one after the other come back far from each other.
        let turn = self.refused.fetch_add(1, Ordering::Relaxed).wrapping_mul(7_919);
        let pause = Duration::from_millis((RETRY.start + turn % spread).into());
        Failure::new(ErrorReason::Overloaded, message).retry_after(pause).into_status()
    }
}

/// The rates of the tenants that called lately.
struct Rates {
    limiter: DefaultKeyedRateLimiter<TenantId>,
    /// With how many tenants those are forgotten that did not call lately.
    full: AtomicUsize,
}

/// As many tenants are remembered at least.
const REMEMBERED: usize = 1024;

impl Rates {
    fn new(RateLimit { per_second, burst }: RateLimit) -> Self {
        let quota = Quota::per_second(per_second).allow_burst(burst);
        Self { limiter: DefaultKeyedRateLimiter::keyed(quota), full: AtomicUsize::new(REMEMBERED) }
    }

    fn count(&self, tenant: &TenantId) -> Result<(), Status> {
        let counted = self.limiter.check_key(tenant);
        if self.limiter.len() > self.full.load(Ordering::Relaxed) {
            self.forget();
        }
        counted.map_err(|until| {
            let pause = until.wait_time_from(self.limiter.clock().now());
            let message = "the tenant calls more often than it may";
            // Never zero, which would say that there is no need to wait.
            let pause = pause.max(Duration::from_millis(1));
            Failure::new(ErrorReason::RateLimited, message).retry_after(pause).into_status()
        })
    }

    /// Whoever could call as often at once as one who never called need not be remembered.
    fn forget(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
        self.full.store((self.limiter.len() * 2).max(REMEMBERED), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use tonic::Code;
    use tonic_types::StatusExt;

    use super::*;

    fn rates(per_second: u32, burst: u32) -> Rates {
        let [per_second, burst] = [per_second, burst].map(|number| NonZeroU32::new(number).unwrap());
        Rates::new(RateLimit { per_second, burst })
    }

    fn tenant(number: usize) -> TenantId {
        TenantId::new(format!("t{number}")).unwrap()
    }

    #[test]
    fn a_tenant_has_its_burst_and_no_other_pays_for_it() {
        let rates = rates(1, 3);
        for _ in 0..3 {
            rates.count(&tenant(1)).unwrap();
        }
        let refused = rates.count(&tenant(1)).unwrap_err();
        let details = refused.get_error_details();
        assert_eq!(refused.code(), Code::ResourceExhausted);
        assert_eq!(details.error_info().unwrap().reason, "RATE_LIMITED");
        let pause = details.retry_info().unwrap().retry_delay.unwrap();
        assert!(pause > Duration::ZERO && pause <= Duration::from_secs(1), "{pause:?}");
        rates.count(&tenant(2)).unwrap();
    }

    /// Each is forgotten a microsecond after its call.
    #[test]
    fn tenants_that_called_once_are_not_kept() {
        let rates = rates(1_000_000, 1);
        for number in 0..50_000 {
            rates.count(&tenant(number)).unwrap();
        }
        assert!(rates.limiter.len() < 10_000, "{} are kept", rates.limiter.len());
    }

    #[test]
    fn places_are_those_of_a_class_and_come_back() {
        let limiter = Limiter::new(CallLimits { commands: Some(1), ..CallLimits::default() });
        let place = limiter.enter(Class::Command, None).unwrap();
        let pauses = [(); 10].map(|()| {
            let refused = limiter.enter(Class::Command, None).unwrap_err();
            assert_eq!(refused.get_error_details().error_info().unwrap().reason, "OVERLOADED");
            refused.get_error_details().retry_info().unwrap().retry_delay.unwrap()
        });
        assert!(pauses.windows(2).all(|two| two[0] != two[1]), "{pauses:?}");
        limiter.enter(Class::Read, None).expect("there is no limit");
        drop(place);
        assert!(limiter.enter(Class::Command, None).is_ok());
    }
}
