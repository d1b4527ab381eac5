//! What the clients saw, in the order in which they saw it: in memory for the checkers, and as lines of JSON for people.

use std::{
    fs::File,
    hash::{DefaultHasher, Hash, Hasher},
    io::{self, BufWriter, Write},
    path::Path,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use orders_proto::orders::v1::Order;
use serde::Serialize;

use crate::{
    load::published,
    plan::{Fault, Node},
};

/// What a call came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It was committed, by this call or one before it.
    Committed(Seen),
    /// The order was deleted, by this call or one before it.
    Deleted {
        /// Its id.
        order: String,
    },
    /// There is nothing to commit; or it was a read.
    Read(Seen),
    /// The service says that it does not do it.
    Refused {
        /// The reason of the catalogue.
        reason: String,
    },
    /// Whether it took effect is unknown, or it did not for now: it has to be asked again.
    Unknown {
        /// The status.
        code: String,
        /// The reason of the catalogue; empty if the status is not of the service.
        reason: String,
        /// What it says.
        message: String,
    },
}

/// An order as it was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// Its id.
    pub order: String,
    /// Its version.
    pub version: i64,
    /// What stands for its published state.
    pub state: u64,
}

impl Seen {
    /// What is seen of an order.
    #[must_use]
    pub fn of(order: &Order) -> Self {
        Self { order: id(&order.name), version: order.version, state: digest(&published(order)) }
    }
}

/// The id in the name of an order.
#[must_use]
pub fn id(name: &str) -> String {
    name.trim_start_matches("orders/").to_owned()
}

/// What stands for a published state.
#[must_use]
pub fn digest(state: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    state.hash(&mut hasher);
    hasher.finish()
}

/// One call, with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Call {
    /// What was asked for, as a word.
    pub kind: &'static str,
    /// The request id; none of a read.
    pub request: Option<String>,
    /// Which of the callers with the same request.
    pub twin: u16,
    /// The order that it was about; none if it created one.
    pub order: Option<String>,
    /// Who was asked.
    pub node: Node,
    /// When it began, as a number that only grows.
    pub invoked: u64,
    /// When it was over, by the same numbers.
    pub returned: u64,
    /// What came of it.
    pub answer: Answer,
}

impl Call {
    /// Whether the service said that it is committed.
    #[must_use]
    pub fn is_acknowledged(&self) -> bool {
        matches!(self.answer, Answer::Committed(_) | Answer::Deleted { .. })
    }
}

/// A commit that a watch told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Which watch.
    pub watch: u8,
    /// The order.
    pub order: String,
    /// The version that the commit made.
    pub version: i64,
    /// What stands for the state after it; none if it was deleted.
    pub state: Option<u64>,
}

/// All of it.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// The calls, in the order in which they were over.
    pub calls: Vec<Call>,
    /// What watches told, in the order in which they did.
    pub told: Vec<Told>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Line<'l> {
    Call(&'l Call),
    Told(&'l Told),
    Fault { fault: &'l Fault, done: &'l str },
}

/// Writes the history down.
#[derive(Debug)]
pub struct Recorder {
    start: Instant,
    numbers: AtomicU64,
    acknowledged: AtomicU64,
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    history: History,
    file: BufWriter<File>,
}

impl Recorder {
    /// Begins a history in this file.
    ///
    /// # Errors
    /// If the file cannot be made.
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = BufWriter::new(File::create(path)?);
        let kept = Mutex::new(Kept { history: History::default(), file });
        Ok(Self { start: Instant::now(), numbers: AtomicU64::new(1), acknowledged: AtomicU64::new(0), kept })
    }

    /// The number of this moment: later moments have higher ones.
    pub fn now(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::SeqCst)
    }

    /// Takes a call down that is over.
    pub fn call(&self, call: Call) {
        self.acknowledged.fetch_add(u64::from(call.is_acknowledged() && call.twin == 0), Ordering::Relaxed);
        let mut kept = self.kept();
        kept.write(self.start, &Line::Call(&call));
        kept.history.calls.push(call);
    }

    /// Takes down what a watch told.
    pub fn told(&self, told: Told) {
        let mut kept = self.kept();
        kept.write(self.start, &Line::Told(&told));
        kept.history.told.push(told);
    }

    /// Takes down what was done to the system.
    pub(crate) fn fault(&self, fault: &Fault, done: &str) {
        self.kept().write(self.start, &Line::Fault { fault, done });
    }

    /// How many commands were acknowledged so far, those of twins once.
    pub(crate) fn acknowledged_so_far(&self) -> u64 {
        self.acknowledged.load(Ordering::Relaxed)
    }

    /// How many commits watches told so far.
    pub(crate) fn told_so_far(&self) -> usize {
        self.kept().history.told.len()
    }

    /// What was taken down so far.
    ///
    /// # Errors
    /// If it could not be written.
    pub fn history(&self) -> io::Result<History> {
        let mut kept = self.kept();
        kept.file.flush()?;
        Ok(kept.history.clone())
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn write(&mut self, start: Instant, line: &Line<'_>) {
        #[derive(Serialize)]
        struct Timed<'l> {
            micros: u128,
            #[serde(flatten)]
            line: &'l Line<'l>,
        }
        let timed = Timed { micros: start.elapsed().as_micros(), line };
        // What cannot be written shows when the file is flushed.
        if serde_json::to_writer(&mut self.file, &timed).is_ok() {
            self.file.write_all(b"\n").ok();
        }
    }
}
