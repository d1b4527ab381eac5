//! Gathers what is wrong with a request, field by field, so that all of it is told at once.

use std::fmt;

use shared_domain::InvalidValue;
use shared_infrastructure::errors::{ErrorReason, FieldViolation, bad_request};
use tonic::Status;

/// Where a field stands in a request; it becomes text only if something is wrong there.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Path<'a> {
    /// The request itself.
    Root,
    /// A field.
    Field(&'a Path<'a>, &'a str),
    /// An element of a repeated field.
    Element(&'a Path<'a>, &'a str, usize),
}

impl<'a> Path<'a> {
    pub(crate) fn field(&'a self, name: &'a str) -> Self {
        Self::Field(self, name)
    }

    pub(crate) fn element(&'a self, name: &'a str, index: usize) -> Self {
        Self::Element(self, name, index)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Field(parent, name) | Self::Element(parent, name, _)) = self else { return Ok(()) };
        if !matches!(parent, Self::Root) {
            write!(f, "{parent}.")?;
        }
        f.write_str(name)?;
        if let Self::Element(_, _, index) = self { write!(f, "[{index}]") } else { Ok(()) }
    }
}

/// Something is wrong with a value, and was noted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Noted;

/// A value, unless something is wrong with it, which was noted. Let all fields be checked before `?` is used.
pub(crate) type Checked<T> = Result<T, Noted>;

/// The notes.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<FieldViolation>);

impl Fields {
    /// Notes that something is wrong.
    pub(crate) fn wrong<T>(
        &mut self,
        at: Path<'_>,
        reason: ErrorReason,
        rule: impl Into<String>,
    ) -> Checked<T> {
        self.0.push(FieldViolation::new(at.to_string(), reason, rule));
        Err(Noted)
    }

    /// Notes that a field breaks a rule.
    pub(crate) fn invalid<T>(&mut self, at: Path<'_>, rule: impl Into<String>) -> Checked<T> {
        self.wrong(at, ErrorReason::InvalidField, rule)
    }

    /// The value, if it could be made.
    pub(crate) fn value<T>(&mut self, at: Path<'_>, value: Result<T, InvalidValue>) -> Checked<T> {
        value.or_else(|rule| self.invalid(at, rule.0))
    }

    /// A text that may be left out.
    pub(crate) fn optional<T>(
        &mut self,
        at: Path<'_>,
        text: String,
        make: fn(String) -> Result<T, InvalidValue>,
    ) -> Checked<Option<T>> {
        if text.is_empty() { Ok(None) } else { self.value(at, make(text)).map(Some) }
    }

    /// A message that has to be there.
    pub(crate) fn required<T>(&mut self, at: Path<'_>, message: Option<T>) -> Checked<T> {
        message.map_or_else(|| self.invalid(at, "is required"), Ok)
    }

    /// Every element, checked, unless there are more than an order can have.
    pub(crate) fn at_most<T, U>(
        &mut self,
        max: usize,
        at: &Path<'_>,
        name: &str,
        elements: Vec<T>,
        check: impl Fn(&mut Self, Path<'_>, T) -> Checked<U>,
    ) -> Checked<Vec<U>> {
        if elements.len() > max {
            return self.wrong(at.field(name), ErrorReason::TooManyLines, format!("must be at most {max}"));
        }
        self.each(at, name, elements, check)
    }

    /// Every element, checked.
    pub(crate) fn each<T, U>(
        &mut self,
        at: &Path<'_>,
        name: &str,
        elements: Vec<T>,
        check: impl Fn(&mut Self, Path<'_>, T) -> Checked<U>,
    ) -> Checked<Vec<U>> {
        let elements = elements.into_iter().enumerate();
        let checked: Vec<_> = elements.map(|(index, e)| check(self, at.element(name, index), e)).collect();
        checked.into_iter().collect()
    }

    /// The value, or the refusal that lists all that was noted.
    pub(crate) fn finish<T>(self, value: Checked<T>) -> Result<T, Status> {
        match value {
            Ok(value) if self.0.is_empty() => Ok(value),
            _ => Err(bad_request(self.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_as_in_the_contract() {
        let order = Path::Root.field("order");
        assert_eq!(order.element("lines", 2).field("unit_price").to_string(), "order.lines[2].unit_price");
    }
}
