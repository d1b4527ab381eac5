//! Single processes.

use std::{fs, time::Duration};

use anyhow::{Context, Result};

/// What `/proc/PID/stat` says of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stat {
    /// The process that started it.
    pub(super) parent: u32,
    /// Its own processor time, in ticks.
    pub(super) own: u64,
    /// That of its children that have ended and been waited for, in ticks.
    pub(super) ended_children: u64,
}

impl Stat {
    /// Of the process with this id.
    pub(super) fn of(pid: u32) -> Result<Self> {
        let path = format!("/proc/{pid}/stat");
        let text =
            fs::read_to_string(&path).with_context(|| format!("{path}: processor time is read there"))?;
        Self::parse(&text).with_context(|| format!("{path} has an unknown form"))
    }

    fn parse(text: &str) -> Option<Self> {
        // The name before it may hold anything; behind it, the fields are counted from the third (proc(5)).
        let (_, rest) = text.rsplit_once(") ")?;
        let field = |number: usize| rest.split_ascii_whitespace().nth(number - 3);
        let sum =
            |user, system| Some(field(user)?.parse::<u64>().ok()? + field(system)?.parse::<u64>().ok()?);
        Some(Self { parent: field(4)?.parse().ok()?, own: sum(14, 15)?, ended_children: sum(16, 17)? })
    }
}

/// The processor time, in ticks, that a process and its direct children have taken so far, those that have ended included.
pub(super) fn ticks_of_family(pid: u32) -> Result<u64> {
    let parent = Stat::of(pid)?;
    let entries = fs::read_dir("/proc").context("/proc: processes are listed there")?;
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    // One that ends just now is counted with its parent the next time.
    let children = pids.filter_map(|pid| Stat::of(pid).ok()).filter(|stat| stat.parent == pid);
    Ok(parent.own + parent.ended_children + children.map(|stat| stat.own).sum::<u64>())
}

/// So many ticks, as time.
pub(super) fn time(ticks: u64) -> Duration {
    let per_second = rustix::param::clock_ticks_per_second();
    Duration::from_secs_f64(ticks as f64 / per_second as f64)
}

/// The memory that a process has in use (its resident set), in bytes.
pub(super) fn resident(pid: u32) -> Result<u64> {
    let path = format!("/proc/{pid}/status");
    let text = fs::read_to_string(&path).with_context(|| format!("{path}: memory is read there"))?;
    parse_resident(&text).with_context(|| format!("{path} has an unknown form"))
}

fn parse_resident(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_counted_from_the_end_of_the_name() {
        let text = "42 (a (b) c) S 7 42 42 0 -1 4194560 100 200 0 0 150 50 30 20 20 0 1 0 3 4 5";
        assert_eq!(Stat::parse(text), Some(Stat { parent: 7, own: 200, ended_children: 50 }));
        assert_eq!(Stat::parse("42 (cut) S 7"), None);
    }

    #[test]
    fn the_resident_set_is_read_in_bytes() {
        assert_eq!(parse_resident("Name:\tx\nVmRSS:\t   2048 kB\nThreads:\t1\n"), Some(2 * 1024 * 1024));
        assert_eq!(parse_resident("Name:\tx\n"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_can_be_measured() {
        let pid = std::process::id();
        assert!(resident(pid).unwrap() > 0);
        let own = Stat::of(pid).unwrap().own;
        assert!(ticks_of_family(pid).unwrap() >= own);
    }
}
