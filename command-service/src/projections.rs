//! The projections: followed beside the commands, and what can be asked about them.

use std::io::Write;

use command_infrastructure::projections::{Following, Projection, ProjectionOverview, overview, rebuild};
use shared_infrastructure::{
    config::{ConfigError, DatabaseArgs},
    database::{self, Access, Pool, migrations},
    start::StartError,
    telemetry,
};

use crate::{ProjectionArgs, ProjectionStatusConfig, RebuildConfig};

/// What follows the feed until it is told to stop, on a connection of its own; none if that is left to others.
pub(crate) fn following(
    args: &ProjectionArgs,
    database: &DatabaseArgs,
) -> Result<Option<Following>, StartError> {
    if args.no_projections {
        return Ok(None);
    }
    let pool = connect(database)?;
    Ok(Some(Following { pool, patience: database.patience(), poll_interval: args.projection_poll_interval }))
}

/// Computes projections anew, and says so for each.
///
/// # Errors
/// [`StartError`] if the schema is behind, or the database cannot be reached: the next call goes on where this one was.
pub async fn rebuild_projections(config: &RebuildConfig) -> Result<(), StartError> {
    telemetry::init(&config.log);
    let pool = connect(&config.database)?;
    migrations::ensure_current(&pool).await?;
    let wanted = config.name.map_or(Projection::ALL.to_vec(), |one| vec![one]);
    for projection in wanted {
        let rebuilding = rebuild(&pool, config.database.patience(), projection);
        let rebuilt = rebuilding.await.map_err(anyhow::Error::from)?;
        let (name, commits, generation) = (projection.name(), rebuilt.commits, rebuilt.generation);
        let others = if rebuilt.alone { "" } else { " here, the others by another rebuild" };
        writeln!(
            std::io::stdout(),
            "{name}: generation {generation} is read now; {commits} commits counted{others}"
        )?;
    }
    Ok(())
}

/// Prints how far the projections are.
///
/// # Errors
/// [`StartError`] if the database cannot be asked.
pub async fn projection_status(config: &ProjectionStatusConfig) -> Result<(), StartError> {
    telemetry::init(&config.log);
    let all = overview(&connect(&config.database)?, config.database.patience()).await;
    let all = all.map_err(anyhow::Error::from)?;
    let text = ["PROJECTION         GENERATION  STATE     LAG        LAST COMMIT\n".to_owned()];
    let text: String = text.into_iter().chain(all.iter().map(line)).collect();
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}

fn line(one: &ProjectionOverview) -> String {
    let last = one
        .commit_time
        .map_or("none".to_owned(), |time| time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true));
    let (name, generation, state, lag) = (&one.name, one.generation, &one.state, one.lag_seconds);
    format!("{name:<17}  {generation:>10}  {state:<8}  {lag:>8.3}s  {last}\n")
}

fn connect(database: &DatabaseArgs) -> Result<Pool, ConfigError> {
    database::connect(database, 1, Access::ReadWrite, "command-service projections")
}
