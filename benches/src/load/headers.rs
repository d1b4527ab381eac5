//! The headers of requests, in HPACK (RFC 7541). What was sent once on a connection is sent as one byte from then on, as
//! every client does.

/// Where the table of a connection begins to count its own entries.
const FIRST_DYNAMIC: usize = 62;
/// `:method: POST` and `:scheme: http`, which every table has.
const POST_HTTP: [u8; 2] = [0x83, 0x86];
/// The numbers of names that every table has.
const AUTHORITY: u8 = 1;
const PATH: u8 = 4;
const CONTENT_TYPE: u8 = 31;
/// Begins a literal that the other side has to remember, with the number of its name.
const REMEMBERED: u8 = 0x40;

/// What one connection has sent so far.
#[derive(Debug)]
pub(super) struct RequestHeaders {
    authority: String,
    /// The paths that the other side remembers, and at which position they were sent.
    paths: Vec<(&'static str, usize)>,
    /// How many entries the other side remembers: the authority, the first path, two that are always the same, and then
    /// further paths.
    remembered: usize,
}

impl RequestHeaders {
    /// The headers of requests to `authority`, a host and a port.
    pub(super) fn new(authority: String) -> Self {
        Self { authority, paths: Vec::new(), remembered: 0 }
    }

    /// Appends the headers of a call. Those that begin with a colon come first, as they have to.
    pub(super) fn push(&mut self, out: &mut Vec<u8>, path: &'static str) {
        out.extend_from_slice(&POST_HTTP);
        if self.remembered == 0 {
            let authority = std::mem::take(&mut self.authority);
            self.push_literal(out, AUTHORITY, authority.as_bytes());
            self.push_path(out, path);
            self.push_literal(out, CONTENT_TYPE, b"application/grpc");
            out.push(REMEMBERED);
            push_string(out, b"te");
            push_string(out, b"trailers");
            self.remembered += 1;
        } else {
            out.push(self.reference(0));
            self.push_path(out, path);
            out.extend([2, 3].map(|position| self.reference(position)));
        }
    }

    fn push_path(&mut self, out: &mut Vec<u8>, path: &'static str) {
        match self.paths.iter().find(|(known, _)| *known == path) {
            Some(&(_, position)) => out.push(self.reference(position)),
            None => {
                self.paths.push((path, self.remembered));
                self.push_literal(out, PATH, path.as_bytes());
            }
        }
    }

    fn push_literal(&mut self, out: &mut Vec<u8>, name: u8, value: &[u8]) {
        out.push(REMEMBERED | name);
        push_string(out, value);
        self.remembered += 1;
    }

    /// One byte for the entry that was sent at this position; the newest has the lowest number.
    fn reference(&self, position: usize) -> u8 {
        let index = FIRST_DYNAMIC + self.remembered - 1 - position;
        0x80 | u8::try_from(index).expect("a connection remembers a handful of entries")
    }
}

/// A string as it is; none here has 127 bytes or more.
fn push_string(out: &mut Vec<u8>, string: &[u8]) {
    out.push(
        u8::try_from(string.len()).ok().filter(|length| *length < 127).expect("header values are short"),
    );
    out.extend_from_slice(string);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_has_the_same_headers_however_short_they_are() {
        let mut headers = RequestHeaders::new("127.0.0.1:1".to_owned());
        let mut decoder = loona_hpack::Decoder::new();
        let mut lengths = Vec::new();
        for path in ["/a/B", "/a/C", "/a/B", "/a/C"] {
            let mut block = Vec::new();
            headers.push(&mut block, path);
            lengths.push(block.len());
            let decoded = decoder.decode(&block).unwrap();
            let expected: [(&str, &str); 6] = [
                (":method", "POST"),
                (":scheme", "http"),
                (":authority", "127.0.0.1:1"),
                (":path", path),
                ("content-type", "application/grpc"),
                ("te", "trailers"),
            ];
            let expected =
                expected.map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()));
            assert_eq!(decoded, expected);
        }
        assert_eq!(lengths[2..], [6, 6]);
    }
}
