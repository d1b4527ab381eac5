//! What was done, what was counted, and what was found.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
    path::PathBuf,
};

use crate::{
    checkers::Verdict,
    history::{Answer, History},
    plan::Fault,
};

/// How many findings of a checker are shown.
const SHOWN: usize = 5;

/// A fault that had an effect.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Done {
    /// What it was.
    pub(crate) fault: Fault,
    /// To whom, in a word.
    pub(crate) to: &'static str,
}

/// See the module.
#[derive(Debug)]
pub struct Report {
    /// The seed of the run.
    pub seed: u64,
    /// Where the history is.
    pub history: PathBuf,
    /// What failed, and how often.
    pub faults: BTreeMap<String, usize>,
    /// How often something was killed.
    pub kills: usize,
    /// What was counted.
    pub counts: BTreeMap<&'static str, usize>,
    /// What the checkers say.
    pub verdicts: Vec<Verdict>,
}

impl Report {
    pub(crate) fn new(
        seed: u64,
        path: PathBuf,
        history: &History,
        done: Vec<Done>,
        verdicts: Vec<Verdict>,
    ) -> Self {
        let mut faults: BTreeMap<_, usize> = BTreeMap::new();
        for Done { fault, to } in &done {
            let what = match fault {
                Fault::Kill { .. } => "killed",
                Fault::Freeze { .. } => "frozen",
                Fault::Cut { .. } => "cut",
                Fault::Slow { .. } => "slow",
                Fault::HalfOpen { .. } => "half-open",
            };
            *faults.entry(format!("{what}: {to}")).or_default() += 1;
        }
        let kills = done.iter().filter(|done| matches!(done.fault, Fault::Kill { .. })).count();
        let mut counts: BTreeMap<_, usize> = BTreeMap::new();
        let mut requests: BTreeMap<&str, bool> = BTreeMap::new();
        for call in &history.calls {
            *counts
                .entry(if call.request.is_some() { "calls with commands" } else { "reads" })
                .or_default() += 1;
            let answer = match call.answer {
                Answer::Committed(_) | Answer::Deleted { .. } => "acknowledgements",
                Answer::Read(_) => "answers without a commit",
                Answer::Refused { .. } => "refusals",
                Answer::Unknown { .. } => "unknown answers",
            };
            *counts.entry(answer).or_default() += 1;
            if let Some(request) = &call.request {
                *requests.entry(request).or_default() |= call.is_acknowledged();
            }
        }
        counts.insert("commands", requests.len());
        counts.insert("commands acknowledged", requests.values().filter(|is| **is).count());
        counts.insert("commits told by watches", history.told.len());
        Self { seed, history: path, faults, kills, counts, verdicts }
    }

    /// Whether everything is as promised.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.verdicts.iter().all(|verdict| verdict.findings.is_empty())
    }
}

impl Display for Report {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        writeln!(out, "seed {}, {} kills", self.seed, self.kills)?;
        for (fault, times) in &self.faults {
            writeln!(out, "  {times:>7}  {fault}")?;
        }
        for (what, count) in &self.counts {
            writeln!(out, "  {count:>7}  {what}")?;
        }
        for Verdict { promise, looked_at, findings } in &self.verdicts {
            let verdict = if findings.is_empty() { "holds" } else { "BROKEN" };
            writeln!(out, "  {verdict:>7}  {promise} ({looked_at} looked at, {} not so)", findings.len())?;
            for finding in findings.iter().take(SHOWN) {
                writeln!(out, "             {finding}")?;
            }
        }
        write!(out, "history: {}", self.history.display())
    }
}
