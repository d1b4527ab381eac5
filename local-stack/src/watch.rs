//! `local-stack watch`: what happens to orders, a line each, as it happens. A client of the wire contract like any other.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
    time::Duration,
};

use anyhow::{Context, Result};
use clap::Args;
use orders_proto::orders::v1::{
    OrderChanged, OrderEvent, OrderState, WatchOrdersRequest,
    order_query_service_client::OrderQueryServiceClient, watch_orders_response::Message,
};
use tokio::time::sleep;
use tonic::{Code, Status};

/// How long to wait before a watch that was cut is resumed.
const PAUSE: Duration = Duration::from_millis(500);

/// What to watch.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Where query-service listens
    #[arg(long, env = "QUERY_ADDRESS", default_value = "127.0.0.1:50052", value_name = "HOST:PORT")]
    query_address: String,
    /// Which orders, such as "state = PLACED"
    #[arg(long, default_value = "")]
    filter: String,
    /// Begin with the orders that there are
    #[arg(long)]
    include_initial: bool,
}

/// Watches until stopped. If the service restarts, it goes on where it was.
pub(crate) async fn run(options: Options) -> Result<()> {
    let mut resume_token = String::new();
    loop {
        let ended = watch(&options, &mut resume_token).await;
        match ended.downcast_ref::<Status>().map(Status::code) {
            Some(Code::Unavailable | Code::ResourceExhausted | Code::Unknown) if !resume_token.is_empty() => {
                sleep(PAUSE).await
            }
            _ => return Err(ended),
        }
    }
}

/// Watches until something ends it, and notes how far it got.
async fn watch(options: &Options, resume_token: &mut String) -> anyhow::Error {
    let watching = async {
        let mut client = OrderQueryServiceClient::connect(format!("http://{}", options.query_address))
            .await
            .map_err(|error| Status::unavailable(error.to_string()))
            .context("no query-service there: start the stack with `make run`")?;
        let request = WatchOrdersRequest {
            filter: options.filter.clone(),
            resume_token: resume_token.clone(),
            include_initial: options.include_initial,
            ..WatchOrdersRequest::default()
        };
        let mut messages = client.watch_orders(request).await?.into_inner();
        while let Some(message) = messages.message().await? {
            if let Some(Message::OrderChanged(change)) = message.message {
                writeln!(io::stdout().lock(), "{}", line(&change))?;
            }
            *resume_token = message.resume_token;
        }
        Err::<(), _>(Status::unavailable("the stream ended").into())
    };
    match watching.await {
        Ok(()) => anyhow::anyhow!("the watch ended"),
        Err(error) => error,
    }
}

/// `orders/0199... version 2 PLACED ORD-10000000: OrderPlaced, NoteAdded`.
fn line(change: &OrderChanged) -> String {
    let (mut line, order) = (String::new(), change.order.as_ref());
    let (name, version) = match (&change.entry, order) {
        (Some(entry), _) => (entry.order.as_str(), entry.version),
        (None, order) => order.map_or(("", 0), |order| (order.name.as_str(), order.version)),
    };
    // Writing to a string does not fail.
    write!(line, "{name} version {version} ").ok();
    match order {
        Some(order) => {
            let state = OrderState::try_from(order.state).unwrap_or_default().as_str_name();
            line.push_str(state.trim_start_matches("ORDER_STATE_"));
            if !order.order_number.is_empty() {
                write!(line, " {}", order.order_number).ok();
            }
        }
        None => line.push_str("DELETED"),
    }
    if let Some(entry) = &change.entry {
        let events: Vec<_> = entry.events.iter().map(event_type).collect();
        write!(line, ": {}", events.join(", ")).ok();
    }
    if !change.matches && order.is_some() {
        line.push_str(" (does not match any more)");
    }
    line
}

/// The name of what happened, as the contract has it.
fn event_type(event: &OrderEvent) -> String {
    let shown = event.event.as_ref().map(|event| format!("{event:?}")).unwrap_or_default();
    shown.chars().take_while(char::is_ascii_alphanumeric).collect()
}
