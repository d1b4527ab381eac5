//! Units of lines, as commands name them.

use super::{Line, Order, Violation, violation::Violations};
use crate::{LineUnits, Quantity};

impl Order {
    /// The items with each line once, in the order of its first appearance, if its units do not exceed those that `open`
    /// says it has. What is wrong is noted.
    pub(super) fn check_items(
        &self,
        items: &[LineUnits],
        open: fn(&Line) -> u32,
        violations: &mut Violations,
    ) -> Vec<LineUnits> {
        let mut by_line: Vec<(&Line, u32)> = vec![];
        for item in items {
            let Some(line) = violations.note(self.existing_line(item.line_id)) else { continue };
            match by_line.iter_mut().find(|(known, _)| known.id == line.id) {
                Some((_, units)) => *units = units.saturating_add(item.quantity.units()),
                None => by_line.push((line, item.quantity.units())),
            }
        }
        let checked = by_line.into_iter().filter_map(|(line, requested)| {
            violations.note(check_open(line, requested, open(line)))?;
            let quantity = Quantity::new(requested).expect("no more than are open");
            Some(LineUnits { line_id: line.id, quantity })
        });
        checked.collect()
    }
}

fn check_open(line: &Line, requested: u32, open: u32) -> Result<(), Violation> {
    if requested <= open {
        return Ok(());
    }
    Err(Violation::QuantityExceedsOpen { line: line.id, requested, open })
}
