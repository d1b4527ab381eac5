//! What fails when. It follows from the seed and the duration, and from nothing else.

use std::time::Duration;

use fastrand::Rng;
use serde::Serialize;

/// How many processes there are of each service.
pub const NODES: u8 = 2;

/// The mean time between two faults.
const PACE: Duration = Duration::from_millis(900);
/// Each card is a kind of fault. All are drawn before they are shuffled again, so that every minute has every kind.
const CARDS: u8 = 50;
/// The first cards kill.
const KILLS: u8 = 32;
/// Without faults, at the beginning: there has to be something that can be lost.
const CALM: Duration = Duration::from_secs(2);

/// A process of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Node {
    /// The command service of this number.
    Command(u8),
    /// The query service of this number.
    Query(u8),
}

/// What can be killed and frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Victim {
    /// A service.
    Service(Node),
    /// PostgreSQL, with all its processes.
    Postgres,
    /// The process of one of PostgreSQL's sessions, in the middle of a commit. If it is killed, PostgreSQL ends all the others and recovers.
    Session,
    /// NATS.
    Nats,
}

/// A connection between two parts that can be disturbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// From the clients to a service.
    Front(Node),
    /// From a service to PostgreSQL.
    Database(Node),
    /// From the relay in a command service to NATS.
    Broker(u8),
}

/// What is swallowed by a link that is half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Swallowed {
    /// Everything.
    Both,
    /// What goes to the server.
    Requests,
    /// What comes back.
    Answers,
}

/// Something that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// SIGKILL, and a new start after a while.
    Kill {
        /// Who.
        victim: Victim,
        /// How long it is away, at least.
        down: Duration,
    },
    /// SIGSTOP, and SIGCONT after a while.
    Freeze {
        /// Who.
        victim: Victim,
        /// For how long.
        time: Duration,
    },
    /// All connections of a link end.
    Cut {
        /// Which.
        link: Link,
    },
    /// A link is slow for a while.
    Slow {
        /// Which.
        link: Link,
        /// For how long.
        time: Duration,
        /// How long each piece takes that goes through it.
        delay: Duration,
        /// How much goes through it.
        bytes_per_second: u32,
    },
    /// A link swallows what goes through it for a while, without an end of its connections; then they do end.
    HalfOpen {
        /// Which.
        link: Link,
        /// For how long.
        time: Duration,
        /// What.
        swallowed: Swallowed,
    },
}

/// A fault and its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Step {
    /// When, from the start on.
    pub at: Duration,
    /// What.
    pub fault: Fault,
}

/// What fails within `duration`, in the order of time.
#[must_use]
pub fn plan(seed: u64, duration: Duration) -> Vec<Step> {
    let mut rng = Rng::with_seed(seed);
    let mut steps = Vec::new();
    let mut deck = Vec::new();
    let mut at = CALM;
    while at < duration {
        if deck.is_empty() {
            deck = (0..CARDS).collect();
            rng.shuffle(&mut deck);
        }
        let card = deck.pop().expect("it was filled");
        steps.push(Step { at, fault: fault(&mut rng, card) });
        at += millis(&mut rng, 100, 2 * PACE.as_millis() as u64 - 100);
    }
    steps
}

fn fault(rng: &mut Rng, card: u8) -> Fault {
    let number = rng.u8(..NODES);
    let victim = match card {
        ..13 => Victim::Service(Node::Command(number)),
        13..19 => Victim::Service(Node::Query(number)),
        19..22 => Victim::Postgres,
        22..25 => Victim::Session,
        25..32 => Victim::Nats,
        32 => Victim::Service(Node::Query(number)),
        33 => Victim::Service(Node::Command(number)),
        34 => Victim::Postgres,
        35 => Victim::Nats,
        36..40 => Victim::Session,
        _ => return disturbance(rng, card),
    };
    if card < KILLS {
        Fault::Kill { victim, down: millis(rng, 0, 800) }
    } else {
        // A session, for long enough that others commit meanwhile.
        let least = if victim == Victim::Session { 500 } else { 100 };
        Fault::Freeze { victim, time: millis(rng, least, 2_500) }
    }
}

fn disturbance(rng: &mut Rng, card: u8) -> Fault {
    let link = link(rng);
    match card {
        ..43 => Fault::Cut { link },
        43..47 => Fault::Slow {
            link,
            time: millis(rng, 500, 4_000),
            delay: millis(rng, 1, 150),
            bytes_per_second: rng.u32(4_000..200_000),
        },
        _ => Fault::HalfOpen { link, time: millis(rng, 300, 3_000), swallowed: swallowed(rng) },
    }
}

fn link(rng: &mut Rng) -> Link {
    let number = rng.u8(..NODES);
    let node = if rng.u8(..3) < 2 { Node::Command(number) } else { Node::Query(number) };
    match rng.u8(..5) {
        ..2 => Link::Front(node),
        2..4 => Link::Database(node),
        _ => Link::Broker(number),
    }
}

fn swallowed(rng: &mut Rng) -> Swallowed {
    match rng.u8(..3) {
        0 => Swallowed::Both,
        1 => Swallowed::Requests,
        _ => Swallowed::Answers,
    }
}

fn millis(rng: &mut Rng, from: u64, to: u64) -> Duration {
    Duration::from_millis(rng.u64(from..to))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn the_seed_decides() {
        assert_eq!(plan(7, MINUTE), plan(7, MINUTE));
        assert_ne!(plan(7, MINUTE), plan(8, MINUTE));
        let (short, long) = (plan(7, MINUTE), plan(7, 5 * MINUTE));
        assert_eq!(short, long[..short.len()], "a longer plan begins as a shorter one");
    }

    #[test]
    fn within_a_minute_everybody_is_killed_and_everything_else_happens_too() {
        for seed in 0..20 {
            let mut seen = BTreeSet::new();
            let steps = plan(seed, MINUTE);
            for step in &steps {
                assert!(step.at >= CALM && step.at < MINUTE);
                seen.insert(match step.fault {
                    Fault::Kill { victim: Victim::Service(Node::Command(_)), .. } => "kill a command service",
                    Fault::Kill { victim: Victim::Service(Node::Query(_)), .. } => "kill a query service",
                    Fault::Kill { victim: Victim::Postgres | Victim::Session, .. } => "kill PostgreSQL",
                    Fault::Kill { victim: Victim::Nats, .. } => "kill NATS",
                    Fault::Freeze { .. } => "freeze",
                    Fault::Cut { .. } => "cut",
                    Fault::Slow { .. } => "slow",
                    Fault::HalfOpen { .. } => "half-open",
                });
            }
            assert_eq!(seen.len(), 8, "seed {seed}: only {seen:?}");
        }
    }

    #[test]
    fn five_minutes_have_some_two_hundred_kills() {
        let kills = |step: &&Step| matches!(step.fault, Fault::Kill { .. });
        for seed in 0..20 {
            let kills = plan(seed, 5 * MINUTE).iter().filter(kills).count();
            assert!(kills > 185, "seed {seed}: {kills} kills");
        }
    }
}
