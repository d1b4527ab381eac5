//! Promise R14: bad tokens open nothing.

mod claims;
mod headers;
mod shapes;
mod signatures;

use tonic::Code;

use crate::{
    client::{Client, READ},
    issuer::Issuer,
    keys::Pair,
    server::Running,
    token::Token,
};

/// What tokens are forged with.
struct Forge {
    issuer: String,
    rsa: Pair,
    ec: Pair,
    ed: Pair,
    /// Keys that the issuer has nothing to do with.
    foreign_rsa: Pair,
    foreign_ec: Pair,
    foreign_ed: Pair,
    /// A key that the issuer has for something else.
    encryption: Pair,
}

/// What is wrong, and the values of `authorization`.
struct Bad {
    what: String,
    values: Vec<Vec<u8>>,
}

impl Forge {
    fn good(&self) -> Token {
        Token::good(&self.issuer, &self.rsa)
    }

    /// A token that is bad in itself, signed by the issuer.
    fn signed(&self, what: &str, token: Token) -> Bad {
        bad(what, token.signed(&self.rsa))
    }
}

fn bad(what: impl Into<String>, token: impl AsRef<[u8]>) -> Bad {
    Bad { what: what.into(), values: vec![[b"Bearer ", token.as_ref()].concat()] }
}

#[tokio::test]
async fn no_kind_of_bad_token_lets_anybody_in() {
    let mut forge = Forge {
        issuer: String::new(),
        rsa: Pair::rsa("rsa"),
        ec: Pair::ec("ec"),
        ed: Pair::ed("ed"),
        foreign_rsa: Pair::rsa("rsa"),
        foreign_ec: Pair::ec("ec"),
        foreign_ed: Pair::ed("ed"),
        encryption: Pair::rsa("encryption"),
    };
    let issuer = Issuer::start(&[&forge.rsa, &forge.ec, &forge.ed]).await;
    let mut for_encryption = forge.encryption.jwk();
    for_encryption["use"] = "enc".into();
    issuer.publish_also(for_encryption);
    forge.issuer = issuer.url();
    let server = Running::trusting(&issuer, &[]).await;
    let client = Client::connect(server.address).await;

    let good =
        || [&forge.rsa, &forge.ec, &forge.ed].map(|pair| Token::good(&forge.issuer, pair).signed(pair));
    for token in good() {
        assert_eq!(client.read(&token).await.unwrap(), "ada of acme");
    }
    let kinds =
        [shapes::all(&forge), headers::all(&forge, &issuer), signatures::all(&forge), claims::all(&forge)];
    let kinds: Vec<_> = kinds.into_iter().flatten().collect();
    assert!(kinds.len() >= 120, "only {} kinds", kinds.len());
    for Bad { what, values } in &kinds {
        let headers: Vec<_> = values.iter().map(|value| ("authorization", value)).collect();
        let refused = client.call(READ, &headers).await.expect_err(what);
        assert_eq!(refused.code, Code::Unauthenticated, "{what}: {refused:?}");
        let expected = if what.starts_with("expired") {
            "TOKEN_EXPIRED"
        } else if what.starts_with("no token") {
            "TOKEN_MISSING"
        } else {
            "TOKEN_INVALID"
        };
        assert_eq!(refused.reason, expected, "{what}: {refused:?}");
        for value in values.iter().filter(|value| value.len() > 40) {
            let value = String::from_utf8_lossy(value);
            assert!(!refused.message.contains(&value[20..40]), "{what}: {refused:?}");
        }
    }
    for token in good() {
        assert_eq!(client.read(&token).await.unwrap(), "ada of acme", "the good ones are still taken");
    }
    assert_eq!(issuer.fetches(), 1, "nothing in a token makes the service fetch keys so soon");
    assert_eq!(issuer.elsewhere(), 0, "no token says where keys are");
    println!("{} kinds of bad token, all UNAUTHENTICATED", kinds.len());
}
