//! Inputs as calls: for each, a byte for the rpc, two for the length of the message, the lower one first, and the message.

use crate::seeds::Seed;

/// The most calls of one input.
const MOST: usize = 32;

/// The calls of an input: the rpc among `methods`, and the message, as far as there is one.
pub(crate) fn steps<'a>(
    methods: &'a [&'static str],
    mut input: &'a [u8],
) -> impl Iterator<Item = (&'static str, &'a [u8])> {
    std::iter::from_fn(move || {
        let ([method, low, high], rest) = input.split_first_chunk()?;
        let length = usize::from(u16::from_le_bytes([*low, *high])).min(rest.len());
        let (message, rest) = rest.split_at(length);
        input = rest;
        Some((methods[usize::from(*method) % methods.len()], message))
    })
    .take(MOST)
}

/// The input that makes these calls.
pub(crate) fn input(methods: &[&'static str], seeds: &[Seed]) -> Vec<u8> {
    let mut input = vec![];
    for Seed { method, message } in seeds {
        let place = methods.iter().position(|known| known == method).expect("seeds are of known rpcs");
        input.push(u8::try_from(place).expect("few rpcs"));
        input.extend(u16::try_from(message.len()).expect("seeds are short").to_le_bytes());
        input.extend(message);
    }
    input
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_survive_the_round_trip() {
        let seeds = [Seed { method: "B", message: vec![1; 300] }, Seed { method: "A", message: vec![] }];
        let input = input(&["A", "B"], &seeds);
        let made: Vec<_> = steps(&["A", "B"], &input).collect();
        assert_eq!(made, [("B", &[1; 300][..]), ("A", &[][..])]);
        assert_eq!(steps(&["A", "B"], &input[..9]).collect::<Vec<_>>(), [("B", &[1; 6][..])], "cut short");
    }
}
