//! Inputs as tokens. The first byte says how: as the text that it is; or as a header and claims that somebody signs, with one
//! byte of the whole changed afterwards.

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use bytes::Bytes;

use super::{
    AUDIENCE, ISSUER,
    keys::{KINDS, Keys, Kind},
};

static ISSUERS: LazyLock<Keys> = LazyLock::new(Keys::issuers);
static FOREIGN: LazyLock<Keys> = LazyLock::new(Keys::foreign);

/// A token, and what the issuer has to do with it.
#[derive(Debug)]
pub(super) struct Forgery {
    pub(super) token: Bytes,
    /// If the issuer signed exactly this.
    pub(super) signed: Option<Signed>,
}

/// What the issuer signed.
#[derive(Debug)]
pub(super) struct Signed {
    pub(super) kind: Kind,
    pub(super) header: Bytes,
    pub(super) claims: Bytes,
}

/// What is behind the first byte, where it says that somebody signs: a change of one byte (where, how and which), the length of
/// the header, the lower byte first, the header, and the claims.
struct Parts<'i> {
    change: [u8; 3],
    header: &'i [u8],
    claims: &'i [u8],
}

impl<'i> Parts<'i> {
    fn of(input: &'i [u8]) -> Option<Self> {
        let (change, rest) = input.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let length = usize::from(u16::from_le_bytes(*length)).min(rest.len());
        let (header, claims) = rest.split_at(length);
        Some(Self { change: *change, header, claims })
    }
}

impl Forgery {
    /// The token of an input, at this time in seconds since 1970.
    pub(super) fn of(input: &[u8], now: u64) -> Self {
        let Some((how, rest)) = input.split_first() else { return Self::text(vec![]) };
        let kind = KINDS[usize::from(how / 5) % KINDS.len()];
        let Some(parts) = Parts::of(rest).filter(|_| how % 5 > 0) else { return Self::text(rest.to_vec()) };
        let claims = timed(parts.claims, now);
        let message = format!("{}.{}", BASE64.encode(parts.header), BASE64.encode(&claims));
        let signature = match how % 5 {
            1 => ISSUERS.sign(kind, message.as_bytes()),
            2 => FOREIGN.sign(kind, message.as_bytes()),
            3 => ISSUERS.hash(kind, message.as_bytes()),
            _ => vec![],
        };
        let token = format!("{message}.{}", BASE64.encode(signature)).into_bytes();
        let changed = changed(&token, parts.change);
        let whole = how % 5 == 1 && changed == token;
        let signed = whole.then(|| Signed {
            kind,
            header: Bytes::copy_from_slice(parts.header),
            claims: claims.into(),
        });
        Self { token: changed.into(), signed }
    }

    /// A text, which the issuer may have signed.
    fn text(token: Vec<u8>) -> Self {
        let signed = signed(&token);
        Self { token: token.into(), signed }
    }
}

fn signed(token: &[u8]) -> Option<Signed> {
    let text = std::str::from_utf8(token).ok()?;
    let (message, signature) = text.rsplit_once('.')?;
    let (header, claims) = message.split_once('.')?;
    let [header, claims, signature] = [header, claims, signature].map(|part| BASE64.decode(part).ok());
    let (header, claims, signature) = (header?, claims?, signature?);
    let kind = KINDS.into_iter().find(|kind| ISSUERS.signed(*kind, message.as_bytes(), &signature))?;
    Some(Signed { kind, header: header.into(), claims: claims.into() })
}

/// The token with one byte replaced, put in, or left out; or as it is.
fn changed(token: &[u8], [low, high, byte]: [u8; 3]) -> Vec<u8> {
    let at = usize::from(u16::from_le_bytes([low, high % 64])) % token.len();
    let (before, after) = token.split_at(at);
    match high / 64 {
        0 => token.to_vec(),
        1 => [before, &[byte], &after[1..]].concat(),
        2 => [before, &[byte], after].concat(),
        _ => [before, &after[1..]].concat(),
    }
}

/// The claims with times in place of `@`, `@60` and `@-60`: now, in a minute, a minute ago.
fn timed(claims: &[u8], now: u64) -> Vec<u8> {
    const DIGITS: usize = 9;
    let mut parts = claims.split(|byte| *byte == b'@');
    let mut timed = parts.next().unwrap_or_default().to_vec();
    for part in parts {
        let sign = part.first().filter(|byte| **byte == b'-').map_or(0, |_| 1);
        let digits = part[sign..].iter().take(DIGITS).take_while(|byte| byte.is_ascii_digit()).count();
        let (offset, rest) = part.split_at(sign + digits);
        let offset = std::str::from_utf8(offset).ok().and_then(|offset| offset.parse().ok()).unwrap_or(0);
        timed.extend(now.saturating_add_signed(offset).to_string().bytes());
        timed.extend(rest);
    }
    timed
}

/// What makes a token of the issuer's: a header, claims, and one who signs.
fn seed(how: u8, kind: Kind, header: &str, claims: &str) -> Vec<u8> {
    let length = u16::try_from(header.len()).expect("headers are short").to_le_bytes();
    let place = KINDS.iter().position(|known| *known == kind).expect("all kinds are there");
    let how = how + 5 * u8::try_from(place).expect("few kinds");
    [&[how, 0, 0, 0], &length[..], header.as_bytes(), claims.as_bytes()].concat()
}

/// Tokens of each key as issuers make them, and what is tried with tokens.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let more = |more: &str| format!(r#"{{"iss":"{ISSUER}","sub":"ada","tenant":"acme",{more}}}"#);
    let good = more(&format!(r#""aud":"{AUDIENCE}","exp":@300,"scope":"orders.read orders.write""#));
    let header = |kind: Kind| format!(r#"{{"alg":"{}","kid":"{}"}}"#, kind.algorithm(), kind.id());
    let mut seeds = vec![];
    for kind in KINDS {
        for how in 1..5 {
            seeds.push(seed(how, kind, &header(kind), &good));
        }
    }
    let ed = header(Kind::Ed);
    for claims in [
        r#""aud":["orders","payments"],"exp":@31.5,"nbf":@-10,"iat":@,"scope":["orders.read"]"#,
        r#""aud":"orders","exp":@-31,"client_id":"ada","jti":"1""#,
        r#""aud":"orders","exp":@-40"#,
        r#""aud":"orders","exp":@60,"nbf":@31"#,
        r#""aud":"orders","exp":@60,"nbf":@40"#,
        r#""aud":"orders","exp":@60,"tenant":"globex""#,
        r#""aud":"orders","exp":@60,"act":{"a":1,"a":[true,null,-1e3,"\u0061"]}"#,
    ] {
        seeds.push(seed(1, Kind::Ed, &ed, &more(claims)));
    }
    for header in [
        r#"{"alg":"none","kid":"ed"}"#,
        r#"{"alg":"HS256","kid":"ed"}"#,
        r#"{"alg":"EdDSA","kid":"encryption","typ":"at+jwt"}"#,
        r#"{"alg":"EdDSA","kid":"ed","typ":"JWT","cty":"JWT","crit":["exp"],"b64":false}"#,
        r#"{"alg":"EdDSA","kid":"ed","jku":"https://a.example","x5c":["AA"],"enc":null,"zip":"DEF"}"#,
        r#"{"alg":"EdDSA","kid":"ed","x":[{"a":1,"a":1}]}"#,
        r#"{"alg":"EdDSA","kid":"ed","jwk":{"kty":"OKP","crv":"Ed25519","x":"AA"}}"#,
    ] {
        seeds.push(seed(1, Kind::Ed, header, &good));
    }
    let lasting = timed(good.as_bytes(), 4_102_444_800);
    let message = format!("{}.{}", BASE64.encode(ed), BASE64.encode(lasting));
    let signature = BASE64.encode(ISSUERS.sign(Kind::Ed, message.as_bytes()));
    seeds.push(format!("\0{message}.{signature}").into_bytes());
    seeds
}
