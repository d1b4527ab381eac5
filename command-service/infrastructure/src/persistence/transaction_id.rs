//! PostgreSQL's transaction ids, which diesel does not bring.

use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    pg::{Pg, PgValue},
    query_builder::QueryId,
    sql_types::SqlType,
};

/// The SQL type `xid8`. Public as the columns that diesel declares with it are.
#[derive(Debug, Clone, Copy, SqlType, QueryId)]
#[diesel(postgres_type(oid = 5069, array_oid = 271))]
pub struct Xid8;

/// A transaction's id; it never wraps around.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromSqlRow)]
pub(super) struct TransactionId(pub(super) u64);

impl FromSql<Xid8, Pg> for TransactionId {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(u64::from_be_bytes(value.as_bytes().try_into()?)))
    }
}
