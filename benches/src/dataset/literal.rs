//! Values as they stand in statements.

use super::rows::Column;

/// The value of a column as SQL. No colon of a value is left as it is: pgbench takes one for the beginning of a variable.
pub(crate) fn literal(column: &Column) -> String {
    let Column { kind, value, .. } = column;
    match value {
        None => format!("NULL::{kind}"),
        Some(value) if value.contains(':') => {
            let escaped = value.replace('\\', "\\\\").replace('\'', "''").replace(':', "\\072");
            format!("E'{escaped}'::{kind}")
        }
        Some(value) => format!("'{}'::{kind}", value.replace('\'', "''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_value_ends_it_or_looks_like_a_variable() {
        let sql = |value: Option<&str>| {
            literal(&Column { name: "x".into(), kind: "jsonb".into(), value: value.map(str::to_owned) })
        };
        assert_eq!(sql(None), "NULL::jsonb");
        assert_eq!(sql(Some("it's")), "'it''s'::jsonb");
        assert_eq!(sql(Some("\\x00")), "'\\x00'::jsonb");
        assert_eq!(sql(Some("{\"a\":\"b\\\"\"}")), "E'{\"a\"\\072\"b\\\\\"\"}'::jsonb");
    }
}
