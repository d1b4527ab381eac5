//! Pages: how long they are, and what they carry.

use shared_domain::InvalidValue;

/// How many items a page has at most: 1 to [`PageSize::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageSize(u16);

impl PageSize {
    /// The size of a page if none is asked for.
    pub const DEFAULT: u16 = 50;
    /// The size of the largest page.
    pub const MAX: u16 = 200;
    /// The size of the largest page of whole orders: how heavy they are together is only known once they are read.
    pub const MAX_WHOLE: u16 = 50;

    /// The size for what was asked: the default for 0, the largest for anything above it.
    ///
    /// # Errors
    /// [`InvalidValue`] for a negative size.
    pub fn requested(size: i32) -> Result<Self, InvalidValue> {
        match size {
            ..0 => Err(InvalidValue("must not be negative".into())),
            0 => Ok(Self(Self::DEFAULT)),
            _ => Ok(Self(u16::try_from(size).unwrap_or(Self::MAX).min(Self::MAX))),
        }
    }

    /// The size of a page of whole orders.
    pub(crate) fn of_whole_orders(self) -> Self {
        Self(self.0.min(Self::MAX_WHOLE))
    }

    /// How many items to read: one more than the page has, to learn whether another page follows.
    #[must_use]
    pub fn with_lookahead(self) -> usize {
        usize::from(self.0) + 1
    }
}

/// Some items of a longer list, and where the next page starts; nothing if this is the last one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T, C> {
    /// The items.
    pub items: Vec<T>,
    /// The position of the last item, if more follow.
    pub next: Option<C>,
}

/// The most bytes of stored messages in an answer that carries more than one: such an answer fits the 4 MiB that gRPC clients take
/// by default.
pub(crate) const MAX_BYTES: usize = 3 * 1024 * 1024;

impl<T, C> Page<T, C> {
    /// The page in `items`, which were read with [`PageSize::with_lookahead`]. It ends early where the items, of which
    /// each weighs this many bytes, become too heavy together.
    pub(crate) fn cut(
        mut items: Vec<T>,
        size: PageSize,
        bytes: impl Fn(&T) -> usize,
        position: impl Fn(&T) -> C,
    ) -> Self {
        let read = items.len();
        let mut heavy = 0;
        let light = items.iter().take_while(|item| {
            heavy += bytes(item);
            heavy <= MAX_BYTES
        });
        let fitting = light.count().max(1);
        items.truncate(fitting.min(usize::from(size.0)));
        let next = items.last().filter(|_| items.len() < read).map(position);
        Self { items, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_defaulted_and_clamped() {
        let size = |requested| PageSize::requested(requested).map(|size| size.0);
        assert_eq!([size(0), size(1), size(200)], [Ok(50), Ok(1), Ok(200)]);
        assert_eq!([size(201), size(i32::MAX)], [Ok(200), Ok(200)]);
        let whole = |requested| PageSize::requested(requested).map(|size| size.of_whole_orders().0);
        assert_eq!([whole(49), whole(51), whole(200)], [Ok(49), Ok(50), Ok(50)]);
        assert!(size(-1).is_err() && size(i32::MIN).is_err());
    }

    #[test]
    fn only_a_page_that_another_follows_has_a_next_position() {
        let size = PageSize::requested(2).unwrap();
        let cut = |items| Page::cut(items, size, |_| 0, |item| *item);
        assert_eq!(cut(vec![1, 2, 3]), Page { items: vec![1, 2], next: Some(2) });
        assert_eq!(cut(vec![1, 2]), Page { items: vec![1, 2], next: None });
        assert_eq!(cut(vec![]), Page { items: vec![], next: None });
    }

    #[test]
    fn a_heavy_page_ends_early_but_never_empty() {
        let size = PageSize::requested(10).unwrap();
        let cut = |items| Page::cut(items, size, |bytes| *bytes, |bytes| *bytes);
        let (half, more) = (MAX_BYTES / 2, MAX_BYTES + 1);
        assert_eq!(cut(vec![half, half, 1]), Page { items: vec![half, half], next: Some(half) });
        assert_eq!(cut(vec![half, half]), Page { items: vec![half, half], next: None });
        assert_eq!(cut(vec![more, 1]), Page { items: vec![more], next: Some(more) });
        assert_eq!(cut(vec![more]), Page { items: vec![more], next: None });
    }
}
