//! One connection to PostgreSQL.

use std::{error::Error, fmt::Display, time::Duration};

use diesel::{ConnectionError, ConnectionResult};
use diesel_async::AsyncPgConnection;

use super::Config;

/// A host of a URL: a name or a folder with a socket.
pub type Host = tokio_postgres::config::Host;

/// A connection that diesel speaks over.
pub type Connection = AsyncPgConnection;

/// Opens a connection within `limit`, the login included.
///
/// # Errors
/// [`ConnectionError`] with the driver's whole chain of causes in its text.
pub(super) async fn establish(config: &Config, limit: Duration) -> ConnectionResult<Connection> {
    let connecting = async {
        let (client, connection) = config
            .driver
            .connect(config.tls.clone())
            .await
            .map_err(|error| bad_connection(describe(&error)))?;
        AsyncPgConnection::try_from_client_and_connection(client, connection).await
    };
    let connected = tokio::time::timeout(limit, connecting).await;
    connected.unwrap_or_else(|_| Err(bad_connection(format!("no connection within {}ms", limit.as_millis()))))
}

fn bad_connection(reason: impl Display) -> ConnectionError {
    ConnectionError::BadConnection(reason.to_string())
}

fn describe(error: &tokio_postgres::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
