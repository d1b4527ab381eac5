//! `local-stack demo`: a shop's day in seconds. A client of the wire contract like any other; it knows nothing else.

mod catalog;
mod journey;
mod report;
mod shop;

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use uuid::Uuid;

use self::{journey::JOURNEYS, shop::Shop};

/// What to do to which stack.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Where command-service listens
    #[arg(long, env = "COMMAND_ADDRESS", default_value = "127.0.0.1:50051", value_name = "HOST:PORT")]
    command_address: String,
    /// Where query-service listens
    #[arg(long, env = "QUERY_ADDRESS", default_value = "127.0.0.1:50052", value_name = "HOST:PORT")]
    query_address: String,
    /// How many orders to place
    #[arg(long, default_value_t = 48, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    orders: u32,
}

/// Places the orders, walks each through its life, and shows what the query service says of them afterwards.
pub(crate) async fn run(options: Options) -> Result<()> {
    let mut shop = Shop::open(&options.command_address, &options.query_address)
        .await
        .context("no running stack there: start it with `make run`")?;
    // Marks the orders of this run, so that they can be told from what was there before.
    let tag = format!("demo-{}", &Uuid::new_v4().simple().to_string()[..8]);
    let bar = ProgressBar::new(options.orders.into());
    bar.set_style(ProgressStyle::with_template("{bar:40} {pos}/{len} orders  {msg}")?);
    bar.enable_steady_tick(Duration::from_millis(100));
    let start = Instant::now();
    for number in 0..options.orders {
        let (story, steps) = JOURNEYS[number as usize % JOURNEYS.len()];
        bar.set_message(story);
        let order = catalog::order(number, &tag, story == journey::AT_THE_COUNTER);
        shop.walk(order, steps)
            .await
            .with_context(|| format!("order {} of {}: {story}", number + 1, options.orders))?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    let took = start.elapsed();
    let orders = shop.orders_tagged(&tag).await.context("cannot list the orders")?;
    report::show(&orders, &tag, shop.commands_sent(), took, &options.query_address)
}
