//! The statement that commits a batch. It commits by itself: there is no BEGIN and no COMMIT around it, and what it does is
//! done as a whole or not at all. Everything in it follows from `won`: the members whose order is at the version that they
//! expect. Its text depends on nothing but which tables are touched, so that few forms of it have to be prepared.

use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{BigInt, Integer, Text, Uuid as SqlUuid},
};

use shared_infrastructure::database::Xid8;

use super::{
    commit_sql as sql,
    member::{Action, Changes, Member},
    models::{HistoryRow, OrderRow, OrderTotalsRow},
    row::{Column, PartRow, Row},
};

/// See the module. What none of the members needs is left out of the text, if they all need the same; else nothing is, so that
/// there are as many forms as there are kinds of members, and one.
pub(super) struct CommitStatement {
    /// Whether nothing is left out.
    mixed: bool,
    created: Vec<Column>,
    updated: Vec<Column>,
    deleted: Vec<Column>,
    parts: Vec<PartColumns>,
    history: Vec<Column>,
}

/// What is written to and removed from a table of parts.
pub(super) struct PartColumns {
    pub(super) table: &'static str,
    /// The column that numbers the parts of an order.
    pub(super) number: &'static str,
    pub(super) written: Vec<Column>,
    pub(super) gone: Vec<Column>,
}

impl CommitStatement {
    /// Commits these members, which it calls by their place among them. They are taken in the order of their keys, so that
    /// statements that update the same orders wait for each other and not in a circle. Where there is a circle all the same, as with
    /// requests that are repeated crosswise, PostgreSQL gives one of them up.
    pub(super) fn new(members: &[&Member]) -> Self {
        let mut members: Vec<_> = (0..).zip(members.iter().copied()).collect();
        members.sort_by(|(_, a), (_, b)| (&a.tenant, a.order).cmp(&(&b.tenant, b.order)));
        let mixed = members.windows(2).any(|two| two[0].1.sections() != two[1].1.sections());
        let (mut created, mut updated, mut deleted) = (vec![], vec![], vec![]);
        for &(number, member) in &members {
            match &member.action {
                Action::Create(row) => created.push((number, member, row)),
                Action::Update { expected, row } => updated.push((number, member, row, *expected)),
                Action::Delete { expected } => deleted.push((number, member, *expected)),
            }
        }
        let create = created.iter().map(|(number, member, _)| (*number, *member));
        let update = updated.iter().map(|(number, member, ..)| (*number, *member));
        let delete = deleted.iter().map(|(number, member, _)| (*number, *member));
        Self {
            mixed,
            created: join([keys(create), headers(created.iter().map(|(.., row)| &***row))]),
            updated: join([
                keys(update),
                expected(updated.iter().map(|(.., expected)| *expected)),
                headers(updated.iter().map(|(.., row, _)| &***row)),
            ]),
            deleted: join([keys(delete), expected(deleted.iter().map(|(.., expected)| *expected))]),
            parts: vec![
                part_columns(&members, |member| &member.lines),
                part_columns(&members, |member| &member.adjustments),
                part_columns(&members, |member| &member.payments),
                part_columns(&members, |member| &member.transactions),
                part_columns(&members, |member| &member.shipments),
            ],
            history: join([
                vec![Column::new::<Integer, i32>(
                    "member",
                    members.iter().map(|(number, _)| *number).collect(),
                )],
                HistoryRow::columns(members.iter().map(|(_, member)| &member.history)),
            ]),
        }
    }

    /// Whether all members create their order.
    fn only_creates(&self) -> bool {
        !self.mixed && self.has(&self.created)
    }

    /// Whether the section of these columns is in the text.
    fn has(&self, columns: &[Column]) -> bool {
        self.mixed || columns.first().is_some_and(|column| !column.is_empty())
    }
}

fn join<const N: usize>(columns: [Vec<Column>; N]) -> Vec<Column> {
    columns.into_iter().flatten().collect()
}

fn keys<'m>(members: impl Iterator<Item = (i32, &'m Member)> + Clone) -> Vec<Column> {
    let tenants = members.clone().map(|(_, member)| member.tenant.as_str().to_owned());
    let orders = members.clone().map(|(_, member)| member.order.uuid());
    vec![
        Column::new::<Integer, _>("member", members.map(|(number, _)| number).collect()),
        Column::new::<Text, _>("tenant_id", tenants.collect()),
        Column::new::<SqlUuid, _>("order_id", orders.collect()),
    ]
}

fn expected(versions: impl Iterator<Item = i64>) -> Vec<Column> {
    vec![Column::new::<BigInt, _>("expected_version", versions.collect())]
}

fn headers<'m>(rows: impl Iterator<Item = &'m (OrderRow, OrderTotalsRow)> + Clone) -> Vec<Column> {
    join([
        OrderRow::columns(rows.clone().map(|(order, _)| order)),
        OrderTotalsRow::columns(rows.map(|(_, totals)| totals)),
    ])
}

fn part_columns<R: PartRow>(members: &[(i32, &Member)], changes: fn(&Member) -> &Changes<R>) -> PartColumns {
    let written =
        members.iter().flat_map(|(member, m)| changes(m).written.iter().map(move |row| (*member, row)));
    let gone =
        members.iter().flat_map(|(member, m)| changes(m).gone.iter().map(move |part| (*member, *part)));
    let member = |numbers| Column::new::<Integer, i32>("member", numbers);
    PartColumns {
        table: R::TABLE,
        number: R::NUMBER,
        written: join([
            vec![member(written.clone().map(|(member, _)| member).collect())],
            R::columns(written.map(|(_, row)| row)),
        ]),
        gone: vec![
            member(gone.clone().map(|(member, _)| member).collect()),
            Column::new::<Integer, i32>(R::NUMBER, gone.map(|(_, part)| part).collect()),
        ],
    }
}

/// For each member that was committed its number, and the id of the transaction.
impl Query for CommitStatement {
    type SqlType = (Integer, Xid8);
}

impl QueryId for CommitStatement {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Pg> for CommitStatement {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let orders: [(_, sql::Section, _); 3] = [
            (&self.created, sql::create, "SELECT member, tenant_id, order_id FROM new_orders"),
            (&self.updated, sql::update, "SELECT member, tenant_id, order_id FROM updated"),
            (&self.deleted, sql::delete, "SELECT member, tenant_id, order_id FROM deleted"),
        ];
        out.push_sql("WITH ");
        for (columns, section, _) in orders.iter().filter(|(columns, ..)| self.has(columns)) {
            section(columns, &mut out)?;
        }
        let mut union = "won AS (";
        for (.., winners) in orders.iter().filter(|(columns, ..)| self.has(columns)) {
            out.push_sql(union);
            out.push_sql(winners);
            union = " UNION ALL ";
        }
        out.push_sql(")");
        for part in &self.parts {
            if self.has(&part.written) {
                match self.only_creates() {
                    true => sql::insert_parts(part, &mut out)?,
                    false => sql::write_parts(part, &mut out)?,
                }
            }
            if self.has(&part.gone) {
                sql::remove_parts(part, &mut out)?;
            }
        }
        sql::history(&self.history, &mut out)?;
        out.push_sql(" SELECT member, pg_current_xact_id() FROM won");
        Ok(())
    }
}
