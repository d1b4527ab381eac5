//! Puts the seeds of every target into its corpus.

use std::{fs, io};

use fuzz_targets::TARGETS;

fn main() -> io::Result<()> {
    for target in TARGETS {
        let folder = target.corpus();
        fs::create_dir_all(&folder)?;
        for (number, seed) in (target.seeds)().into_iter().enumerate() {
            fs::write(folder.join(format!("seed-{number:02}")), seed)?;
        }
    }
    Ok(())
}
