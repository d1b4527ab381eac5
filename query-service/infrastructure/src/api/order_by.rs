//! How a list is sorted: text of the caller's into a field and a direction.

use query_application::{Direction, OrderBy, SortField};

/// What is wrong with an `order_by`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be create_time, place_time, update_time, total or order_number, followed by ` desc` for the largest first"
)]
pub(super) struct OrderByError;

/// The field and the direction that a text names; the default for an empty one.
pub(super) fn parse(text: &str) -> Result<OrderBy, OrderByError> {
    let mut words = text.split_ascii_whitespace();
    let Some(name) = words.next() else {
        return Ok(OrderBy::default());
    };
    let field = SortField::ALL.into_iter().find(|field| field.name() == name).ok_or(OrderByError)?;
    let direction = match (words.next(), words.next()) {
        (None, _) => Direction::Ascending,
        (Some("desc"), None) => Direction::Descending,
        _ => return Err(OrderByError),
    };
    Ok(OrderBy { field, direction })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_sorts_in_both_directions() {
        for field in SortField::ALL {
            let ascending = OrderBy { field, direction: Direction::Ascending };
            let descending = OrderBy { field, direction: Direction::Descending };
            assert_eq!(parse(field.name()), Ok(ascending));
            assert_eq!(parse(&format!(" {}  desc ", field.name())), Ok(descending));
        }
        assert_eq!(parse(""), parse("create_time desc"));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "state",
            "desc",
            "create_time asc",
            "total DESC",
            "total desc desc",
            "total,create_time",
            "Total",
        ] {
            assert_eq!(parse(text), Err(OrderByError), "{text}");
        }
    }
}
