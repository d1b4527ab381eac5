//! Texts that are more than they seem.

use fastrand::Rng;

/// Each has undone some program.
const TEXTS: [&str; 26] = [
    "",
    " ",
    "\0",
    "a\0b",
    "\u{1b}[31m",
    "\u{202e}gnp.exe",
    "\u{feff}",
    "\u{10ffff}",
    "e\u{301}\u{301}\u{301}\u{301}\u{301}",
    "🧑‍🧑‍🧒‍🧒",
    "ß",
    "İ",
    "'; DROP TABLE orders; --",
    "{\"a\":1}",
    "\\",
    "\\u0000",
    "%00",
    "NaN",
    "-1",
    "18446744073709551616",
    "orders/00000000-0000-0000-0000-000000000000",
    "orders/018f3f6e-7b1a-7c3e-9d2a-5f4b8c6d7e8f/versions/1",
    "W/\"9223372036854775807\"",
    "*",
    "XXX",
    "((((((((((((((((((((((((((((((((",
];

/// How long texts get.
const LONG: usize = 70_000;

/// A text, or what was one, made worse.
pub(super) fn hostile(rng: &mut Rng, mut text: Vec<u8>) -> Vec<u8> {
    let at = rng.usize(..=text.len());
    match rng.u8(..7) {
        0 => texts(rng).into(),
        1 => {
            text.splice(at..at, texts(rng).bytes());
            text
        }
        // No UTF-8: a lone continuation, a surrogate, an overlong slash.
        2 => {
            let bad: [&[u8]; 3] = [b"\x80", b"\xed\xa0\x80", b"\xc0\xaf"];
            text.splice(at..at, bad[rng.usize(..3)].iter().copied());
            text
        }
        3 => {
            let times = rng.usize(..LONG) / text.len().max(1);
            text.repeat(times)
        }
        4 => {
            text.truncate(at);
            text
        }
        5 => {
            text.reverse();
            text
        }
        _ => {
            if let Some(byte) = rng.choice(text.iter_mut()) {
                const SIGNS: &[u8] = b"\0\n\"'\\(){}%_- =<>09zZ~";
                *byte = SIGNS[usize::from(*byte) % SIGNS.len()];
            }
            text
        }
    }
}

fn texts(rng: &mut Rng) -> &'static str {
    TEXTS[rng.usize(..TEXTS.len())]
}
