//! Orders in PostgreSQL.
