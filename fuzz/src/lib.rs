//! Hostile input, and what takes it: the fuzz targets, which cargo-fuzz drives and `tests/corpus.rs` repeats on what it found, and the
//! mutations that the system's tests send over the wire.
//!
//! A target takes any bytes and panics if a promise is broken. It goes through the front door of a service, with storage behind
//! it that looks at what arrives; nothing in here knows how the services are made inside.

mod call;
mod commands;
mod jwt;
mod mutation;
mod queries;
pub mod seeds;
mod steps;
mod tokens;

pub use mutation::mutate;

use std::path::PathBuf;

/// A fuzz target.
pub struct Target {
    /// The name of its program and of the folder of its corpus.
    pub name: &'static str,
    /// Takes any input; panics if a promise is broken.
    pub run: fn(&[u8]),
    /// Makes inputs to begin with, from real requests.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

impl Target {
    /// Where its corpus is.
    #[must_use]
    pub fn corpus(&self) -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus").join(self.name)
    }
}

/// All of them. Each has a program in `libfuzzer/fuzz_targets/`.
pub const TARGETS: [Target; 8] = [
    Target { name: "commands", run: commands::run, seeds: commands::seeds },
    Target { name: "queries", run: queries::run, seeds: queries::seeds },
    Target { name: "filter", run: queries::filter, seeds: queries::filters },
    Target { name: "search_words", run: queries::search_words, seeds: queries::searches },
    Target { name: "page_token", run: tokens::page_token, seeds: tokens::page_tokens },
    Target { name: "resume_token", run: tokens::resume_token, seeds: tokens::resume_tokens },
    Target { name: "consistency_token", run: tokens::consistency_token, seeds: tokens::consistency_tokens },
    Target { name: "jwt", run: jwt::run, seeds: jwt::seeds },
];

/// Runs a target on an input.
///
/// # Panics
/// If there is no such target, or a promise is broken.
pub fn run(name: &str, input: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target of that name");
    (target.run)(input);
}

/// Lets a call end on this thread.
fn blocking<T>(call: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime needs nothing but memory").block_on(call)
}
