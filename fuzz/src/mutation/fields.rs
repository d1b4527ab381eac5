//! Encoded messages as the fields they are, whatever the contract says about them.

use prost::encoding::{decode_varint, encode_varint};

/// A field as it is on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) number: u32,
    pub(super) payload: Payload,
}

/// What is in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Payload {
    Varint(u64),
    /// A text, a message, or numbers in a row.
    Bytes(Vec<u8>),
    /// Anything else, written as it is behind its tag.
    Raw {
        wire: u32,
        bytes: Vec<u8>,
    },
}

impl Field {
    /// About how many bytes it takes.
    pub(super) fn len(&self) -> usize {
        match &self.payload {
            Payload::Varint(_) => 10,
            Payload::Bytes(bytes) | Payload::Raw { bytes, .. } => 4 + bytes.len(),
        }
    }
}

/// The fields of a message; none if it is no message.
pub(super) fn parsed(mut bytes: &[u8]) -> Option<Vec<Field>> {
    let mut fields = vec![];
    while !bytes.is_empty() {
        let tag = u32::try_from(decode_varint(&mut bytes).ok()?).ok()?;
        let (number, wire) = (tag >> 3, tag & 7);
        let length = match wire {
            0 => {
                let payload = Payload::Varint(decode_varint(&mut bytes).ok()?);
                fields.push(Field { number, payload });
                continue;
            }
            1 => 8,
            2 => usize::try_from(decode_varint(&mut bytes).ok()?).ok()?,
            5 => 4,
            _ => return None,
        };
        let (content, rest) = bytes.split_at_checked(length)?;
        bytes = rest;
        let content = content.to_vec();
        let payload = if wire == 2 { Payload::Bytes(content) } else { Payload::Raw { wire, bytes: content } };
        fields.push(Field { number, payload });
    }
    fields.iter().all(|field| field.number > 0).then_some(fields)
}

/// The message that has these fields.
pub(super) fn encoded(fields: &[Field]) -> Vec<u8> {
    let mut message = vec![];
    for Field { number, payload } in fields {
        let tag = |wire: u32| u64::from(number << 3 | wire);
        match payload {
            Payload::Varint(value) => {
                encode_varint(tag(0), &mut message);
                encode_varint(*value, &mut message);
            }
            Payload::Bytes(bytes) => {
                encode_varint(tag(2), &mut message);
                encode_varint(bytes.len() as u64, &mut message);
                message.extend_from_slice(bytes);
            }
            Payload::Raw { wire, bytes } => {
                encode_varint(tag(*wire), &mut message);
                message.extend_from_slice(bytes);
            }
        }
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_survive_being_taken_apart() {
        for seed in crate::seeds::commands("orders/018f3f6e-7b1a-7c3e-9d2a-5f4b8c6d7e8f") {
            let fields = parsed(&seed.message).unwrap();
            assert_eq!(encoded(&fields), seed.message, "{}", seed.method);
        }
        assert_eq!(parsed(&[0x0a, 5, 1]), None, "cut short");
        assert_eq!(parsed(&[0x0b]), None, "a group");
    }
}
