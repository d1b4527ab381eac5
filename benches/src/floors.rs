//! What the services are compared with: PostgreSQL without them, driven by pgbench, and gRPC without a database.
//!
//! pgbench's statements stand prepared, and write the rows that the service has written for the same command; what is the
//! same in all of them stands in the statement, so that pgbench sends less than any real client would have to.

mod change;
mod echo;
mod echo_process;
mod get;
mod list;
mod pgbench;
mod pgbench_output;
mod place_cte;
mod place_separate;
mod script;

pub(crate) use echo::{Echoed, serve as serve_echo};
pub(crate) use echo_process::EchoProcess;
pub(crate) use get::query as get_query;
pub(crate) use list::query as list_query;
pub(crate) use pgbench::{Pgbench, Stretch};
pub(crate) use place_cte::statement as place_statement;
pub(crate) use script::{Sample, Scripts, Weighted};

/// The floors, as they are named in the results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Floor {
    /// One statement per operation.
    PgbenchCte,
    /// BEGIN, one statement per table, COMMIT.
    PgbenchSeparate,
    /// One order by its id.
    PgbenchGet,
    /// A page of a customer's orders, as what lists show of them is stored.
    PgbenchList,
    /// A page of a customer's orders, column by column.
    PgbenchListColumns,
    /// A gRPC service that answers at once, with messages of the same size.
    Echo,
}

impl Floor {
    /// Its name in the results.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::PgbenchCte => "pgbench-cte",
            Self::PgbenchSeparate => "pgbench-separate",
            Self::PgbenchGet => "pgbench-get",
            Self::PgbenchList => "pgbench-list",
            Self::PgbenchListColumns => "pgbench-list-columns",
            Self::Echo => "echo",
        }
    }
}
