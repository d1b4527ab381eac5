//! Labels that callers put on an order for themselves.

use std::collections::{BTreeMap, BTreeSet};

use super::{Code, InvalidValue, ShortText};

/// Up to 20 tags, no two alike, in the order of their characters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tags(BTreeSet<Code>);

impl Tags {
    /// The most tags that an order can have.
    pub const MAX: usize = 20;

    /// Checks their number and that no two are alike.
    ///
    /// # Errors
    /// [`InvalidValue`] naming the rule.
    pub fn new(tags: Vec<Code>) -> Result<Self, InvalidValue> {
        let given = tags.len();
        let tags: BTreeSet<_> = tags.into_iter().collect();
        if given > Self::MAX || tags.len() < given {
            return Err(InvalidValue("must be at most 20 tags, no two alike".into()));
        }
        Ok(Self(tags))
    }

    /// The tags, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &Code> {
        self.0.iter()
    }
}

/// Up to 50 pairs of the caller's own. A value may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata(BTreeMap<Code, Option<ShortText>>);

impl Metadata {
    /// The most pairs that an order can have.
    pub const MAX: usize = 50;

    /// Checks their number.
    ///
    /// # Errors
    /// [`InvalidValue`] naming the rule.
    pub fn new(pairs: BTreeMap<Code, Option<ShortText>>) -> Result<Self, InvalidValue> {
        if pairs.len() > Self::MAX {
            return Err(InvalidValue("must be at most 50 pairs".into()));
        }
        Ok(Self(pairs))
    }

    /// The pairs, sorted by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_ref().map_or("", ShortText::as_str)))
    }
}
