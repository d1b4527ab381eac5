//! Dependencies point inward, domain <- application <- infrastructure <- the programs, and the manifests say so. The tables
//! below are the rule; a manifest that breaks it fails here.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{collections::BTreeSet, env, process::Command};

use serde_json::Value;

/// Every crate of the workspace, and the crates of the workspace that it may depend on.
const LAYERS: &[(&str, &[&str])] = &[
    ("shared-domain", &[]),
    ("orders-proto", &[]),
    ("shared-infrastructure", &["orders-proto", "shared-domain"]),
    ("command-application", &["shared-domain"]),
    (
        "command-infrastructure",
        &["command-application", "orders-proto", "shared-domain", "shared-infrastructure"],
    ),
    ("command-service", &["command-application", "command-infrastructure", "shared-infrastructure"]),
    ("query-application", &["shared-domain"]),
    (
        "query-infrastructure",
        &["orders-proto", "query-application", "shared-domain", "shared-infrastructure"],
    ),
    ("query-service", &["query-application", "query-infrastructure", "shared-infrastructure"]),
    ("local-stack", &["orders-proto"]),
    ("benches", &["local-stack", "orders-proto"]),
    ("chaos", &["local-stack", "orders-proto"]),
    (
        "fuzz-targets",
        &[
            "command-application",
            "command-infrastructure",
            "orders-proto",
            "query-application",
            "query-infrastructure",
            "shared-domain",
            "shared-infrastructure",
        ],
    ),
];

/// What the inner layers may use from outside: small libraries of values. No driver, no framework, no runtime.
const INNER_LAYERS: &[(&str, &[&str])] = &[
    ("shared-domain", &["chrono", "iso_currency", "thiserror", "uuid"]),
    ("command-application", &["async-lock", "chrono", "thiserror", "uuid"]),
    ("query-application", &["bytes", "chrono", "thiserror", "uuid"]),
];

/// A dependency that gets into what is built, as a manifest names it.
struct Dependency {
    name: String,
    /// Whether it is a crate of this workspace.
    ours: bool,
}

#[test]
fn every_crate_of_the_workspace_has_its_place() {
    let listed: BTreeSet<_> = LAYERS.iter().map(|(package, _)| (*package).to_owned()).collect();
    let packages: BTreeSet<_> = packages().into_iter().map(|(package, _)| package).collect();
    let (new, gone): (Vec<_>, Vec<_>) =
        (packages.difference(&listed).collect(), listed.difference(&packages).collect());
    assert!(
        new.is_empty(),
        "{new:?} are new: give each a line in LAYERS, with the crates that it may depend on"
    );
    assert!(gone.is_empty(), "{gone:?} are gone from the workspace: take their lines out of LAYERS");
}

#[test]
fn dependencies_point_inward() {
    for (package, dependencies) in packages() {
        let Some(allowed) = row(LAYERS, &package) else { continue };
        for Dependency { name, .. } in dependencies.iter().filter(|dependency| dependency.ours) {
            assert!(
                allowed.contains(&name.as_str()),
                "{package} must not depend on {name}: declare what it needs as an interface in its own layer, and let \
                 the layer outside implement it (or change LAYERS, if the architecture changed)"
            );
        }
    }
}

#[test]
fn the_inner_layers_use_libraries_of_values_only() {
    for (package, dependencies) in packages() {
        let Some(allowed) = row(INNER_LAYERS, &package) else { continue };
        for Dependency { name, .. } in dependencies.iter().filter(|dependency| !dependency.ours) {
            assert!(
                allowed.contains(&name.as_str()),
                "{package} must not depend on {name}: what needs it belongs into an infrastructure crate (or, if {name} \
                 is a small library of values without I/O, add it to INNER_LAYERS)"
            );
        }
    }
}

fn row(table: &[(&str, &'static [&'static str])], package: &str) -> Option<&'static [&'static str]> {
    table.iter().find(|(name, _)| *name == package).map(|(_, allowed)| *allowed)
}

/// The crates of the workspace with what they are built from; what only their tests use is left out.
fn packages() -> Vec<(String, Vec<Dependency>)> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .arg("--manifest-path")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .map(|package| {
            let dependencies = package["dependencies"].as_array().unwrap().iter();
            let built =
                dependencies.filter(|dependency| dependency["kind"] != "dev").map(dependency).collect();
            (text(&package["name"]), built)
        })
        .collect()
}

fn dependency(dependency: &Value) -> Dependency {
    Dependency { name: text(&dependency["name"]), ours: !dependency["path"].is_null() }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
