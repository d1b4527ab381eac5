//! The gRPC status at the end of an answer, in HPACK (RFC 7541).
//!
//! The generator tells the services to keep no table of headers for it, so that each block can be read by itself, and a
//! good answer is recognised by comparing bytes.

use std::fmt::Write;

use super::LoadError;

/// `grpc-status` in HPACK's Huffman code.
const GRPC_STATUS_CODED: &[u8] = &[0x9a, 0xca, 0xc8, 0xb2, 0x12, 0x34, 0xda, 0x8f];
/// `0` in HPACK's Huffman code.
const ZERO_CODED: &[u8] = &[0x07];

/// A string of a header block: its bytes, and whether they are in Huffman code.
type Text<'a> = (&'a [u8], bool);

/// Whether the block says `grpc-status: 0`. None if it cannot be read.
pub(super) fn is_ok(mut block: &[u8]) -> Option<bool> {
    while let Some(&first) = block.first() {
        let name = match first {
            // A whole entry of the table that everybody has: there is no gRPC status in it.
            0x80.. => {
                integer(&mut block, 7)?;
                continue;
            }
            // From now on the table has this size.
            0x20..0x40 => {
                integer(&mut block, 5)?;
                continue;
            }
            0x40..0x80 => integer(&mut block, 6)?,
            _ => integer(&mut block, 4)?,
        };
        let name: Text<'_> = if name == 0 { string(&mut block)? } else { (b"", false) };
        let value = string(&mut block)?;
        if matches!(name, (GRPC_STATUS_CODED, true) | (b"grpc-status", false)) {
            return Some(matches!(value, (ZERO_CODED, true) | (b"0", false)));
        }
    }
    Some(false)
}

/// What an answer that is not OK says, from the block that ended it.
pub(super) fn refusal(path: &'static str, block: &[u8]) -> LoadError {
    let headers = match loona_hpack::Decoder::new().decode(block) {
        Ok(headers) => headers,
        Err(error) => return LoadError::Protocol(format!("headers that cannot be read: {error}")),
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let find = |wanted: &[u8]| headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| text(value));
    match find(b"grpc-status") {
        Some(code) => LoadError::Refused { path, code, message: find(b"grpc-message").unwrap_or_default() },
        None => {
            let headers = headers.iter().fold(String::new(), |mut all, (name, value)| {
                write!(all, "{}: {}; ", text(name), text(value)).expect("a string takes everything");
                all
            });
            LoadError::NoStatus { path, headers }
        }
    }
}

/// Reads an integer with a prefix of `bits` bits.
fn integer(block: &mut &[u8], bits: u32) -> Option<usize> {
    let (&first, rest) = block.split_first()?;
    *block = rest;
    let largest = (1_usize << bits) - 1;
    let mut value = usize::from(first) & largest;
    if value < largest {
        return Some(value);
    }
    for shift in [0, 7, 14, 21] {
        let (&byte, rest) = block.split_first()?;
        *block = rest;
        value += usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// Reads a string.
fn string<'a>(block: &mut &'a [u8]) -> Option<Text<'a>> {
    let coded = block.first()? & 0x80 != 0;
    let length = integer(block, 7)?;
    let (text, rest) = block.split_at_checked(length)?;
    *block = rest;
    Some((text, coded))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A block as a server may send it: names and values as they are, or in Huffman code.
    fn block(fields: &[(Text<'_>, Text<'_>)]) -> Vec<u8> {
        let mut block = vec![0x20, 0x88];
        for (name, value) in fields {
            block.push(0);
            for (text, coded) in [name, value] {
                block.push(u8::try_from(text.len()).unwrap() | if *coded { 0x80 } else { 0 });
                block.extend_from_slice(text);
            }
        }
        block
    }

    #[test]
    fn the_constants_are_what_they_say() {
        let coded = block(&[((GRPC_STATUS_CODED, true), (ZERO_CODED, true))]);
        let decoded = loona_hpack::Decoder::new().decode(&coded).unwrap();
        assert_eq!(decoded[1], (b"grpc-status".to_vec(), b"0".to_vec()));
    }

    #[test]
    fn ok_is_seen_in_either_spelling_and_nothing_else_is_taken_for_it() {
        let other: (Text<'_>, Text<'_>) = ((b"x-a", false), (b"0", false));
        let status = |value: &'static [u8]| ((b"grpc-status" as &[u8], false), (value, false));
        assert_eq!(is_ok(&block(&[other, ((GRPC_STATUS_CODED, true), (ZERO_CODED, true))])), Some(true));
        assert_eq!(is_ok(&block(&[status(b"0"), other])), Some(true));
        assert_eq!(is_ok(&block(&[status(b"14")])), Some(false));
        assert_eq!(is_ok(&block(&[other])), Some(false));
        assert_eq!(is_ok(&block(&[status(b"0")])[..8]), None);
    }

    #[test]
    fn a_refusal_says_what_the_service_said() {
        let status: (Text<'_>, Text<'_>) = ((b"grpc-status", false), (b"14", false));
        let message: (Text<'_>, Text<'_>) = ((b"grpc-message", false), (b"gone", false));
        let refused = refusal("/a/B", &block(&[status, message]));
        assert_eq!(refused.to_string(), "/a/B was answered with gRPC status 14: gone");
        assert!(matches!(refusal("/a/B", &block(&[message])), LoadError::NoStatus { .. }));
    }
}
