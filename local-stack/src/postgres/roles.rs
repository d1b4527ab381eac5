//! The roles that the services work with, as a deployment has them: `docs/database-roles.sql` makes them.

use super::{PostgresError, PostgresServer, sql::execute};

const ROLES: &str = include_str!("../../../docs/database-roles.sql");

/// Who works with a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Owns the schema, and migrates it.
    Owner,
    /// Reads and writes rows.
    Writer,
    /// Reads rows.
    Reader,
}

/// The URLs of one database, for each role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logins {
    /// For migrations.
    pub owner: String,
    /// For command-service.
    pub writer: String,
    /// For query-service.
    pub reader: String,
}

impl Logins {
    /// One URL for everything.
    pub fn same(url: &str) -> Self {
        Self { owner: url.to_owned(), writer: url.to_owned(), reader: url.to_owned() }
    }
}

impl PostgresServer {
    /// Makes sure that the roles are there, and may do in `database` what they are for.
    pub async fn make_roles(&self, database: &str) -> Result<(), PostgresError> {
        execute(&self.url(database), ROLES).await
    }

    /// URLs of `database` for the roles, through the socket; they hold no secret.
    pub fn logins(&self, database: &str) -> Logins {
        let url = |role| role_url(&self.url(database), role);
        Logins { owner: url(Role::Owner), writer: url(Role::Writer), reader: url(Role::Reader) }
    }
}

/// The superuser's URL, for a role in its place.
pub(super) fn role_url(url: &str, role: Role) -> String {
    let name = match role {
        Role::Owner => "orders_owner",
        Role::Writer => "orders_writer",
        Role::Reader => "orders_reader",
    };
    url.replacen("postgres://postgres@", &format!("postgres://{name}@"), 1)
}
