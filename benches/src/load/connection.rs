//! One HTTP/2 connection (RFC 9113) as a gRPC client needs it for single calls, without blocking. What a server may do and
//! ours do not (padding, continued headers, pushed answers) ends the run rather than being handled.

use std::{
    collections::{HashMap, VecDeque},
    io::{self, ErrorKind, Read, Write},
    net::SocketAddr,
};

use mio::{Interest, Registry, Token, net::TcpStream};

use super::{
    Call, LoadError, answer,
    frames::{self, DEFAULT_WINDOW, HEAD, Head, LARGEST_PAYLOAD, LARGEST_WINDOW, flag, kind, setting},
    headers::RequestHeaders,
};

/// Bytes taken from the socket at once; has to hold a whole frame.
const INPUT: usize = 256 * 1024;
/// Calls at once before the server has said how many it takes.
const FIRST_OPEN: usize = 100;

/// A connection and the calls under way on it. A caller is a number of the driver's.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    headers: RequestHeaders,
    input: Vec<u8>,
    /// How much of the input holds something.
    filled: usize,
    output: Vec<u8>,
    /// How much of the output has been sent.
    sent: usize,
    next_stream: u32,
    open: HashMap<u32, Open>,
    waiting: VecDeque<Waiting>,
    most_open: usize,
    /// Bytes of requests that the server takes at present, on the connection and on a new stream.
    window: i64,
    stream_window: u32,
    /// Bytes of answers that the server was not told to have been taken.
    untold: u32,
}

/// A call under way.
#[derive(Debug)]
struct Open {
    caller: usize,
    path: &'static str,
}

/// A call that the server has no room for yet.
#[derive(Debug)]
struct Waiting {
    caller: usize,
    path: &'static str,
    body: Vec<u8>,
}

impl Connection {
    /// Connects and says hello. Answers may be as long as they like, and carry their headers in full.
    pub(super) fn open(address: SocketAddr, registry: &Registry, token: Token) -> Result<Self, LoadError> {
        // The first step may block: it is not measured.
        let stream = std::net::TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let mut stream = TcpStream::from_std(stream);
        registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;

        let mut output = frames::PREFACE.to_vec();
        frames::push_settings(
            &mut output,
            &[
                (setting::HEADER_TABLE_SIZE, 0),
                (setting::ENABLE_PUSH, 0),
                (setting::INITIAL_WINDOW_SIZE, LARGEST_WINDOW),
            ],
        );
        let more = LARGEST_WINDOW - DEFAULT_WINDOW;
        frames::push(&mut output, kind::WINDOW_UPDATE, 0, 0, &more.to_be_bytes());
        Ok(Self {
            stream,
            headers: RequestHeaders::new(address.to_string()),
            input: vec![0; INPUT],
            filled: 0,
            output,
            sent: 0,
            next_stream: 1,
            open: HashMap::new(),
            waiting: VecDeque::new(),
            most_open: FIRST_OPEN,
            window: DEFAULT_WINDOW.into(),
            stream_window: DEFAULT_WINDOW,
            untold: 0,
        })
    }

    /// Puts a call into the output, or in line if the server has no room for it.
    pub(super) fn call(&mut self, caller: usize, call: Call<'_>) -> Result<(), LoadError> {
        let longest = LARGEST_PAYLOAD.min(self.stream_window as usize);
        if call.body.len() > longest {
            return Err(LoadError::Protocol(format!("takes requests of {longest} bytes only")));
        }
        if self.waiting.is_empty() && self.has_room(call.body.len()) {
            self.start(caller, call.path, call.body);
        } else {
            self.waiting.push_back(Waiting { caller, path: call.path, body: call.body.to_vec() });
        }
        Ok(())
    }

    /// Sends what is in the output, as far as the socket takes it.
    pub(super) fn flush(&mut self) -> Result<(), LoadError> {
        while self.sent < self.output.len() {
            match self.stream.write(&self.output[self.sent..]) {
                Ok(sent) => self.sent += sent,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.output.clear();
        self.sent = 0;
        Ok(())
    }

    /// Takes what has come, and appends the callers who have a good answer to `finished`.
    pub(super) fn read(&mut self, finished: &mut Vec<usize>) -> Result<(), LoadError> {
        loop {
            let room = self.input.len() - self.filled;
            match self.stream.read(&mut self.input[self.filled..]) {
                Ok(0) => return Err(io::Error::from(ErrorKind::UnexpectedEof).into()),
                Ok(read) => {
                    self.filled += read;
                    self.take_frames(finished)?;
                    // Less than there was room for: the socket is empty, and says so when it is not any more.
                    if read < room {
                        break;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        while self.waiting.front().is_some_and(|next| self.has_room(next.body.len())) {
            let Some(next) = self.waiting.pop_front() else { break };
            self.start(next.caller, next.path, &next.body);
        }
        Ok(())
    }

    fn has_room(&self, bytes: usize) -> bool {
        self.open.len() < self.most_open && i64::try_from(bytes).is_ok_and(|bytes| bytes <= self.window)
    }

    fn start(&mut self, caller: usize, path: &'static str, body: &[u8]) {
        let stream = self.next_stream;
        self.next_stream += 2;
        let head = self.output.len();
        frames::push_head(&mut self.output, kind::HEADERS, flag::END_HEADERS, stream, 0);
        self.headers.push(&mut self.output, path);
        let length = self.output.len() - head - HEAD;
        self.output[head + 2] = u8::try_from(length).expect("the headers of a request are short");
        frames::push(&mut self.output, kind::DATA, flag::END_STREAM, stream, body);
        self.window -= i64::try_from(body.len()).expect("a request is short");
        self.open.insert(stream, Open { caller, path });
    }

    fn take_frames(&mut self, finished: &mut Vec<usize>) -> Result<(), LoadError> {
        let mut input = std::mem::take(&mut self.input);
        let mut taken = 0;
        while let Some(head) = Head::read(&input[taken..self.filled]) {
            if head.length > LARGEST_PAYLOAD {
                return Err(LoadError::Protocol(format!("sent a frame of {} bytes", head.length)));
            }
            let Some(payload) = input[..self.filled].get(taken + HEAD..taken + HEAD + head.length) else {
                break;
            };
            self.take(head, payload, finished)?;
            taken += HEAD + head.length;
        }
        input.copy_within(taken..self.filled, 0);
        self.filled -= taken;
        self.input = input;
        Ok(())
    }

    fn take(&mut self, head: Head, payload: &[u8], finished: &mut Vec<usize>) -> Result<(), LoadError> {
        match head.kind {
            kind::DATA => {
                if head.has(flag::END_STREAM) {
                    return Err(LoadError::Protocol("ended an answer without a status".to_owned()));
                }
                self.tell_taken(payload.len());
            }
            kind::HEADERS => {
                if !head.has(flag::END_HEADERS) || head.has(flag::PADDED) || head.has(flag::PRIORITY) {
                    return Err(LoadError::Protocol("sent headers of an unusual shape".to_owned()));
                }
                if head.has(flag::END_STREAM) {
                    finished.push(self.finish(head.stream, payload)?);
                }
            }
            // The end of a stream that is over anyway says nothing.
            kind::RST_STREAM => {
                if let Some(Open { path, .. }) = self.open.get(&head.stream) {
                    let code = frames::number(payload, 0);
                    return Err(LoadError::Protocol(format!("reset a call of {path} with code {code}")));
                }
            }
            kind::SETTINGS if !head.has(flag::ACK) => {
                self.set(payload);
                frames::push(&mut self.output, kind::SETTINGS, flag::ACK, 0, &[]);
            }
            kind::PING if !head.has(flag::ACK) => {
                frames::push(&mut self.output, kind::PING, flag::ACK, 0, payload);
            }
            kind::GOAWAY => {
                let code = frames::number(payload, 4);
                return Err(LoadError::Protocol(format!("sent the connection away with code {code}")));
            }
            kind::WINDOW_UPDATE if head.stream == 0 => self.window += i64::from(frames::number(payload, 0)),
            kind::SETTINGS | kind::PING | kind::WINDOW_UPDATE => {}
            other => return Err(LoadError::Protocol(format!("sent a frame of kind {other}"))),
        }
        Ok(())
    }

    fn finish(&mut self, stream: u32, block: &[u8]) -> Result<usize, LoadError> {
        let unknown = || LoadError::Protocol(format!("answered stream {stream}, which is not open"));
        let Open { caller, path } = self.open.remove(&stream).ok_or_else(unknown)?;
        match answer::is_ok(block) {
            Some(true) => Ok(caller),
            Some(false) | None => Err(answer::refusal(path, block)),
        }
    }

    fn set(&mut self, payload: &[u8]) {
        for (number, value) in frames::settings(payload) {
            match number {
                setting::MAX_CONCURRENT_STREAMS => self.most_open = value as usize,
                setting::INITIAL_WINDOW_SIZE => self.stream_window = value,
                _ => {}
            }
        }
    }

    /// Lets the server send more, now and then.
    fn tell_taken(&mut self, bytes: usize) {
        self.untold += u32::try_from(bytes).expect("a frame is short");
        if self.untold > LARGEST_WINDOW / 2 {
            frames::push(&mut self.output, kind::WINDOW_UPDATE, 0, 0, &self.untold.to_be_bytes());
            self.untold = 0;
        }
    }
}
