//! Filters of lists: text of the caller's into a typed filter. The language is a subset of AIP-160, and the comment of
//! `ListOrdersRequest.filter` is its reference.
//!
//! ```text
//! filter = [ term { "AND" term } ]
//! term   = comparison | "(" comparison { "OR" comparison } ")"
//! ```

mod comparison;
mod field;
mod lexer;
mod parser;
mod values;

pub(crate) use comparison::order_number;
pub(crate) use parser::parse;

/// What is wrong with a filter, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at character {character}: {problem}")]
pub(crate) struct FilterError {
    /// The character, from 1, at which the filter stops making sense.
    pub(crate) character: usize,
    /// Why.
    pub(crate) problem: String,
}

impl FilterError {
    /// The problem of what starts at the byte `offset` of `filter`.
    fn new(filter: &str, offset: usize, problem: impl Into<String>) -> Self {
        let before = filter.char_indices().take_while(|(start, _)| *start < offset).count();
        Self { character: before + 1, problem: problem.into() }
    }
}
