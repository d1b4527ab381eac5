//! The text of the sections of the commit statement. Values are bound, never written into it.

use diesel::{QueryResult, pg::Pg, query_builder::AstPass};

use super::{commit_statement::PartColumns, row::Column};

/// Writes a section for these columns.
pub(super) type Section = for<'b> fn(&'b [Column], &mut AstPass<'_, 'b, Pg>) -> QueryResult<()>;

/// The columns that say which order a row is of, and at which version.
const EXPECTED_KEY: [&str; 4] = ["member", "tenant_id", "order_id", "expected_version"];

/// `new_orders`: the rows of `orders` to be inserted, and their insertion.
pub(super) fn create<'b>(columns: &'b [Column], out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    out.push_sql("new_orders AS (SELECT * FROM ");
    rows(columns, out)?;
    out.push_sql("), created AS (INSERT INTO orders (");
    push_names("", columns, &["member"], "", out);
    out.push_sql(") SELECT ");
    push_names("", columns, &["member"], "", out);
    out.push_sql(" FROM new_orders), ");
    Ok(())
}

/// `updated`: the orders that are at the version expected, with their new rows.
pub(super) fn update<'b>(columns: &'b [Column], out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    out.push_sql("updated AS (UPDATE orders AS o SET ");
    push_assignments(columns, &EXPECTED_KEY, "r.", out);
    out.push_sql(" FROM ");
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

/// Inserts parts of new orders, of which there can be none yet: PostgreSQL need not look for them, nor log that each was new.
pub(super) fn insert_parts<'b>(part: &'b PartColumns, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    insert_for_winners(part.table, &part.written, out)?;
    out.push_sql(")");
    Ok(())
}

/// Inserts parts, or gives those that are there their new values.
pub(super) fn write_parts<'b>(part: &'b PartColumns, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    insert_for_winners(part.table, &part.written, out)?;
    out.push_sql(" ON CONFLICT (tenant_id, order_id, ");
    out.push_sql(part.number);
    out.push_sql(") DO UPDATE SET ");
    push_assignments(&part.written, &["member", part.number], "excluded.", out);
    out.push_sql(")");
    Ok(())
}

/// Removes parts. `OFFSET 0` keeps the planner from comparing all parts of that number, of all orders, with the winners: it would
/// where it knows nothing of the table yet.
pub(super) fn remove_parts<'b>(part: &'b PartColumns, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    push_all(
        &[", ", part.table, "_gone AS (DELETE FROM ", part.table, " AS p USING (SELECT w.tenant_id, "],
        out,
    );
    push_all(&["w.order_id, r.", part.number, " FROM "], out);
    rows(&part.gone, out)?;
    out.push_sql(
        " JOIN won AS w ON w.member = r.member OFFSET 0) AS g \
         WHERE p.tenant_id = g.tenant_id AND p.order_id = g.order_id AND p.",
    );
    push_all(&[part.number, " = g.", part.number, ")"], out);
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
    push_all(&[", ", table, "_written AS (INSERT INTO ", table, " (tenant_id, order_id"], out);
    push_names(", ", columns, &["member"], "", out);
    out.push_sql(") SELECT w.tenant_id, w.order_id");
    push_names(", ", columns, &["member"], "r.", out);
    out.push_sql(" FROM ");
    rows(columns, out)?;
    out.push_sql(" JOIN won AS w ON w.member = r.member");
    Ok(())
}

/// The rows that the columns make, as `r`. Unnested in FROM, the values of each column would first be put aside in a store of its own.
fn rows<'b>(columns: &'b [Column], out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    let mut separator = "(SELECT unnest(";
    for column in columns {
        out.push_sql(separator);
        column.bind(out)?;
        push_all(&[") AS ", column.name], out);
        separator = ", unnest(";
    }
    out.push_sql(") AS r");
    Ok(())
}

/// The names of the columns but for some, separated by commas; `before` stands before the first, `prefix` before each.
fn push_names(
    before: &str,
    columns: &[Column],
    except: &[&str],
    prefix: &str,
    out: &mut AstPass<'_, '_, Pg>,
) {
    let mut separator = before;
    for column in columns.iter().filter(|column| !except.contains(&column.name)) {
        push_all(&[separator, prefix, column.name], out);
        separator = ", ";
    }
}

/// To the columns but for some the values of the same name in `source`.
fn push_assignments(columns: &[Column], except: &[&str], source: &str, out: &mut AstPass<'_, '_, Pg>) {
    let mut separator = "";
    for column in columns.iter().filter(|column| !except.contains(&column.name)) {
        push_all(&[separator, column.name, " = ", source, column.name], out);
        separator = ", ";
    }
}

/// The pieces one after the other. The text is made for every statement, so it is not put together elsewhere first.
fn push_all(pieces: &[&str], out: &mut AstPass<'_, '_, Pg>) {
    for piece in pieces {
        out.push_sql(piece);
    }
}
