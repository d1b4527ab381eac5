//! Authentication and authorisation over the wire: a real server of the chassis, a real issuer that serves real keys over HTTP.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bad_tokens;
mod certificates;
mod client;
mod configuration;
mod issuer;
mod key_fetches;
mod keys;
mod providers;
mod scopes;
mod server;
mod token;
