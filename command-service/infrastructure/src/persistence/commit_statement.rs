//! The statement that commits a batch. It commits by itself: there is no BEGIN and no COMMIT around it, and whatever it does
//! is done as a whole or not at all. Everything in it follows from `won`: the members whose order is at the version they
//! expect. The text depends only on which tables are touched, so that few forms of it have to be prepared.

mod sections;

use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{Integer, Text, Uuid as SqlUuid, BigInt},
};

use self::sections::{Arrays, PartSection};
use super::{
    member::{Action, Changes, Member},
    models::{HistoryRow, OrderRow, OrderTotalsRow},
    row::{Column, PartRow, Row},
    transaction_id::Xid8,
};
