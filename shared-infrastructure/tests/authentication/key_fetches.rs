//! When keys are fetched, and which of them count: unknown ones, rotation, an issuer that is away or misbehaves.

use std::time::{Duration, Instant};

use tokio::time::sleep;
use tonic::Code;

use crate::{
    client::{Client, Refusal},
    issuer::{Behaviour, Issuer},
    keys::Pair,
    server::Running,
    token::Token,
};

/// Asks until the answer is yes.
pub(crate) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !holds().await {
        assert!(start.elapsed() < Duration::from_secs(30), "not so after 30 s: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

fn invalid(answer: &Result<String, Refusal>) -> bool {
    answer.as_ref().is_err_and(|refused| refused.is(Code::Unauthenticated, "TOKEN_INVALID"))
}

fn unavailable(answer: &Result<String, Refusal>) -> bool {
    answer.as_ref().is_err_and(|refused| refused.is(Code::Unavailable, "ISSUER_UNAVAILABLE"))
}

#[tokio::test]
async fn unknown_keys_are_asked_for_once_in_a_cooldown() {
    const COOLDOWN: Duration = Duration::from_secs(2);
    let pair = Pair::ec("1");
    let issuer = Issuer::start(&[&pair]).await;
    let start = Instant::now();
    let server = Running::trusting(&issuer, &["--oidc-refresh-cooldown=2s"]).await;
    let client = Client::connect(server.address).await;
    let token = Token::good(&issuer.url(), &pair);
    assert!(client.read(&token.signed(&pair)).await.is_ok());

    let mut calls = 0_u32;
    while start.elapsed() < 3 * COOLDOWN {
        let unknown = (0..50).map(|at| token.clone().header("kid", format!("{calls}-{at}")).signed(&pair));
        let answers = unknown.map(|token| {
            let client = client.clone();
            tokio::spawn(async move { client.read(&token).await })
        });
        for answer in answers.collect::<Vec<_>>() {
            assert!(invalid(&answer.await.unwrap()));
            calls += 1;
        }
    }
    let cooldowns = start.elapsed().as_secs() / COOLDOWN.as_secs();
    let fetches = issuer.fetches();
    assert!((2..=1 + cooldowns).contains(&fetches), "{fetches} fetches in {cooldowns} cooldowns");
    assert_eq!(issuer.most_under_way(), 1, "one at a time");
    println!("{calls} tokens with unknown keys in {:?}: {fetches} fetches", start.elapsed());
}

#[tokio::test]
async fn in_the_default_cooldown_unknown_keys_fetch_nothing() {
    let pair = Pair::ed("1");
    let issuer = Issuer::start(&[&pair]).await;
    let server = Running::trusting(&issuer, &[]).await;
    let client = Client::connect(server.address).await;
    let (token, start) = (Token::good(&issuer.url(), &pair), Instant::now());
    for at in 0..1_000 {
        let answer = client.read(&token.clone().header("kid", format!("unknown-{at}")).signed(&pair)).await;
        assert!(invalid(&answer));
    }
    let allowed = 1 + start.elapsed().as_secs() / 30;
    assert!((1..=allowed).contains(&issuer.fetches()), "{} fetches", issuer.fetches());
}

#[tokio::test]
async fn a_new_key_counts_and_an_old_one_no_longer() {
    let (old, new) = (Pair::rsa("old"), Pair::ec("new"));
    let issuer = Issuer::start(&[&old]).await;
    let server = Running::trusting(&issuer, &["--oidc-refresh-cooldown=1ms"]).await;
    let client = Client::connect(server.address).await;
    let [by_old, by_new] = [&old, &new].map(|pair| Token::good(&issuer.url(), pair).signed(pair));
    assert!(client.read(&by_old).await.is_ok());
    assert!(invalid(&client.read(&by_new).await), "it is not published yet");

    issuer.publish(&[&old, &new]);
    assert!(client.read(&by_new).await.is_ok(), "an unknown key is asked for");
    assert!(client.read(&by_old).await.is_ok());

    issuer.publish(&[&new]);
    let unknown = Token::good(&issuer.url(), &new).header("kid", "unknown").signed(&new);
    assert!(invalid(&client.read(&unknown).await), "the keys were fetched anew");
    assert!(
        invalid(&client.read(&by_old).await),
        "a key that is withdrawn counts for no token, known or not"
    );
    assert!(client.read(&by_new).await.is_ok());
}

#[tokio::test]
async fn another_key_under_the_same_id_replaces_the_first() {
    let (first, second) = (Pair::ec("1"), Pair::ec("1"));
    let issuer = Issuer::start(&[&first]).await;
    let server = Running::trusting(&issuer, &["--oidc-refresh-interval=50ms"]).await;
    let client = Client::connect(server.address).await;
    let [by_first, by_second] = [&first, &second].map(|pair| Token::good(&issuer.url(), pair).signed(pair));
    assert!(client.read(&by_first).await.is_ok());
    issuer.publish(&[&second]);
    eventually("the second key counts", async || client.read(&by_second).await.is_ok()).await;
    assert!(invalid(&client.read(&by_first).await));
}

#[tokio::test]
async fn keys_count_on_while_the_issuer_is_away_or_misbehaves() {
    let pair = Pair::ec("1");
    let issuer = Issuer::start(&[&pair]).await;
    let arguments =
        ["--oidc-refresh-interval=20ms", "--oidc-fetch-timeout=200ms", "--oidc-refresh-cooldown=1ms"];
    let server = Running::trusting(&issuer, &arguments).await;
    let client = Client::connect(server.address).await;
    let token = Token::good(&issuer.url(), &pair);
    let remembered = token.signed(&pair);
    assert!(client.read(&remembered).await.is_ok());
    for behaviour in [Behaviour::Broken, Behaviour::Silent, Behaviour::Redirect, Behaviour::Endless] {
        issuer.behave(behaviour);
        let before = issuer.fetches();
        eventually("fetched in vain", async || issuer.fetches() > before + 2).await;
        let fresh = token.clone().claim("jti", format!("{behaviour:?}")).signed(&pair);
        assert!(client.read(&fresh).await.is_ok(), "{behaviour:?}");
        let unknown = token.clone().header("kid", "unknown").signed(&pair);
        let answer = client.read(&unknown).await;
        assert!(unavailable(&answer), "{behaviour:?}: the issuer may know the key by now: {answer:?}");
    }
    assert_eq!(issuer.elsewhere(), 0, "no redirect is followed");
    assert_eq!(issuer.most_under_way(), 1);
    drop(issuer);
    assert!(client.read(&remembered).await.is_ok());
    assert!(client.read(&token.claim("jti", "away").signed(&pair)).await.is_ok());
}

#[tokio::test]
async fn the_last_key_can_be_withdrawn_too() {
    let pair = Pair::ed("1");
    let issuer = Issuer::start(&[&pair]).await;
    let server = Running::trusting(&issuer, &["--oidc-refresh-interval=50ms"]).await;
    let client = Client::connect(server.address).await;
    let token = Token::good(&issuer.url(), &pair);
    let remembered = token.signed(&pair);
    assert!(client.read(&remembered).await.is_ok());
    issuer.behave(Behaviour::NoKeys);
    eventually("withdrawn", async || invalid(&client.read(&remembered).await)).await;
    assert!(invalid(&client.read(&token.claim("jti", "fresh").signed(&pair)).await));
}

#[tokio::test]
async fn keys_that_are_too_old_count_no_more() {
    let pair = Pair::ed("1");
    let issuer = Issuer::start(&[&pair]).await;
    let arguments = ["--oidc-refresh-interval=50ms", "--oidc-stale-limit=1s"];
    let server = Running::trusting(&issuer, &arguments).await;
    let client = Client::connect(server.address).await;
    let token = Token::good(&issuer.url(), &pair).signed(&pair);
    eventually("the keys are there", async || client.read(&token).await.is_ok()).await;
    issuer.behave(Behaviour::Broken);
    eventually("too old", async || unavailable(&client.read(&token).await)).await;
    issuer.behave(Behaviour::Keys);
    eventually("fetched again", async || client.read(&token).await.is_ok()).await;
}

#[tokio::test]
async fn a_service_starts_before_its_issuer_does() {
    let pair = Pair::ec("1");
    let (address, url) = {
        let issuer = Issuer::start(&[&pair]).await;
        (issuer.address, issuer.url())
    };
    let arguments = ["--auth-provider=oidc", "--oidc-audience=orders", "--oidc-issuer", &url];
    let server = Running::start(&arguments).await;
    let client = Client::connect(server.address).await;
    let token = Token::good(&url, &pair).signed(&pair);
    assert!(unavailable(&client.read(&token).await));
    assert!(invalid(&client.read("nonsense").await), "what is no token needs no keys to be refused");
    let _issuer = Issuer::start_at(address, &[&pair]).await;
    eventually("the issuer is found", async || client.read(&token).await.is_ok()).await;
}

#[tokio::test]
async fn keys_come_from_a_url_or_a_file_too() {
    let (first, second) = (Pair::ec("1"), Pair::rsa("2"));
    let issuer = Issuer::start(&[&first]).await;
    let name = "https://id.example.com/tenants/a";
    let [by_first, by_second] = [&first, &second].map(|pair| Token::good(name, pair).signed(pair));
    let fixed = ["--auth-provider=oidc", "--oidc-audience=orders", "--oidc-issuer", name];

    let url = format!("{}/keys", issuer.url());
    let server = Running::start(&[&fixed[..], &["--oidc-jwks-url", &url]].concat()).await;
    assert!(Client::connect(server.address).await.read(&by_first).await.is_ok());

    let file = tempfile::NamedTempFile::new().unwrap();
    let write = |pair: &Pair| {
        let set = serde_json::json!({"keys": [pair.jwk()]}).to_string();
        std::fs::write(file.path(), set).unwrap();
    };
    write(&first);
    let arguments = ["--oidc-jwks-file", file.path().to_str().unwrap(), "--oidc-stale-limit=2s"];
    let arguments = [&fixed[..], &arguments, &["--oidc-refresh-interval=1s"]].concat();
    let server = Running::start(&arguments).await;
    let client = Client::connect(server.address).await;
    assert!(client.read(&by_first).await.is_ok());
    assert!(invalid(&client.read(&by_second).await));
    write(&second);
    eventually("the file is read again", async || client.read(&by_second).await.is_ok()).await;
    assert!(invalid(&client.read(&by_first).await));
    std::fs::write(file.path(), "{").unwrap();
    sleep(Duration::from_secs(3)).await;
    assert!(client.read(&by_second).await.is_ok(), "what cannot be read changes nothing");
}
