//! The mutants of `make mutants` are patches, and patches rot: each of them has to apply to the checkout as it is.

use std::{fs, path::Path, process::Command};

#[test]
fn every_mutant_applies() {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut mutants = 0;
    for file in fs::read_dir(checkout.join("chaos/mutants")).unwrap() {
        let patch = file.unwrap().path();
        if patch.extension().is_none_or(|extension| extension != "patch") {
            continue;
        }
        let check = Command::new("git")
            .args(["apply", "--check"])
            .arg(&patch)
            .current_dir(checkout)
            .output()
            .unwrap();
        let problem = String::from_utf8_lossy(&check.stderr);
        assert!(check.status.success(), "{} does not apply any more: {problem}", patch.display());
        mutants += 1;
    }
    assert!(mutants > 5, "{mutants} mutants");
}
