//! Requests that are encoded once and patched from then on.

use std::ops::Range;

use prost::Message;

/// A message as gRPC sends it: not compressed, behind its length.
fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).expect("a request is short").to_be_bytes();
    [&[0], length.as_slice(), message].concat()
}

/// An encoded request with parts that are replaced by others of the same length.
#[derive(Debug)]
pub(super) struct Request {
    bytes: Vec<u8>,
}

impl Request {
    pub(super) fn new(message: &impl Message) -> Self {
        Self { bytes: framed(&message.encode_to_vec()) }
    }

    /// Where `part`, which is in the request once, stands.
    pub(super) fn find(&self, part: &str) -> Range<usize> {
        let at = self.bytes.windows(part.len()).position(|bytes| bytes == part.as_bytes());
        let start = at.expect("the part was put there");
        start..start + part.len()
    }

    pub(super) fn part(&mut self, part: &Range<usize>) -> &mut [u8] {
        &mut self.bytes[part.clone()]
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The text of a UUID that is replaced by another for each request.
pub(super) const SOME_UUID: &str = "00000000-0000-4000-8000-000000000000";

/// Replaces the text of a UUID by that of a random one of version 4, as clients make them.
pub(super) fn write_random_uuid(text: &mut [u8], random: &mut fastrand::Rng) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut bits = random.u128(..);
    for (at, digit) in text.iter_mut().enumerate() {
        if !matches!(at, 8 | 13 | 14 | 18 | 19 | 23) {
            *digit = DIGITS[(bits & 15) as usize];
            bits >>= 4;
        }
    }
}

#[cfg(test)]
mod tests {
    use orders_proto::orders::v1::HoldOrderRequest;

    use super::*;

    #[test]
    fn what_is_patched_is_what_is_decoded() {
        let message = HoldOrderRequest { request_id: SOME_UUID.to_owned(), ..HoldOrderRequest::default() };
        let mut request = Request::new(&message);
        let id = request.find(SOME_UUID);
        write_random_uuid(request.part(&id), &mut fastrand::Rng::with_seed(1));
        let length = u32::from_be_bytes(request.bytes()[1..5].try_into().unwrap());
        assert_eq!(length as usize, request.bytes().len() - 5);
        let decoded = HoldOrderRequest::decode(&request.bytes()[5..]).unwrap().request_id;
        assert_ne!(decoded, SOME_UUID);
        let kept = [8, 13, 14, 18, 19, 23].map(|at| decoded.as_bytes()[at]);
        assert_eq!(&kept, b"--4-8-");
    }
}
