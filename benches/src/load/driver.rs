//! Keeps N callers busy for a while, and measures how long their calls take.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use mio::{Events, Poll, Token};

use super::{Call, LoadError, Target, Workload, connection::Connection, timer::Timer};

/// How many callers share a connection, and how many connections there are at most.
const CALLERS_A_CONNECTION: usize = 32;
const MOST_CONNECTIONS: usize = 8;
/// Longest time until the clock is looked at again.
const TICK: Duration = Duration::from_millis(20);
/// How long nothing may come while calls are under way.
const PATIENCE: Duration = Duration::from_secs(20);
/// Times are kept from a microsecond to a minute, in nanoseconds, with three digits.
const LONGEST_NANOS: u64 = 60_000_000_000;
const TIMER: Token = Token(usize::MAX);

/// Where the services listen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Targets {
    /// command-service.
    pub(crate) command: SocketAddr,
    /// query-service.
    pub(crate) query: SocketAddr,
}

/// How calls are sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Pace {
    /// A caller sends its next call when it has the answer to the last one.
    Closed,
    /// So many calls a second are due, at even distances. A call that finds all callers busy is sent late, and its time
    /// counts from when it was due.
    PerSecond(f64),
}

/// One stretch of load.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Most calls at once.
    pub(crate) callers: usize,
    /// Load before anything is measured.
    pub(crate) warm_up: Duration,
    /// How long to measure.
    pub(crate) measured: Duration,
    /// How calls are sent.
    pub(crate) pace: Pace,
}

/// What was measured. `R` is what the caller's meters said.
#[derive(Debug)]
pub(crate) struct Slice<R> {
    /// Answers that came in the measured time, all of them OK.
    pub(crate) operations: u64,
    /// The measured time.
    pub(crate) elapsed: Duration,
    /// How long these answers took, in nanoseconds.
    pub(crate) latencies: Histogram<u64>,
    /// The meters when measuring began.
    pub(crate) before: R,
    /// The meters when it ended.
    pub(crate) after: R,
}

/// Runs a plan, reading `meters` at the beginning and at the end of the measured time. When it is over, every call that was
/// sent has been answered. Blocks.
pub(crate) fn run<R>(
    targets: Targets,
    workload: &mut dyn Workload,
    plan: &Plan,
    mut meters: impl FnMut() -> R,
) -> Result<Slice<R>, LoadError> {
    let mut driver = Driver::open(targets, plan)?;
    let start = Instant::now();
    driver.due = start;
    driver.begin(workload, start)?;
    driver.work_until(workload, start + plan.warm_up)?;

    let before = meters();
    let begin = Instant::now();
    driver.operations = 0;
    driver.latencies.reset();
    driver.work_until(workload, begin + plan.measured)?;
    let (operations, elapsed) = (driver.operations, begin.elapsed());
    let after = meters();
    let mut latencies = driver.latencies.clone();
    driver.drain(workload, begin + plan.measured)?;
    if plan.pace != Pace::Closed {
        // Every call that was due counts, however late its answer.
        latencies = driver.latencies;
    }
    Ok(Slice { operations, elapsed, latencies, before, after })
}

struct Driver {
    poll: Poll,
    events: Events,
    timer: Timer,
    /// Those to command-service, then those to query-service, as many of each.
    connections: Vec<Connection>,
    /// When the call that each caller has under way was due.
    since: Vec<Instant>,
    idle: Vec<usize>,
    finished: Vec<usize>,
    pace: Pace,
    /// When the next call is due, at a fixed pace.
    due: Instant,
    /// When measuring ended, once it has. Calls that were due until then are still sent.
    end: Option<Instant>,
    last_answer: Instant,
    operations: u64,
    latencies: Histogram<u64>,
}

impl Driver {
    fn open(targets: Targets, plan: &Plan) -> Result<Self, LoadError> {
        let poll = Poll::new()?;
        let timer = Timer::new(poll.registry(), TIMER)?;
        let count = plan.callers.div_ceil(CALLERS_A_CONNECTION).clamp(1, MOST_CONNECTIONS);
        let addresses =
            [targets.command, targets.query].into_iter().flat_map(|one| std::iter::repeat_n(one, count));
        let connections = addresses
            .enumerate()
            .map(|(number, address)| Connection::open(address, poll.registry(), Token(number)))
            .collect::<Result<Vec<_>, _>>()?;
        let now = Instant::now();
        Ok(Self {
            poll,
            events: Events::with_capacity(64),
            timer,
            connections,
            since: vec![now; plan.callers],
            idle: (0..plan.callers).rev().collect(),
            finished: Vec::new(),
            pace: plan.pace,
            due: now,
            end: None,
            last_answer: now,
            operations: 0,
            latencies: Histogram::new_with_max(LONGEST_NANOS, 3).expect("the bounds are valid"),
        })
    }

    fn begin(&mut self, workload: &mut dyn Workload, now: Instant) -> Result<(), LoadError> {
        if self.pace == Pace::Closed {
            while let Some(caller) = self.idle.pop() {
                self.send(workload, caller, now)?;
            }
        }
        Ok(())
    }

    fn work_until(&mut self, workload: &mut dyn Workload, end: Instant) -> Result<(), LoadError> {
        while Instant::now() < end {
            self.turn(workload)?;
        }
        Ok(())
    }

    /// Sends what was due until the end, and waits for the answers to all calls under way.
    fn drain(&mut self, workload: &mut dyn Workload, end: Instant) -> Result<(), LoadError> {
        self.end = Some(end);
        while self.idle.len() < self.since.len() || (self.pace != Pace::Closed && self.due <= end) {
            self.turn(workload)?;
        }
        Ok(())
    }

    /// Sends what is due, and takes what has come.
    fn turn(&mut self, workload: &mut dyn Workload) -> Result<(), LoadError> {
        let timeout = self.send_due(workload)?;
        for connection in &mut self.connections {
            connection.flush()?;
        }
        match self.poll.poll(&mut self.events, Some(timeout)) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => return Ok(()),
            polled => polled?,
        }
        let now = Instant::now();
        for event in &self.events {
            if let Some(connection) = self.connections.get_mut(event.token().0) {
                connection.read(&mut self.finished)?;
            }
        }
        self.finish(workload, now)
    }

    fn finish(&mut self, workload: &mut dyn Workload, now: Instant) -> Result<(), LoadError> {
        let open = self.since.len() - self.idle.len();
        if !self.finished.is_empty() || open == 0 {
            self.last_answer = now;
        } else if now - self.last_answer > PATIENCE {
            return Err(LoadError::Silence { open, seconds: PATIENCE.as_secs() });
        }
        let mut finished = std::mem::take(&mut self.finished);
        for caller in finished.drain(..) {
            let took = Instant::now() - self.since[caller];
            self.operations += 1;
            self.latencies.saturating_record(u64::try_from(took.as_nanos()).unwrap_or(LONGEST_NANOS));
            if self.pace == Pace::Closed && self.end.is_none() {
                self.send(workload, caller, Instant::now())?;
            } else {
                self.idle.push(caller);
            }
        }
        self.finished = finished;
        Ok(())
    }

    /// Sends the calls that are due and have a caller; answers how long to wait for something to happen.
    fn send_due(&mut self, workload: &mut dyn Workload) -> Result<Duration, LoadError> {
        let Pace::PerSecond(rate) = self.pace else { return Ok(TICK) };
        let now = self.end.unwrap_or_else(Instant::now);
        while self.due <= now {
            let Some(caller) = self.idle.pop() else { return Ok(TICK) };
            self.send(workload, caller, self.due)?;
            self.due += Duration::from_secs_f64(1.0 / rate);
        }
        if self.end.is_some() {
            return Ok(TICK);
        }
        Ok(self.timer.set(self.due, TICK)?)
    }

    fn send(&mut self, workload: &mut dyn Workload, caller: usize, due: Instant) -> Result<(), LoadError> {
        let call: Call<'_> = workload.next_call();
        let half = self.connections.len() / 2;
        let offset = if call.target == Target::Command { 0 } else { half };
        self.since[caller] = due;
        self.connections[offset + caller % half].call(caller, call)
    }
}
