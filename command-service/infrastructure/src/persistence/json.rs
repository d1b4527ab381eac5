//! Columns of type `jsonb` that hold one known form.

use std::{fmt, io::Write};

use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    pg::{Pg, PgValue},
    serialize::{self, IsNull, Output, ToSql},
    sql_types::Jsonb,
};
use serde::{Serialize, de::DeserializeOwned};

/// The first byte of the binary form of `jsonb`.
const FORMAT: u8 = 1;

/// A value that a `jsonb` column holds.
#[derive(Debug, Clone, PartialEq, Eq, FromSqlRow)]
pub(super) struct Json<T>(pub(super) T);

impl<T: DeserializeOwned> FromSql<Jsonb, Pg> for Json<T> {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        match value.as_bytes() {
            [FORMAT, text @ ..] => Ok(Self(serde_json::from_slice(text)?)),
            _ => Err("an unknown format of jsonb".into()),
        }
    }
}

impl<T: Serialize + fmt::Debug> ToSql<Jsonb, Pg> for Json<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&[FORMAT])?;
        serde_json::to_writer(out, &self.0)?;
        Ok(IsNull::No)
    }
}
