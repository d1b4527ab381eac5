//! Which hostile requests there are: what the seed and a number make of the real ones.

use fastrand::Rng;
use fuzz_targets::{
    mutate,
    seeds::{self, Seed},
};

use super::request::{Request, frame};

/// Which service.
#[derive(Debug, Clone, Copy)]
pub(super) enum Side {
    Commands,
    Queries,
}

/// Requests to one service.
pub(super) struct Attack {
    service: &'static str,
    seeds: Vec<Seed>,
}

impl Attack {
    /// On the service, about this order.
    pub(super) fn new(side: Side, order: &str) -> Self {
        match side {
            Side::Commands => {
                Self { service: "orders.v1.OrderCommandService", seeds: seeds::commands(order) }
            }
            Side::Queries => Self { service: "orders.v1.OrderQueryService", seeds: seeds::queries(order) },
        }
    }

    /// The request of this number.
    pub(super) fn request(&self, seed: u64, number: u64) -> Request {
        let mut rng = Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(number));
        let Seed { method, message } = self.seed(&mut rng);
        let mut message = message.clone();
        for _ in 0..rng.u8(..4) {
            let other = &self.seed(&mut rng).message;
            message = mutate(&mut rng, &message, other);
        }
        let method = if rng.u8(..20) == 0 { self.seed(&mut rng).method } else { method };
        let path = match rng.u8(..200) {
            0 => format!("/orders.v1.OrderCommandService/{method}"),
            1 => format!("/{}/%00", self.service),
            _ => format!("/{}/{method}", self.service),
        };
        let body = match rng.u8(..10) {
            0 => lied(&mut rng, &message),
            _ => frame(0, message.len(), &message),
        };
        let metadata = if rng.u8(..6) == 0 { metadata(&mut rng) } else { vec![] };
        Request { path, metadata, body }
    }

    fn seed(&self, rng: &mut Rng) -> &Seed {
        &self.seeds[rng.usize(..self.seeds.len())]
    }
}

/// A message in a frame that is not true, or not in one.
fn lied(rng: &mut Rng, message: &[u8]) -> Vec<u8> {
    let length = message.len();
    match rng.u8(..10) {
        0 => frame(0, rng.usize(..length + 1), message),
        1 => frame(0, length + rng.usize(1..1_000), message),
        2 => frame(0, u32::MAX as usize, message),
        3 => frame(1, length, message),
        4 => frame(rng.u8(2..), length, message),
        5 => [frame(0, length, message), frame(0, length, message)].concat(),
        6 => frame(0, length, message)[..rng.usize(..5)].to_vec(),
        7 => message.to_vec(),
        8 => frame(0, 300_000, &message.repeat(300_000 / length.max(1) + 1)),
        _ => vec![],
    }
}

/// Headers that a server could stumble over.
fn metadata(rng: &mut Rng) -> Vec<(&'static str, Vec<u8>)> {
    const HEADERS: [(&str, &[u8]); 24] = [
        ("grpc-timeout", b"abc"),
        ("grpc-timeout", b"0n"),
        ("grpc-timeout", b"1u"),
        ("grpc-timeout", b"20m"),
        ("grpc-timeout", b"99999999H"),
        ("grpc-timeout", b"999999999999999999999S"),
        ("grpc-timeout", b"-1S"),
        ("grpc-timeout", b"\xff"),
        ("grpc-encoding", b"gzip"),
        ("grpc-encoding", b"\xfe\xff"),
        ("grpc-accept-encoding", b"identity,deflate,,;q=NaN"),
        ("content-type", b"application/json"),
        ("content-type", b"application/grpc+json"),
        ("content-type", b"\xff"),
        ("grpc-message-type", b"\xff"),
        ("traceparent", b"00-ffffffffffffffffffffffffffffffff-0000000000000000-zz"),
        ("traceparent", b"\xc0\x80"),
        ("authorization", b"Bearer \xff\xff"),
        ("authorization", b"Bearer eyJhbGciOiJub25lIn0.e30."),
        ("trace-bin", b"not base64 !"),
        ("user-agent", b"\x80\x81"),
        ("x-tenant-id", b"other"),
        ("orders-tenant", b"' OR 1=1 --"),
        ("content-length", b"7"),
    ];
    let mut headers: Vec<_> = (0..rng.u8(1..4))
        .map(|_| HEADERS[rng.usize(..HEADERS.len())])
        .map(|(name, value)| (name, value.to_vec()))
        .collect();
    if rng.u8(..20) == 0 {
        headers.push(("x-long", vec![b'x'; rng.usize(1_000..30_000)]));
    }
    headers
}
