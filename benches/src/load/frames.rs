//! HTTP/2 frames (RFC 9113, sections 4 and 6): their heads, and those that a client sends.

/// What a client says first.
pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Bytes in front of every frame.
pub(super) const HEAD: usize = 9;
/// Longest payload that either side may send without having agreed on more.
pub(super) const LARGEST_PAYLOAD: usize = 16_384;
/// How many bytes a side may send on a connection, and on a stream, before the other has said more.
pub(super) const DEFAULT_WINDOW: u32 = 65_535;
/// The largest window there can be.
pub(super) const LARGEST_WINDOW: u32 = (1 << 31) - 1;

/// Kinds of frames.
pub(super) mod kind {
    pub(in crate::load) const DATA: u8 = 0;
    pub(in crate::load) const HEADERS: u8 = 1;
    pub(in crate::load) const RST_STREAM: u8 = 3;
    pub(in crate::load) const SETTINGS: u8 = 4;
    pub(in crate::load) const PING: u8 = 6;
    pub(in crate::load) const GOAWAY: u8 = 7;
    pub(in crate::load) const WINDOW_UPDATE: u8 = 8;
}

/// Flags of frames.
pub(super) mod flag {
    pub(in crate::load) const ACK: u8 = 0x1;
    pub(in crate::load) const END_STREAM: u8 = 0x1;
    pub(in crate::load) const END_HEADERS: u8 = 0x4;
    pub(in crate::load) const PADDED: u8 = 0x8;
    pub(in crate::load) const PRIORITY: u8 = 0x20;
}

/// Numbers of settings.
pub(super) mod setting {
    pub(in crate::load) const HEADER_TABLE_SIZE: u16 = 1;
    pub(in crate::load) const ENABLE_PUSH: u16 = 2;
    pub(in crate::load) const MAX_CONCURRENT_STREAMS: u16 = 3;
    pub(in crate::load) const INITIAL_WINDOW_SIZE: u16 = 4;
}

/// What stands in front of a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    /// Bytes of the payload.
    pub(super) length: usize,
    /// One of [`kind`].
    pub(super) kind: u8,
    /// Some of [`flag`].
    pub(super) flags: u8,
    /// 0 for the connection itself.
    pub(super) stream: u32,
}

impl Head {
    /// Reads the head at the beginning of `bytes`; none if they are too few.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let &[a, b, c, kind, flags, s0, s1, s2, s3] = bytes.first_chunk::<HEAD>()?;
        let length = u32::from_be_bytes([0, a, b, c]) as usize;
        Some(Self { length, kind, flags, stream: u32::from_be_bytes([s0, s1, s2, s3]) & LARGEST_WINDOW })
    }

    pub(super) fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

/// Appends the head of a frame; its payload of `length` bytes has to follow.
pub(super) fn push_head(out: &mut Vec<u8>, kind: u8, flags: u8, stream: u32, length: usize) {
    debug_assert!(length <= LARGEST_PAYLOAD);
    let length = u32::try_from(length).expect("payloads are short").to_be_bytes();
    out.extend_from_slice(&length[1..]);
    out.extend_from_slice(&[kind, flags]);
    out.extend_from_slice(&stream.to_be_bytes());
}

/// Appends a whole frame.
pub(super) fn push(out: &mut Vec<u8>, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
    push_head(out, kind, flags, stream, payload.len());
    out.extend_from_slice(payload);
}

/// Appends a SETTINGS frame.
pub(super) fn push_settings(out: &mut Vec<u8>, settings: &[(u16, u32)]) {
    push_head(out, kind::SETTINGS, 0, 0, settings.len() * 6);
    for (number, value) in settings {
        out.extend_from_slice(&number.to_be_bytes());
        out.extend_from_slice(&value.to_be_bytes());
    }
}

/// Reads the payload of a SETTINGS frame.
pub(super) fn settings(payload: &[u8]) -> impl Iterator<Item = (u16, u32)> {
    payload.chunks_exact(6).map(|setting| {
        let number = u16::from_be_bytes([setting[0], setting[1]]);
        (number, u32::from_be_bytes([setting[2], setting[3], setting[4], setting[5]]))
    })
}

/// The number that the payload of a RST_STREAM, a GOAWAY (`skip` 4) or a WINDOW_UPDATE holds; 0 if it is cut short.
pub(super) fn number(payload: &[u8], skip: usize) -> u32 {
    let number = payload.get(skip..).and_then(|rest| rest.first_chunk::<4>());
    number.map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_read_as_it_was_written() {
        let mut bytes = Vec::new();
        push(&mut bytes, kind::DATA, flag::END_STREAM, 77, b"hello");
        assert_eq!(Head::read(&bytes[..8]), None);
        let head = Head::read(&bytes).unwrap();
        assert_eq!(head, Head { length: 5, kind: kind::DATA, flags: flag::END_STREAM, stream: 77 });
        assert_eq!(&bytes[HEAD..], b"hello");
    }

    #[test]
    fn settings_are_read_as_they_were_written() {
        let mut bytes = Vec::new();
        push_settings(&mut bytes, &[(setting::INITIAL_WINDOW_SIZE, 7), (setting::ENABLE_PUSH, 0)]);
        assert_eq!(settings(&bytes[HEAD..]).collect::<Vec<_>>(), [(4, 7), (2, 0)]);
    }
}
