//! Real servers and real processes: how they start, what they keep, and how they end.

#![expect(clippy::unwrap_used, reason = "a test; the helpers between its functions too")]
#![expect(clippy::print_stdout, reason = "how a helper process speaks to its test")]

mod suite {
    mod nats;
    mod postgres;
    mod process;
    mod run;
    mod standby;
    mod support;
    mod test_postgres;
}
