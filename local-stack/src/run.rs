//! `local-stack run`: from nothing to two healthy services, and back.

use std::{
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
};

use anyhow::Result;
use clap::{Args, error::ErrorKind};
use local_stack::{Broker, Database, NatsOptions, Output, Stack, StackOptions, Storage, local_folder};
use tokio::signal::unix::{Signal, SignalKind, signal};
use uuid::Uuid;

/// What to start, and where.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Where command-service listens
    #[arg(long, env = "COMMAND_ADDRESS", default_value = "127.0.0.1:50051", value_name = "HOST:PORT")]
    command_address: String,
    /// Where query-service listens
    #[arg(long, env = "QUERY_ADDRESS", default_value = "127.0.0.1:50052", value_name = "HOST:PORT")]
    query_address: String,
    /// Folder for all local data [default: .local-stack of the checkout]
    #[arg(long, env = "DATA_FOLDER", value_name = "FOLDER")]
    data_folder: Option<PathBuf>,
    /// Use the PostgreSQL server at this URL and start none; with a password, give it as DATABASE_URL in the environment
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Where NATS listens
    #[arg(long, env = "NATS_ADDRESS", default_value = "127.0.0.1:4222", value_name = "HOST:PORT")]
    nats_address: SocketAddr,
    /// Use the NATS servers at these URLs and start none; with a user or a token, give them as NATS_URL in the environment
    #[arg(long, value_name = "URLS")]
    nats_url: Option<String>,
}

impl Options {
    /// What to start; an error if a secret was given where everybody can see it, or no URL where one has to be.
    fn into_stack(self) -> Result<StackOptions, clap::Error> {
        // Not checked while parsing: clap repeats a value that it refuses, and this one may hold a password.
        if let Some(url) = &self.database_url {
            let parsed: Result<tokio_postgres::Config, _> = url.parse();
            match parsed.map(|config| config.get_password().is_some()) {
                Ok(false) => {}
                Ok(true) => {
                    let reason =
                        "a password there is seen by everybody; set DATABASE_URL in the environment instead";
                    return Err(refused("--database-url", reason));
                }
                Err(_) => return Err(refused("--database-url", "it is not a PostgreSQL URL")),
            }
        }
        if self.nats_url.as_ref().is_some_and(|urls| urls.contains('@')) {
            let reason = "a secret there is seen by everybody; set NATS_URL in the environment instead";
            return Err(refused("--nats-url", reason));
        }
        let given = |argument: Option<String>, variable| {
            argument.or_else(|| std::env::var(variable).ok().filter(|url| !url.is_empty()))
        };
        let folder = self.data_folder.unwrap_or_else(local_folder);
        let kept = || Database::Kept(folder.join("postgres"));
        let started = || {
            Broker::Started(NatsOptions {
                storage: Storage::Durable(folder.join("nats")),
                address: self.nats_address,
                settings: String::new(),
            })
        };
        Ok(StackOptions {
            database: given(self.database_url, "DATABASE_URL").map_or_else(kept, Database::Given),
            broker: given(self.nats_url, "NATS_URL").map_or_else(started, Broker::Given),
            command_address: self.command_address,
            query_address: self.query_address,
            output: Output::Forward,
        })
    }
}

fn refused(flag: &str, reason: &str) -> clap::Error {
    clap::Error::raw(ErrorKind::ValueValidation, format!("{flag} cannot be used: {reason}\n"))
}

/// Runs the stack until a signal comes (fine) or a part of it dies (an error).
pub(crate) async fn run(options: Options) -> Result<()> {
    let mut stop = Stop::listen()?;
    let options = options.into_stack().unwrap_or_else(|error| error.exit());
    let is_given = matches!(options.database, Database::Given(_));
    let postgres = if is_given { "" } else { "PostgreSQL, " };
    let nats = if matches!(options.broker, Broker::Given(_)) { "" } else { "NATS, " };
    if is_given {
        eprintln!("local-stack: PostgreSQL is the one that --database-url or DATABASE_URL names");
    }
    eprintln!("local-stack: starting {postgres}{nats}both services ...");
    let mut stack = tokio::select! {
        started = Stack::start(&options) => started?,
        () = stop.asked() => return Ok(()),
    };
    say_how_to_use(&stack)?;
    let failure = tokio::select! {
        failure = stack.failure() => Some(failure),
        () = stop.asked() => None,
    };
    eprintln!("local-stack: stopping ...");
    tokio::select! {
        () = stack.stop() => {}
        // Impatient: what is still there ends with this process.
        () = stop.asked() => {}
    }
    failure.map_or(Ok(()), |failure| Err(failure.into()))
}

/// Ctrl-C and SIGTERM.
struct Stop {
    interrupts: Signal,
    terminations: Signal,
}

impl Stop {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupts: signal(SignalKind::interrupt())?,
            terminations: signal(SignalKind::terminate())?,
        })
    }

    async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupts.recv() => {}
            _ = self.terminations.recv() => {}
        }
    }
}

/// Says where the services are, and three lines to paste: they are about one new order, so that they work together.
fn say_how_to_use(stack: &Stack) -> io::Result<()> {
    let (command, query) = (stack.command_address(), stack.query_address());
    let (order, request) = (Uuid::now_v7(), Uuid::new_v4());
    let mut out = io::stdout().lock();
    writeln!(out, "command-service ready on {command}")?;
    writeln!(out, "query-service ready on {query}")?;
    // What was given may hold a secret.
    if let Some(url) = stack.started_database_url() {
        writeln!(out, "database on DATABASE_URL='{url}'")?;
    }
    if let Some(url) = stack.nats_url().filter(|urls| !urls.contains('@')) {
        writeln!(out, "events on {url}, stream orders, subjects orders.TENANT.ORDER.EVENT")?;
    }
    writeln!(
        out,
        r#"
Place an order, read it back, list what there is:

grpcurl -plaintext -d '{{"order_id": "{order}", "request_id": "{request}", "place": true, "order": {{"channel": "web", "customer_id": "c-42", "currency_code": "EUR", "contact": {{"name": "Ada Byron", "email": "ada@example.com"}}, "shipping_address": {{"recipient": "Ada Byron", "address_lines": ["Lindenweg 7"], "locality": "Berlin", "postal_code": "10115", "region_code": "DE"}}, "lines": [{{"sku": "TEAPOT-1", "title": "Teapot", "quantity": 2, "unit_price": {{"currency_code": "EUR", "units": 24, "nanos": 900000000}}}}]}}}}' {command} orders.v1.OrderCommandService/CreateOrder

grpcurl -plaintext -d '{{"name": "orders/{order}"}}' {query} orders.v1.OrderQueryService/GetOrder

grpcurl -plaintext -d '{{"filter": "state = PLACED", "order_by": "create_time desc", "page_size": 5}}' {query} orders.v1.OrderQueryService/ListOrders

See what happens to orders, as it happens: make watch

Ctrl-C stops everything; the orders stay."#
    )?;
    out.flush()
}
