//! Rows as structs: one field per column, named as the column. Many rows become one array per column, so that a statement has
//! the same text however many rows it carries.

use std::fmt;

use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::AstPass,
    serialize::ToSql,
    sql_types::{Array, HasSqlType, Record, SingleValue},
};

/// A row, or the part of one that a struct stands for.
pub(super) trait Row: Sized {
    /// The SQL types of the columns, as a tuple.
    type Sql: 'static;

    /// The names of the columns, in the order of the fields.
    const COLUMNS: &'static [&'static str];

    /// The rows as columns.
    fn columns<'r>(rows: impl Iterator<Item = &'r Self>) -> Vec<Column>
    where
        Self: 'r;
}

/// The SQL types of a row's columns, as a tuple.
pub(super) type SqlOf<R> = <R as Row>::Sql;

/// The SQL type of a row as one value.
pub(super) type RecordOf<R> = Record<SqlOf<R>>;

/// A row of a table that holds parts of orders. The columns `tenant_id` and `order_id`, which come first in such a table, are
/// those of its order.
pub(super) trait PartRow: Row + PartialEq {
    /// The table.
    const TABLE: &'static str;
    /// The column that numbers the parts of an order.
    const NUMBER: &'static str = Self::COLUMNS[0];

    /// The part's number in its order.
    fn number(&self) -> i32;
}

/// One column of many rows, to be bound as an array.
pub(super) struct Column {
    pub(super) name: &'static str,
    values: Box<dyn BindArray + Send + Sync>,
}

impl Column {
    /// A column of the SQL type `ST`.
    pub(super) fn new<ST, T>(name: &'static str, values: Vec<T>) -> Self
    where
        ST: SingleValue + Send + Sync + 'static,
        T: fmt::Debug + Send + Sync + 'static,
        Pg: HasSqlType<ST>,
        Vec<T>: ToSql<Array<ST>, Pg>,
    {
        Self { name, values: Box::new(Values::<ST, T>(values, std::marker::PhantomData)) }
    }

    /// Whether there are no rows.
    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Writes the parameter that stands for the array.
    pub(super) fn bind<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.values.bind(out)
    }
}

trait BindArray {
    fn is_empty(&self) -> bool;

    fn bind<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()>;
}

struct Values<ST, T>(Vec<T>, std::marker::PhantomData<ST>);

impl<ST, T> BindArray for Values<ST, T>
where
    ST: 'static,
    Pg: HasSqlType<Array<ST>>,
    Vec<T>: ToSql<Array<ST>, Pg>,
{
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn bind<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_bind_param::<Array<ST>, Vec<T>>(&self.0)
    }
}

/// Declares a struct for rows: `field: SQL type => Rust type`. It can be written as columns, and read from a statement that
/// selects these columns in this order, one by one or as a record.
macro_rules! row {
    (
        $(#[$meta:meta])*
        $name:ident { $($column:ident: $sql:ty => $rust:ty),* $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        pub(in crate::persistence) struct $name {
            $(pub(in crate::persistence) $column: $rust,)*
        }

        impl $crate::persistence::row::Row for $name {
            type Sql = ($($sql,)*);

            const COLUMNS: &'static [&'static str] = &[$(stringify!($column)),*];

            fn columns<'r>(rows: impl Iterator<Item = &'r Self>) -> Vec<$crate::persistence::row::Column> {
                $(let mut $column: Vec<$rust> = vec![];)*
                for row in rows {
                    $($column.push(row.$column.clone());)*
                }
                vec![$($crate::persistence::row::Column::new::<$sql, $rust>(stringify!($column), $column)),*]
            }
        }

        impl diesel::deserialize::Queryable<($($sql,)*), diesel::pg::Pg> for $name {
            type Row = ($($rust,)*);

            fn build(($($column,)*): Self::Row) -> diesel::deserialize::Result<Self> {
                Ok(Self { $($column),* })
            }
        }

        impl diesel::deserialize::FromSql<diesel::sql_types::Record<($($sql,)*)>, diesel::pg::Pg> for $name {
            fn from_sql(value: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                let ($($column,)*): ($($rust,)*) =
                    diesel::deserialize::FromSql::<diesel::sql_types::Record<($($sql,)*)>, _>::from_sql(value)?;
                Ok(Self { $($column),* })
            }
        }
    };
}
pub(super) use row;
