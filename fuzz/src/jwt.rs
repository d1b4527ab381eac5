//! Tokens of callers, shown to the provider `oidc` with one key of each algorithm. Nothing is taken but what the issuer signed, to the
//! letter; and what the issuer signed is judged by rules written down a second time.

mod forgery;
mod judge;
mod keys;

use std::{
    path::PathBuf,
    sync::LazyLock,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use shared_domain::Caller;
use shared_infrastructure::{
    auth::{Authenticator, OidcAuthentication, Peer},
    config::OidcArgs,
};
use tokio::runtime::Runtime;
use tonic::{
    Code, Status,
    metadata::{Ascii, MetadataMap, MetadataValue},
};
use tonic_types::StatusExt;

pub(crate) use self::forgery::seeds;
use self::{
    forgery::Forgery,
    judge::{Verdict, judge},
};

/// Who issues the tokens.
const ISSUER: &str = "https://id.example.com";
/// Whom they are meant for.
const AUDIENCE: &str = "orders";

static PROVIDER: LazyLock<Provider> = LazyLock::new(Provider::new);

/// The provider, and what runs it.
struct Provider {
    oidc: OidcAuthentication,
    runtime: Runtime,
    /// What somebody is told whom the issuer knows nothing of.
    told: Vec<String>,
}

impl Provider {
    fn new() -> Self {
        let config = OidcArgs {
            oidc_issuer: Some(ISSUER.into()),
            oidc_audience: vec![AUDIENCE.into()],
            oidc_jwks_url: None,
            oidc_jwks_file: Some(PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/keys/jwks.json"))),
            oidc_ca: None,
            oidc_tenant_claim: "tenant".into(),
            oidc_subject_claim: "sub".into(),
            oidc_scope_claim: "scope".into(),
            oidc_refresh_interval: Duration::from_secs(300),
            oidc_refresh_cooldown: Duration::from_secs(30),
            oidc_fetch_timeout: Duration::from_secs(5),
            oidc_stale_limit: Duration::from_secs(30 * 24 * 3600),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let runtime = runtime.expect("a runtime needs nothing but memory");
        let oidc = runtime.block_on(OidcAuthentication::new(&config)).expect("the key set is there");
        let mut provider = Self { oidc, runtime, told: vec![] };
        let long = "x".repeat(8_000);
        for strange in [b"x", b"\xff".as_slice(), long.as_bytes()] {
            let refused = provider.ask(strange).expect("it can be sent").expect_err("it is no token");
            provider.told.push(refused.message().to_owned());
        }
        provider
    }

    /// Who shows the token; nothing if it cannot be sent at all.
    fn ask(&self, token: &[u8]) -> Option<Result<Caller, Status>> {
        let value = MetadataValue::<Ascii>::try_from([b"Bearer ", token].concat()).ok()?;
        let mut metadata = MetadataMap::new();
        metadata.insert("authorization", value);
        Some(self.runtime.block_on(self.oidc.authenticate(&metadata, &Peer::default())))
    }
}

/// Shows a token, twice: what was verified once is remembered.
pub(crate) fn run(bytes: &[u8]) {
    let now = now();
    let forgery = Forgery::of(bytes, now);
    let Some(first) = PROVIDER.ask(&forgery.token) else { return };
    let again = PROVIDER.ask(&forgery.token).expect("it was sent before");
    let verdict = match &forgery.signed {
        Some(signed) => judge(signed, now, forgery.token.len()),
        None => Verdict::Foreign,
    };
    for answer in [first, again] {
        match (answer, &verdict) {
            (Ok(caller), Verdict::Good(expected) | Verdict::Open(expected)) => {
                assert_eq!(&caller, expected, "the caller is who the claims say: {forgery:?}");
            }
            (Ok(caller), Verdict::Foreign) => panic!("a stranger gets in: {caller:?}: {forgery:?}"),
            (Ok(caller), Verdict::Bad(why)) => panic!("taken, though {why}: {caller:?}: {forgery:?}"),
            (Err(status), Verdict::Good(_)) => panic!("a good token is refused: {status:?}: {forgery:?}"),
            (Err(status), Verdict::Open(_) | Verdict::Bad(_)) => _ = reason(&status),
            (Err(status), Verdict::Foreign) => {
                assert_eq!(reason(&status), "TOKEN_INVALID", "{forgery:?}");
                let told = PROVIDER.told.iter().any(|told| told == status.message());
                assert!(told, "a stranger learns something: {status:?}: {forgery:?}");
            }
        }
    }
}

/// The reason of a refusal.
fn reason(status: &Status) -> String {
    assert_eq!(status.code(), Code::Unauthenticated, "{status:?}");
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| info.reason.clone()).unwrap_or_default();
    assert!(["TOKEN_INVALID", "TOKEN_EXPIRED"].contains(&&*reason), "{status:?}");
    reason
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later").as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(input: &[u8]) -> Verdict {
        let now = now();
        let Forgery { token, signed } = Forgery::of(input, now);
        signed.map_or(Verdict::Foreign, |signed| judge(&signed, now, token.len()))
    }

    #[test]
    fn the_issuers_tokens_have_to_be_taken_and_nobody_elses() {
        let seeds = seeds();
        let (ways, others) = seeds.split_at(12);
        for of_a_kind in ways.chunks(4) {
            let [own, foreign, hashed, unsigned] = of_a_kind else { panic!("four ways to sign") };
            assert!(matches!(verdict(own), Verdict::Good(_)), "{:?}", verdict(own));
            for strange in [foreign, hashed, unsigned] {
                assert!(matches!(verdict(strange), Verdict::Foreign), "{:?}", verdict(strange));
            }
            let mut changed = own.clone();
            changed[1..4].copy_from_slice(&[40, 0x80, b'x']);
            assert!(matches!(verdict(&changed), Verdict::Foreign), "{:?}", verdict(&changed));
        }
        let text = others.last().expect("a token as a text");
        assert!(matches!(verdict(text), Verdict::Good(_)), "{:?}", verdict(text));
    }

    #[test]
    fn what_the_issuer_should_not_have_signed_is_bad() {
        let bad = seeds().iter().filter(|seed| matches!(verdict(seed), Verdict::Bad(_))).count();
        assert_eq!(bad, 10);
    }
}
