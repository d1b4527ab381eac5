//! Everything fails for a minute, and every promise holds.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed; its helpers too")]

use std::{env, path::PathBuf, time::Duration};

use chaos::{Options, Report, run};

/// The folder that everything is built in.
fn target() -> PathBuf {
    env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned()
}

async fn chaos(seed: u64, seconds: u64) -> Report {
    let options = Options {
        seed,
        duration: Duration::from_secs(seconds),
        folder: target().join("chaos"),
        failpoints: None,
    };
    let report = run(&options).await.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    assert!(report.is_well(), "{report}");
    for verdict in &report.verdicts {
        assert!(verdict.looked_at > 0, "seed {seed}: nothing to look at: {verdict:?}");
    }
    report
}

#[tokio::test(flavor = "multi_thread")]
async fn a_minute_of_chaos_breaks_no_promise() {
    let report = chaos(1, 60).await;
    println!("{report}");
    assert!(report.kills > 2, "{report}");
    assert!(report.counts["commands acknowledged"] > 10, "{report}");
    assert!(report.counts["unknown answers"] > 10, "{report}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "five minutes, and more where it is slow"]
async fn ten_thousand_commands_and_two_hundred_kills_break_no_promise() {
    let (mut commands, mut kills) = (0, 0);
    for seed in 1.. {
        let report = chaos(seed, 300).await;
        println!("{report}");
        commands += report.counts["commands acknowledged"];
        kills += report.kills;
        if commands >= 10_000 && kills >= 200 {
            break;
        }
    }
    println!("{commands} commands acknowledged, {kills} kills: 0 lost, 0 doubled, 0 reordered");
}
