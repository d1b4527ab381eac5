//! Keeps an error small enough to arrive: all of it travels in response headers, of which common clients take 8 KiB.

/// Most bytes of one text (message, description, metadata value).
const TEXT_LIMIT: usize = 256;

/// Most bytes that one list of violations may take, before base64.
const LIST_LIMIT: usize = 3 * 1024;

/// The text, cut at a character's border and marked with `…` if it is too long.
pub(super) fn text(text: impl Into<String>) -> String {
    let mut text = text.into();
    if text.len() > TEXT_LIMIT {
        let ellipsis = '…';
        text.truncate(text.floor_char_boundary(TEXT_LIMIT - ellipsis.len_utf8()));
        text.push(ellipsis);
    }
    text
}

/// As many of the items as fit, and the number of those left out.
pub(super) fn list<T>(items: Vec<T>, size: impl Fn(&T) -> usize) -> (Vec<T>, usize) {
    let all = items.len();
    let mut used = 0;
    let kept: Vec<T> = items
        .into_iter()
        .take_while(|item| {
            used += size(item);
            used <= LIST_LIMIT
        })
        .collect();
    let left_out = all - kept.len();
    (kept, left_out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(text("short"), "short");
        let cut = text("ä".repeat(300));
        assert!(cut.len() <= TEXT_LIMIT && cut.ends_with('…'), "{cut}");
    }

    #[test]
    fn lists_end_where_the_room_ends() {
        assert_eq!(list(vec![1, 2, 3], |_| 10), (vec![1, 2, 3], 0));
        let (kept, left_out) = list(vec![0; 100], |_| 1024);
        assert_eq!((kept.len(), left_out), (3, 97));
    }
}
