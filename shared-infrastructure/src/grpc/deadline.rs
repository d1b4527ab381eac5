//! The deadline that a client sets for its call in `grpc-timeout`.

use std::{future::Future, time::Duration};

use http::{HeaderMap, Response};
use orders_proto::orders::v1::ErrorReason;
use tokio::time::{Instant, timeout_at};
use tonic::body::Body;

use crate::errors::Failure;

/// When a call has to be answered. A handler finds it in its request's extensions, if the client set one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline(Instant);

impl Deadline {
    /// The deadline in a call's headers; `None` if there is none that can be read.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let timeout = parse(headers.get("grpc-timeout")?.to_str().ok()?)?;
        Instant::now().checked_add(timeout).map(Self)
    }

    /// The moment.
    #[must_use]
    pub fn instant(self) -> std::time::Instant {
        self.0.into_std()
    }

    /// The time that is left; zero once it has passed.
    #[must_use]
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}

/// The answer, or DEADLINE_EXCEEDED when it is late; then the work on it is dropped.
pub(super) async fn bounded(
    deadline: Option<Deadline>,
    answer: impl Future<Output = Response<Body>>,
) -> Response<Body> {
    let Some(Deadline(instant)) = deadline else { return answer.await };
    timeout_at(instant, answer).await.unwrap_or_else(|_| {
        let message = "the deadline passed before the answer was ready";
        Failure::new(ErrorReason::DeadlineExceeded, message).into_status().into_http()
    })
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

    #[tokio::test(start_paused = true)]
    async fn a_late_answer_is_a_missed_deadline() {
        let headers = HeaderMap::from_iter([("grpc-timeout".parse().unwrap(), "50m".parse().unwrap())]);
        let deadline = Deadline::of(&headers);
        assert_eq!(deadline.unwrap().remaining(), Duration::from_millis(50));
        let late = bounded(deadline, std::future::pending()).await;
        let status = tonic::Status::from_header_map(late.headers()).unwrap();
        assert_eq!(status.code(), Code::DeadlineExceeded);
        assert_eq!(bounded(deadline, async { Response::default() }).await.headers().len(), 0);
    }
}
