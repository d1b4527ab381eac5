//! Where one message ends and the next begins.

/// Where in a sequence of messages a body is. Each message has a head: a byte that says whether it is compressed, and its length
/// in four bytes ("Length-Prefixed-Message" of gRPC over HTTP/2).
#[derive(Debug, Default)]
pub(super) struct Messages {
    head: [u8; 5],
    pub(super) of_head: usize,
    /// The length of the message whose head is there.
    length: usize,
    /// Bytes of it that are missing.
    missing: usize,
    /// Whether a message came to its end in what was read last.
    pub(super) has_ended: bool,
}

impl Messages {
    pub(super) fn read(&mut self, mut data: &[u8]) {
        self.has_ended = false;
        while !data.is_empty() {
            if self.missing == 0 {
                let (part, rest) = data.split_at(data.len().min(self.head.len() - self.of_head));
                self.head[self.of_head..][..part.len()].copy_from_slice(part);
                self.of_head += part.len();
                data = rest;
                if self.of_head < self.head.len() {
                    return;
                }
                let [_, length @ ..] = self.head;
                self.length = u32::from_be_bytes(length) as usize;
                (self.missing, self.of_head) = (self.length, 0);
            }
            let (part, rest) = data.split_at(data.len().min(self.missing));
            self.missing -= part.len();
            self.has_ended |= self.missing == 0;
            data = rest;
        }
    }

    /// The length of the message that is there in part; 0 if there is none, or its head is not complete.
    pub(super) fn under_way(&self) -> usize {
        if self.missing == 0 { 0 } else { self.length }
    }
}
