//! Opaque tokens: bytes as text that callers hand back unread, such as page tokens and consistency tokens.
//!
//! A token carries no authority and no secret: its checksum tells what was made here from what was not, and nobody who
//! forges one gains by it. What the bytes mean is the business of whoever seals them.

mod consistency;

pub use consistency::ConsistencyToken;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

const CHECKSUM_LENGTH: usize = size_of::<u32>();

/// Makes a token of `kind` (each use has its own, so that one is not taken for another) from `content`.
#[must_use]
pub fn seal(kind: u8, content: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(1 + content.len() + CHECKSUM_LENGTH);
    bytes.push(kind);
    bytes.extend_from_slice(content);
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_be_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The content of a token of `kind`; `None` for anything that [`seal`] did not make for this kind.
#[must_use]
pub fn open(kind: u8, token: &str) -> Option<Vec<u8>> {
    let mut bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (sealed, checksum) = bytes.split_last_chunk::<CHECKSUM_LENGTH>()?;
    let intact = crc32fast::hash(sealed).to_be_bytes() == *checksum && sealed.first() == Some(&kind);
    if !intact {
        return None;
    }
    bytes.truncate(bytes.len() - CHECKSUM_LENGTH);
    bytes.remove(0);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens() {
        for content in [&b""[..], b"x", &[0; 500]] {
            assert_eq!(open(7, &seal(7, content)).as_deref(), Some(content));
        }
    }

    #[test]
    fn anything_else_does_not() {
        let token = seal(1, b"after order 12");
        assert_eq!(open(2, &token), None, "another kind");
        assert_eq!(open(1, &format!("{token}=")), None, "padding");
        for garbage in ["", "A", "AAAA", "not a token", "ÄÖÜ", "AQAAAAA"] {
            assert_eq!(open(1, garbage), None, "{garbage}");
        }
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(open(1, &String::from_utf8(changed).unwrap()), None, "changed at {at}");
        }
    }
}
