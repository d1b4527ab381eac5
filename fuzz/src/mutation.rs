//! Makes encoded messages hostile: real ones, with something wrong in them that a decoder, a use case or a statement could
//! stumble over. The seed decides everything.

mod fields;
mod texts;

use fastrand::Rng;

use self::fields::{Field, Payload, encoded, parsed};

/// How deep a mutation goes into messages inside messages.
const DEPTH: u32 = 6;
/// The longest message that is made longer.
const LONGEST: usize = 64 * 1024;

/// Does something to an encoded message. `other` is one that parts are borrowed from.
pub fn mutate(rng: &mut Rng, message: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = match parsed(message) {
        Some(fields) if rng.u8(..8) > 0 => encoded(&altered(rng, fields, other, DEPTH)),
        _ => message.to_vec(),
    };
    if rng.u8(..4) == 0 {
        damage(rng, &mut bytes);
    }
    bytes
}

/// Does something to the fields of a message, or of a message inside it.
fn altered(rng: &mut Rng, mut fields: Vec<Field>, other: &[u8], depth: u32) -> Vec<Field> {
    let Some(at) = (!fields.is_empty()).then(|| rng.usize(..fields.len())) else {
        return vec![borrowed(rng, other)];
    };
    match rng.u8(..12) {
        0 => drop(fields.remove(at)),
        1 => fields.insert(rng.usize(..=at), fields[at].clone()),
        2 => {
            let with = rng.usize(..fields.len());
            fields.swap(at, with);
        }
        3 => {
            let with = rng.usize(..fields.len());
            let payload = fields[with].payload.clone();
            fields[at].payload = payload;
        }
        4 => fields[at].number = rng.u32(1..60),
        5 => fields.insert(at, borrowed(rng, other)),
        6 => fields[at].payload = any_payload(rng),
        7 => {
            let repeat = rng.usize(..600);
            let copies = std::iter::repeat_n(fields[at].clone(), repeat);
            let fits = LONGEST / fields[at].len().max(1);
            fields.extend(copies.take(fits).collect::<Vec<_>>());
        }
        _ => fields[at].payload = changed(rng, fields[at].payload.clone(), other, depth),
    }
    fields
}

fn changed(rng: &mut Rng, payload: Payload, other: &[u8], depth: u32) -> Payload {
    match payload {
        Payload::Varint(value) => Payload::Varint(number(rng, value)),
        Payload::Bytes(bytes) => {
            let inner = parsed(&bytes).filter(|fields| !fields.is_empty() && depth > 0);
            match inner {
                Some(fields) if rng.u8(..5) > 0 => {
                    Payload::Bytes(encoded(&altered(rng, fields, other, depth - 1)))
                }
                _ => Payload::Bytes(texts::hostile(rng, bytes)),
            }
        }
        Payload::Raw { .. } => any_payload(rng),
    }
}

fn number(rng: &mut Rng, value: u64) -> u64 {
    match rng.u8(..6) {
        0 => value.wrapping_add(1),
        1 => value.wrapping_sub(1),
        2 => rng.u64(..),
        3 => rng.u64(..1 << 36),
        _ => *rng.choice(&EXTREMES).expect("there are some"),
    }
}

/// Numbers at which types end, years too, as varints have them.
const EXTREMES: [u64; 14] = [
    0,
    1,
    u64::MAX,
    i64::MAX as u64,
    1 << 63,
    u32::MAX as u64,
    i32::MAX as u64,
    1 << 31,
    (-(1_i64 << 31)) as u64,
    999_999_999,
    1_000_000_000,
    253_402_300_800,
    (-62_135_596_801_i64) as u64,
    1 << 53,
];

fn any_payload(rng: &mut Rng) -> Payload {
    match rng.u8(..8) {
        0 => Payload::Varint(rng.u64(..)),
        1 => Payload::Bytes(vec![]),
        2 => Payload::Bytes((0..rng.usize(..64)).map(|_| rng.u8(..)).collect()),
        3 => Payload::Raw { wire: 5, bytes: rng.u32(..).to_le_bytes().to_vec() },
        4 => Payload::Raw { wire: 1, bytes: rng.u64(..).to_le_bytes().to_vec() },
        // Groups that never end, and wire types that there are not.
        5 => Payload::Raw { wire: 3, bytes: vec![0x0b; rng.usize(..300)] },
        6 => Payload::Raw { wire: rng.u32(3..8), bytes: vec![] },
        _ => Payload::Bytes(nested(rng)),
    }
}

/// Messages inside messages, far deeper than any that there are.
fn nested(rng: &mut Rng) -> Vec<u8> {
    let number = rng.u32(1..30);
    let mut inner = vec![];
    for _ in 0..rng.u8(..) {
        inner = encoded(&[Field { number, payload: Payload::Bytes(inner) }]);
    }
    inner
}

fn borrowed(rng: &mut Rng, other: &[u8]) -> Field {
    let field = parsed(other).and_then(|fields| rng.choice(fields));
    field.unwrap_or_else(|| Field { number: rng.u32(1..30), payload: any_payload(rng) })
}

/// Does something to bytes, whatever they mean.
fn damage(rng: &mut Rng, bytes: &mut Vec<u8>) {
    let at = rng.usize(..=bytes.len());
    match rng.u8(..5) {
        0 => bytes.truncate(at),
        // A varint that is longer than any, and a length that is longer than all there is.
        1 => drop(bytes.splice(at..at, [0xff; 11])),
        2 => drop(bytes.splice(at..at, [0x0a, 0xff, 0xff, 0xff, 0xff, 0x07])),
        3 => drop(bytes.splice(at..at, std::iter::repeat_with(|| rng.u8(..)).take(9).collect::<Vec<_>>())),
        _ => {
            for _ in 0..rng.u8(1..4) {
                if let Some(byte) = rng.choice(bytes.iter_mut()) {
                    *byte ^= 1 << (*byte % 8);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_decides_everything_and_little_stays_as_it_was() {
        let message =
            crate::seeds::commands("orders/018f3f6e-7b1a-7c3e-9d2a-5f4b8c6d7e8f").swap_remove(0).message;
        let made = |seed| mutate(&mut Rng::with_seed(seed), &message, &message);
        assert_eq!(made(7), made(7));
        let same = (0..1_000).filter(|seed| made(*seed) == message).count();
        assert!(same < 350, "{same} of 1,000 stayed as they were");
    }
}
