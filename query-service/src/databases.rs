//! The connections to the databases that the configuration names.

use query_infrastructure::persistence::DatabasePools;
use shared_infrastructure::{
    config::ConfigError,
    database::{Access, Config, Host, Pool, connect_to},
};

use crate::ServeConfig;

const APPLICATION: &str = "query-service";

/// Pools for each database. None of them has a connection yet.
pub(crate) fn pools(config: &ServeConfig) -> Result<Vec<DatabasePools>, ConfigError> {
    let urls = config.database.url.connections()?;
    let is_alone = urls.len() == 1;
    let of_one = |url: Config| {
        let connect = |size| connect_to(url.clone(), &config.database, size, Access::ReadOnly, APPLICATION);
        let pool = connect(config.database.database_pool_size);
        DatabasePools {
            place: place(&url),
            // Each lane, of reads by id and of customers' pages, has a connection of its own, which no other call can take.
            lanes: connect(2 * config.read_lanes),
            // A database that is busy is no database that is gone.
            looks: if is_alone { pool.clone() } else { connect(1) },
            pool,
            limits: config.batch.limits(config.read_lanes),
            patience: config.database.patience(),
        }
    };
    Ok(urls.into_iter().map(of_one).collect())
}

/// A pool of one connection to each database, to look whether it is within reach.
pub(crate) fn looks(config: &ServeConfig) -> Result<Vec<Pool>, ConfigError> {
    let look = |url| connect_to(url, &config.database, 1, Access::ReadOnly, APPLICATION);
    Ok(config.database.url.connections()?.into_iter().map(look).collect())
}

/// Where a database is, without who connects to it and how.
fn place(url: &Config) -> String {
    let hosts = url.get_hosts().iter().map(|host| match host {
        Host::Tcp(name) => name.clone(),
        Host::Unix(folder) => folder.display().to_string(),
    });
    let hosts: Vec<_> = hosts.collect();
    let ports: Vec<_> = url.get_ports().iter().map(u16::to_string).collect();
    format!("{}:{}", hosts.join(","), if ports.is_empty() { "5432".to_owned() } else { ports.join(",") })
}
