//! The text of the sections of the commit statement. Values are bound, never written into it.

use diesel::{QueryResult, pg::Pg, query_builder::AstPass};

use super::{commit_statement::PartColumns, row::Column};

/// Writes a section for these columns.
pub(super) type Section = for<'b> fn(&'b [Column], &mut AstPass<'_, 'b, Pg>) -> QueryResult<()>;

/// The columns that say which order a row belongs to.
const KEY: [&str; 3] = ["member", "tenant_id", "order_id"];

/// `new_orders`: the rows of `orders` to be inserted, and their insertion.
pub(super) fn create<'b>(columns: &'b [Column], out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    let inserted = listed(columns, "", &["member"]);
    out.push_sql("new_orders AS (SELECT * FROM ");
    rows(columns, out)?;
    out.push_sql(&format!(
        "), created AS (INSERT INTO orders ({inserted}) SELECT {inserted} FROM new_orders), "
    ));
    Ok(())
}

/// `updated`: the orders that are at the version expected, with their new rows.
pub(super) fn update<'b>(columns: &'b [Column], out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    let set = columns.iter().map(|column| column.name).filter(|name| !is_key(name));
    let set: Vec<_> = set.map(|name| format!("{name} = r.{name}")).collect();
    out.push_sql(&format!("updated AS (UPDATE orders AS o SET {} FROM ", set.join(", ")));
    rows(columns, out)?;
    at_expected_version(out);
    Ok(())
}

/// `deleted`: the orders that are at the version expected and now are gone, and their parts with them.
pub(super) fn delete<'b>(columns: &'b [Column], out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    out.push_sql("deleted AS (DELETE FROM orders AS o USING ");
    rows(columns, out)?;
    at_expected_version(out);
    Ok(())
}

fn at_expected_version(out: &mut AstPass<'_, '_, Pg>) {
    out.push_sql(
        " WHERE o.tenant_id = r.tenant_id AND o.order_id = r.order_id AND o.version = r.expected_version \
         RETURNING r.member, r.tenant_id, r.order_id), ",
    );
}

/// Inserts parts, or gives those that are there their new values.
pub(super) fn write_parts<'b>(part: &'b PartColumns, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    let PartColumns { table, number, written, .. } = part;
    insert_for_winners(table, written, out)?;
    let set = written.iter().map(|column| column.name).filter(|name| name != number && !is_key(name));
    let set: Vec<_> = set.map(|name| format!("{name} = excluded.{name}")).collect();
    out.push_sql(&format!(" ON CONFLICT (tenant_id, order_id, {number}) DO UPDATE SET {})", set.join(", ")));
    Ok(())
}

/// Removes parts.
pub(super) fn remove_parts<'b>(part: &'b PartColumns, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    let PartColumns { table, number, gone, .. } = part;
    out.push_sql(&format!(", {table}_gone AS (DELETE FROM {table} AS p USING won AS w, "));
    rows(gone, out)?;
    out.push_sql(&format!(
        " WHERE w.member = r.member AND p.tenant_id = w.tenant_id AND p.order_id = w.order_id \
         AND p.{number} = r.{number})"
    ));
    Ok(())
}

/// Inserts the history of what is committed.
pub(super) fn history<'b>(columns: &'b [Column], out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    insert_for_winners("order_history", columns, out)?;
    out.push_sql(")");
    Ok(())
}

fn insert_for_winners<'b>(
    table: &str,
    columns: &'b [Column],
    out: &mut AstPass<'_, 'b, Pg>,
) -> QueryResult<()> {
    let (names, values) = (listed(columns, "", &KEY), listed(columns, "r.", &KEY));
    out.push_sql(&format!(
        ", {table}_written AS (INSERT INTO {table} (tenant_id, order_id, {names}) \
         SELECT w.tenant_id, w.order_id, {values} FROM "
    ));
    rows(columns, out)?;
    out.push_sql(" JOIN won AS w ON w.member = r.member");
    Ok(())
}

/// The rows that the columns make, as `r`. Only the first column, which numbers the members, is unnested: to unnest an array costs
/// PostgreSQL a function scan, to look into it nearly nothing.
fn rows<'b>(columns: &'b [Column], out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    let (member, values) = columns.split_first().expect("rows have a member");
    out.push_sql("(SELECT u.member");
    for column in values {
        out.push_sql(", (");
        column.bind(out)?;
        out.push_sql(&format!(")[u.row::integer] AS {}", column.name));
    }
    out.push_sql(" FROM unnest(");
    member.bind(out)?;
    out.push_sql(") WITH ORDINALITY AS u (member, row)) AS r");
    Ok(())
}

fn listed(columns: &[Column], prefix: &str, except: &[&str]) -> String {
    let names = columns.iter().map(|column| column.name).filter(|name| !except.contains(name));
    names.map(|name| format!("{prefix}{name}")).collect::<Vec<_>>().join(", ")
}

fn is_key(name: &str) -> bool {
    KEY.contains(&name) || name == "expected_version"
}
