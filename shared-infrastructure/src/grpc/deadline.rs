//! The deadline that a client sets for its call in `grpc-timeout`, and the one of a call whose client sets none.

use std::{future::Future, time::Duration};

use http::{HeaderMap, Response};
use orders_proto::orders::v1::ErrorReason;
use tokio::time::{Instant, timeout_at};
use tonic::body::Body;

use crate::errors::Failure;

/// When a call has to be answered. A handler finds it in its request's extensions, if there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    moment: Instant,
    /// Whether the client set it.
    asked: bool,
}

/// How long calls may take, whatever their clients say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timeouts {
    /// For a call whose client sets no deadline; as long as it takes if there is none.
    pub default: Option<Duration>,
    /// At most; as long as the client likes if there is none.
    pub longest: Option<Duration>,
}

impl Deadline {
    /// The deadline in a call's headers; `None` if there is none that can be read.
    pub(super) fn of(headers: &HeaderMap, timeouts: Timeouts) -> Option<Self> {
        let told = parse(headers.get("grpc-timeout")?.to_str().ok()?)?;
        Self::after(timeouts.longest.map_or(told, |longest| longest.min(told)), true)
    }

    /// The deadline of a call whose client sets none; `None` if it has as long as it takes.
    pub(super) fn unasked(timeouts: Timeouts) -> Option<Self> {
        Self::after(timeouts.default.into_iter().chain(timeouts.longest).min()?, false)
    }

    fn after(timeout: Duration, asked: bool) -> Option<Self> {
        Instant::now().checked_add(timeout).map(|moment| Self { moment, asked })
    }

    /// The moment.
    #[must_use]
    pub fn instant(self) -> std::time::Instant {
        self.moment.into_std()
    }

    /// The moment, if it is the client who set it: whoever set none may want to wait for less than the service lets him.
    #[must_use]
    pub fn asked(self) -> Option<std::time::Instant> {
        self.asked.then(|| self.instant())
    }

    /// The time that is left; zero once it has passed.
    #[must_use]
    pub fn remaining(self) -> Duration {
        self.moment.saturating_duration_since(Instant::now())
    }
}

/// The answer, or DEADLINE_EXCEEDED when it is late; then the work on it is dropped. It is not begun at all if it is too late
/// already.
pub(super) async fn bounded(
    deadline: Option<Deadline>,
    answer: impl Future<Output = Response<Body>>,
) -> Response<Body> {
    let Some(deadline) = deadline else { return answer.await };
    if deadline.remaining().is_zero() {
        return exceeded();
    }
    match timeout_at(deadline.moment, answer).await {
        // What failed because of the deadline may be noticed before the deadline is: both end at the same moment.
        Ok(answer) if !deadline.remaining().is_zero() => answer,
        _ => exceeded(),
    }
}

fn exceeded() -> Response<Body> {
    let message = "the deadline passed before the answer was ready";
    Failure::new(ErrorReason::DeadlineExceeded, message).into_status().into_http()
}

/// At most eight digits and a unit, as the gRPC protocol has it.
fn parse(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let amount: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(amount * 3600),
        "M" => Duration::from_secs(amount * 60),
        "S" => Duration::from_secs(amount),
        "m" => Duration::from_millis(amount),
        "u" => Duration::from_micros(amount),
        "n" => Duration::from_nanos(amount),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use tonic::Code;

    use super::*;

    #[test]
    fn timeouts_are_read_as_the_protocol_writes_them() {
        assert_eq!(parse("2H"), Some(Duration::from_secs(7200)));
        assert_eq!(parse("3M"), Some(Duration::from_secs(180)));
        assert_eq!(parse("99999999S"), Some(Duration::from_secs(99_999_999)));
        assert_eq!(parse("50m"), Some(Duration::from_millis(50)));
        assert_eq!(parse("7u"), Some(Duration::from_micros(7)));
        assert_eq!(parse("0n"), Some(Duration::ZERO));
        for malformed in ["", "S", "1", "1s", "-1S", "+1S", "123456789S", "1.5S", "1ä"] {
            assert_eq!(parse(malformed), None, "{malformed}");
        }
    }

    fn told(timeout: &str) -> HeaderMap {
        HeaderMap::from_iter([("grpc-timeout".parse().unwrap(), timeout.parse().unwrap())])
    }

    #[tokio::test(start_paused = true)]
    async fn a_late_answer_is_a_missed_deadline() {
        let deadline = Deadline::of(&told("50m"), Timeouts::default());
        assert_eq!(deadline.unwrap().remaining(), Duration::from_millis(50));
        assert_eq!(bounded(deadline, async { Response::default() }).await.headers().len(), 0);
        for late in [Duration::from_millis(50), Duration::from_secs(1)] {
            let answer = async {
                tokio::time::sleep(late).await;
                Response::default()
            };
            let late = bounded(Deadline::of(&told("50m"), Timeouts::default()), answer).await;
            let status = tonic::Status::from_header_map(late.headers()).unwrap();
            assert_eq!(status.code(), Code::DeadlineExceeded);
        }
        let never = bounded(deadline, async { panic!("the deadline has passed: nothing is begun") }).await;
        assert!(never.headers().contains_key("grpc-status"));
    }

    #[tokio::test(start_paused = true)]
    async fn calls_without_a_deadline_have_the_default_and_none_has_longer_than_the_longest() {
        let [one, two] = [1, 2].map(Duration::from_secs);
        let timeouts = |default, longest| Timeouts { default, longest };
        let unasked =
            |default, longest| Deadline::unasked(timeouts(default, longest)).map(Deadline::remaining);
        assert_eq!(unasked(None, None), None);
        assert_eq!(unasked(Some(one), Some(two)), Some(one));
        assert_eq!(unasked(None, Some(two)), Some(two));
        let of = |timeout, longest| {
            Deadline::of(&told(timeout), timeouts(Some(one), longest)).map(Deadline::remaining)
        };
        assert_eq!(of("2S", None), Some(two), "the default is for those who say nothing");
        assert_eq!(of("1H", Some(two)), Some(two));
        assert_eq!(of("five", Some(two)), None, "what cannot be read is none");
    }
}
