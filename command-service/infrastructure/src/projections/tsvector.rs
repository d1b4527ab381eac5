//! PostgreSQL's `tsvector`, which diesel does not bring, in the form that PostgreSQL need not parse.

use std::{collections::BTreeMap, io::Write};

use diesel::{
    expression::AsExpression,
    pg::Pg,
    query_builder::QueryId,
    serialize::{self, IsNull, Output, ToSql},
    sql_types::SqlType,
};

/// What PostgreSQL adds to each word, in bytes.
pub(super) const BYTES_PER_WORD: usize = 8;

/// The SQL type `tsvector`.
#[derive(Debug, Clone, Copy, SqlType, QueryId)]
#[diesel(postgres_type(oid = 3614, array_oid = 3643))]
pub(super) struct TsVectorType;

/// How much it says about an order that it has a word, under the letters that PostgreSQL has for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// Ids of the order and of what belongs to it.
    A,
    /// Ids of what it is about and of whom.
    B,
    /// What is in it.
    C,
    /// All the rest.
    D,
}

impl Weight {
    /// The first place in a document, with this weight.
    const fn first_place(self) -> u16 {
        let weight = match self {
            Self::A => 3,
            Self::B => 2,
            Self::C => 1,
            Self::D => 0,
        };
        weight << 14 | 1
    }
}

/// Words, each with its weight; in PostgreSQL, all at the first place of a document. No word has a NUL in it.
#[derive(Debug, Clone, PartialEq, Eq, AsExpression)]
#[diesel(sql_type = TsVectorType)]
pub(super) struct TsVector(pub(super) BTreeMap<String, Weight>);

/// As `tsvectorrecv` reads it: how many words, and of each its bytes, a NUL, how many places, and these.
impl ToSql<TsVectorType, Pg> for TsVector {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&i32::try_from(self.0.len())?.to_be_bytes())?;
        for (word, weight) in &self.0 {
            out.write_all(word.as_bytes())?;
            out.write_all(&[0, 0, 1])?;
            out.write_all(&weight.first_place().to_be_bytes())?;
        }
        Ok(IsNull::No)
    }
}
