//! The relay as a process of its own, and what can be asked about parked orders.

use std::{future::Future, io::Write};

use anyhow::anyhow;
use chrono::{DateTime, Utc};
use command_infrastructure::messaging::{
    NatsPublisher, ParkedOrder, Relay, Replayed, ask_for_replay, list_parked, publish_again,
};
use serde_json::json;
use shared_infrastructure::{
    config::{ConfigError, DatabaseArgs, NatsUrlArgs},
    database::{self, Access, Pool, migrations},
    ops::Readiness,
    start::{self, StartError},
    telemetry,
};
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;

use crate::{ParkedConfig, RelayArgs, RelayConfig, ReplayConfig};

/// The relay, on connections of its own; none if no NATS is configured.
pub(crate) async fn relay(
    args: &RelayArgs,
    database: &DatabaseArgs,
) -> Result<Option<Relay<NatsPublisher>>, StartError> {
    let Some(connection) = args.connection()? else { return Ok(None) };
    let pool = connect(database, Relay::<NatsPublisher>::CONNECTIONS)?;
    let publisher = NatsPublisher::connect(connection, args.stream(), args.style()).await;
    let publisher = publisher.map_err(|error| anyhow!("cannot connect to NATS: {error}"))?;
    Ok(Some(Relay::new(pool, publisher, args.settings(database))))
}

/// Publishes until `shutdown` completes.
///
/// # Errors
/// [`StartError`] if the configuration cannot be used, the schema is behind, or the database is out of reach.
pub async fn run(config: &RelayConfig, shutdown: impl Future<Output = ()>) -> Result<(), StartError> {
    let Some(relay) = relay(&config.relay, &config.database).await? else {
        let problem = "required; or --nats-url-file, or the environment variable of either";
        return Err(ConfigError::new(NatsUrlArgs::URL_FLAG, problem).into());
    };
    let readiness = Readiness::default();
    let ops = config.ops.start(vec![connect(&config.database, 1)?], readiness.clone()).await?;
    if let Some(ops) = &ops {
        start::announce_ops("command-service relay", ops.address());
    }
    let pool = connect(&config.database, 1)?;
    migrations::ensure_current(&pool).await?;
    database::ensure_english(&pool).await?;
    database::ensure_may_write(&pool, "leases").await?;
    readiness.serving(true);
    let stop = CancellationToken::new();
    let mut running = tokio::spawn(relay.run(stop.clone()));
    tracing::info!("the relay runs");
    tokio::select! {
        () = shutdown => {}
        ended = &mut running => return Err(ended_by_itself(ended)),
    }
    readiness.serving(false);
    stop.cancel();
    Ok(running.await.map_err(anyhow::Error::from)?)
}

/// What follows the feed was not told to end, and is gone.
pub(crate) fn ended_by_itself(ended: Result<(), JoinError>) -> StartError {
    let cause = ended.err().map_or_else(|| "it returned".to_owned(), |error| error.to_string());
    anyhow!("the relay or the projections ended by themselves: {cause}").into()
}

/// Prints the parked orders.
///
/// # Errors
/// [`StartError`] if the database cannot be asked.
pub async fn parked(config: &ParkedConfig) -> Result<(), StartError> {
    telemetry::init(&config.log);
    let pool = connect(&config.database, 1)?;
    let parked = list_parked(&pool, config.database.patience()).await.map_err(anyhow::Error::from)?;
    let text = if config.json { as_json(&parked) } else { as_table(&parked) };
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}

/// Asks for the replay of parked orders, or of all that was committed since some time, and says of how many.
///
/// # Errors
/// [`StartError`] if the database cannot be asked, or the one order that was named is not parked.
pub async fn replay(config: ReplayConfig) -> Result<(), StartError> {
    telemetry::init(&config.log);
    if let Some(since) = config.since {
        return replay_since(&config, since).await;
    }
    let orders = match config.order {
        Some(order) => Replayed::One { tenant: config.tenant, order },
        None => Replayed::All,
    };
    let pool = connect(&config.database, 1)?;
    let asked =
        ask_for_replay(&pool, orders, config.database.patience()).await.map_err(anyhow::Error::from)?;
    match (asked, config.order) {
        (0, Some(order)) => Err(anyhow!("the order {order} is not parked").into()),
        _ => Ok(writeln!(
            std::io::stdout(),
            "asked the relay to publish what {asked} parked orders held back"
        )?),
    }
}

async fn replay_since(config: &ReplayConfig, since: DateTime<Utc>) -> Result<(), StartError> {
    let pool = connect(&config.database, 1)?;
    let commits =
        publish_again(&pool, since, config.database.patience()).await.map_err(anyhow::Error::from)?;
    Ok(writeln!(std::io::stdout(), "asked the relay to publish {commits} commits again")?)
}

fn connect(database: &DatabaseArgs, size: u16) -> Result<Pool, ConfigError> {
    database::connect(database, size, Access::ReadWrite, "command-service relay")
}

fn as_json(parked: &[ParkedOrder]) -> String {
    let object = |order: &ParkedOrder| {
        json!({
            "tenant": order.tenant_id,
            "order": order.order_id.to_string(),
            "version": order.version,
            "event_index": order.event_index,
            "park_time": time(order),
            "replay_asked": order.replay_asked,
            "reason": order.reason,
        })
    };
    format!("{:#}\n", serde_json::Value::from_iter(parked.iter().map(object)))
}

/// A line for each order, and one of headings; none if there are no orders.
fn as_table(parked: &[ParkedOrder]) -> String {
    let headings = ["TENANT", "ORDER", "EVENT", "PARKED", "REPLAY", "REASON"].map(str::to_owned);
    let line = |order: &ParkedOrder| {
        [
            order.tenant_id.clone(),
            order.order_id.to_string(),
            format!("{}:{}", order.version, order.event_index),
            time(order),
            if order.replay_asked { "asked" } else { "-" }.to_owned(),
            order.reason.clone(),
        ]
    };
    let lines: Vec<_> = match parked {
        [] => vec![],
        _ => std::iter::once(headings).chain(parked.iter().map(line)).collect(),
    };
    let width =
        |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default();
    let widths = [0, 1, 2, 3, 4].map(width);
    let mut text = String::new();
    for line in &lines {
        for (cell, width) in line.iter().zip(widths) {
            text.push_str(&format!("{cell:width$}  "));
        }
        text.push_str(&line[5]);
        text.push('\n');
    }
    text
}

fn time(order: &ParkedOrder) -> String {
    order.park_time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
