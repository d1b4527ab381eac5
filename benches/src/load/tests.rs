//! The generator against a real server: the echo service of the floors.

use std::{net::SocketAddr, sync::mpsc, thread, time::Duration};

use super::{Call, LoadError, Pace, Plan, Target, Targets, Workload, run};
use crate::floors::serve_echo;

const BODY: &[u8] = &[0, 0, 0, 0, 3, b'a', b'b', b'c'];
/// Larger than a frame, and than what may be sent before the other side has taken any of it.
const LONG_ANSWER: usize = 100_000;

/// Calls of one method, alternating between the two targets.
struct Calls {
    path: &'static str,
    sent: u64,
}

impl Workload for Calls {
    fn next_call(&mut self) -> Call<'_> {
        self.sent += 1;
        let target = if self.sent.is_multiple_of(2) { Target::Command } else { Target::Query };
        Call { target, path: self.path, body: BODY }
    }
}

/// An echo service on a thread that ends with the test program.
fn server() -> Targets {
    let (say, port) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(serve_echo(LONG_ANSWER, 10, move |port| say.send(port).unwrap())).unwrap();
    });
    let address = SocketAddr::from(([127, 0, 0, 1], port.recv().unwrap()));
    Targets { command: address, query: address }
}

fn plan(callers: usize, pace: Pace) -> Plan {
    Plan { callers, warm_up: Duration::from_millis(20), measured: Duration::from_millis(100), pace }
}

#[test]
fn every_answer_in_the_measured_time_is_counted_once() {
    for (path, callers) in [("/bench.Echo/Get", 3), ("/bench.Echo/Place", 200)] {
        let mut calls = Calls { path, sent: 0 };
        let slice = run(server(), &mut calls, &plan(callers, Pace::Closed), || ()).unwrap();
        assert!(calls.sent >= callers as u64 && slice.operations <= calls.sent);
        assert_eq!(slice.latencies.len(), slice.operations);
    }
}

#[test]
fn nothing_is_sent_before_it_is_due() {
    let mut calls = Calls { path: "/bench.Echo/Place", sent: 0 };
    let slice = run(server(), &mut calls, &plan(4, Pace::PerSecond(0.001)), || ()).unwrap();
    assert!(calls.sent == 1 && slice.operations <= 1);
}

#[test]
fn an_answer_that_is_not_ok_ends_the_run_with_its_status() {
    let mut calls = Calls { path: "/bench.Nothing/Here", sent: 0 };
    let error = run(server(), &mut calls, &plan(2, Pace::Closed), || ()).unwrap_err();
    assert!(matches!(error, LoadError::Refused { code, .. } if code == "12"));
}
