//! What a caller may be called, whoever says so.

/// Longest subject, in bytes.
pub(super) const SUBJECT_LIMIT: usize = 255;

/// Whether a caller may be called so: it is stored and logged.
pub(super) fn is_subject(text: &str) -> bool {
    (1..=SUBJECT_LIMIT).contains(&text.len()) && !text.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_have_a_length_and_nothing_that_cannot_be_seen() {
        for subject in ["a", "spiffe://example.org/ns/shop", "Ada Lovelace", &"x".repeat(255)] {
            assert!(is_subject(subject), "{subject}");
        }
        for none in ["", "a\nb", "\0", "\u{85}", &"x".repeat(256)] {
            assert!(!is_subject(none), "{none:?}");
        }
    }
}
