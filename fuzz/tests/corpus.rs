//! What was found, and what fuzzing begins with, goes through every target again: on stable Rust, in no time.

use std::{collections::BTreeSet, fs};

use fuzz_targets::TARGETS;

#[test]
fn the_corpora_run_through() {
    for target in TARGETS {
        let mut inputs = 0;
        for file in fs::read_dir(target.corpus()).unwrap() {
            let path = file.unwrap().path();
            println!("{}", path.display());
            (target.run)(&fs::read(path).unwrap());
            inputs += 1;
        }
        assert!(inputs > 0, "{} has no corpus: `make fuzz-seeds` makes one", target.name);
    }
}

#[test]
fn the_seeds_run_through() {
    for target in TARGETS {
        for seed in (target.seeds)() {
            (target.run)(&seed);
        }
    }
}

#[test]
fn every_target_has_a_program() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/libfuzzer/fuzz_targets");
    let programs: BTreeSet<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    let expected: BTreeSet<_> = TARGETS.iter().map(|target| format!("{}.rs", target.name)).collect();
    assert_eq!(programs, expected);
    let manifest = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/libfuzzer/Cargo.toml")).unwrap();
    for target in TARGETS {
        assert!(manifest.contains(&format!("name = \"{}\"", target.name)), "{} is not built", target.name);
    }
}
