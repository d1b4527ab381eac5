//! An OpenID Connect issuer, as far as those need it who verify its tokens. It counts what it is asked.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::keys::Pair;

/// A running issuer.
pub(crate) struct Issuer {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    running: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    url: Mutex<String>,
    keys: Mutex<Vec<Value>>,
    behaviour: Mutex<Behaviour>,
    fetches: AtomicU64,
    under_way: AtomicU64,
    most_under_way: AtomicU64,
    elsewhere: AtomicU64,
}

/// What the issuer answers to those who ask for its keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Behaviour {
    #[default]
    Keys,
    Broken,
    Silent,
    Redirect,
    Endless,
    NoKeys,
}

impl Issuer {
    pub(crate) async fn start(keys: &[&Pair]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::serve(listener, keys)
    }

    /// An issuer on an address at which there was none.
    pub(crate) async fn start_at(address: SocketAddr, keys: &[&Pair]) -> Self {
        Self::serve(TcpListener::bind(address).await.unwrap(), keys)
    }

    fn serve(listener: TcpListener, keys: &[&Pair]) -> Self {
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared { url: Mutex::new(format!("http://{address}")), ..Shared::default() });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/keys", get(key_set))
            .fallback(elsewhere)
            .with_state(Arc::clone(&shared));
        let running = tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        let issuer = Self { address, shared, running };
        issuer.publish(keys);
        issuer
    }

    pub(crate) fn url(&self) -> String {
        self.shared.url.lock().unwrap().clone()
    }

    /// Other keys from now on.
    pub(crate) fn publish(&self, keys: &[&Pair]) {
        *self.shared.keys.lock().unwrap() = keys.iter().map(|pair| pair.jwk()).collect();
    }

    /// Adds an entry as it is.
    pub(crate) fn publish_also(&self, entry: Value) {
        self.shared.keys.lock().unwrap().push(entry);
    }

    pub(crate) fn behave(&self, behaviour: Behaviour) {
        *self.shared.behaviour.lock().unwrap() = behaviour;
    }

    /// How often it was asked for its keys.
    pub(crate) fn fetches(&self) -> u64 {
        self.shared.fetches.load(SeqCst)
    }

    /// How many asked at the same time, at most.
    pub(crate) fn most_under_way(&self) -> u64 {
        self.shared.most_under_way.load(SeqCst)
    }

    /// How often it was asked for anything that it does not name.
    pub(crate) fn elsewhere(&self) -> u64 {
        self.shared.elsewhere.load(SeqCst)
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.running.abort();
    }
}

async fn configuration(State(shared): State<Arc<Shared>>) -> String {
    let url = shared.url.lock().unwrap().clone();
    json!({"issuer": url, "jwks_uri": format!("{url}/keys")}).to_string()
}

async fn key_set(State(shared): State<Arc<Shared>>) -> Response {
    shared.fetches.fetch_add(1, SeqCst);
    let under_way = shared.under_way.fetch_add(1, SeqCst) + 1;
    shared.most_under_way.fetch_max(under_way, SeqCst);
    // Long enough that others would come in between.
    tokio::time::sleep(Duration::from_millis(20)).await;
    shared.under_way.fetch_sub(1, SeqCst);
    let behaviour = *shared.behaviour.lock().unwrap();
    match behaviour {
        Behaviour::Keys => json!({"keys": *shared.keys.lock().unwrap()}).to_string().into_response(),
        Behaviour::Broken => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Behaviour::Silent => std::future::pending().await,
        Behaviour::Redirect => Redirect::temporary("/elsewhere").into_response(),
        Behaviour::Endless => " ".repeat(1024 * 1024).into_response(),
        Behaviour::NoKeys => json!({"keys": []}).to_string().into_response(),
    }
}

async fn elsewhere(State(shared): State<Arc<Shared>>) -> String {
    shared.elsewhere.fetch_add(1, SeqCst);
    json!({"keys": *shared.keys.lock().unwrap()}).to_string()
}
