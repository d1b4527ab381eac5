//! A request as it goes over the wire.

use std::fmt;

/// A request, hostile or not.
pub(super) struct Request {
    pub(super) path: String,
    pub(super) metadata: Vec<(&'static str, Vec<u8>)>,
    pub(super) body: Vec<u8>,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let metadata: Vec<_> = self
            .metadata
            .iter()
            .map(|(name, value)| format!("{name}: {}", value[..value.len().min(99)].escape_ascii()))
            .collect();
        let shown = &self.body[..self.body.len().min(2_000)];
        write!(f, "{} {metadata:?}, {} bytes: {}", self.path, self.body.len(), shown.escape_ascii())
    }
}

/// A message with the head that gRPC puts before it.
pub(super) fn frame(flag: u8, length: usize, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    [&[flag], &length[..], message].concat()
}
