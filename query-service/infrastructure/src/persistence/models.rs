//! Rows of the views, and what they mean. A row is the select: its fields are the columns.

mod basic_columns;
mod details_row;
mod history_row;
mod summary_row;

pub(super) use details_row::{DetailsRow, PastStateRow, details};
pub(super) use history_row::HistoryRow;
pub(super) use summary_row::{FullRow, SummaryRow};
