//! Which service to start, and how.

use std::{env, path::PathBuf};

use super::Output;
use crate::Logins;

/// The services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// command-service; brings the schema up to date when it starts.
    Command,
    /// query-service.
    Query,
}

impl Service {
    /// The name of its program, with which its `ready on` line begins.
    pub fn name(self) -> &'static str {
        match self {
            Self::Command => "command-service",
            Self::Query => "query-service",
        }
    }

    /// The full name of its gRPC service, for health checks.
    pub(super) fn health_name(self) -> &'static str {
        match self {
            Self::Command => "orders.v1.OrderCommandService",
            Self::Query => "orders.v1.OrderQueryService",
        }
    }

    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Command => &["serve", "--migrate"],
            Self::Query => &["serve"],
        }
    }
}

/// How to start a service.
#[derive(Debug, Clone)]
pub struct ServiceOptions {
    pub(super) service: Service,
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<String>,
    pub(super) environment: Vec<(String, String)>,
    pub(super) output: Output,
    pub(super) is_asked: bool,
}

impl ServiceOptions {
    /// The program beside the running one, or beside the folder of test programs that the running one is in; it serves
    /// on `listen_address` from the database at `database_url`.
    pub fn new(service: Service, listen_address: &str, database_url: &str) -> Self {
        let mut arguments: Vec<String> =
            service.arguments().iter().map(|&argument| argument.to_owned()).collect();
        arguments.extend(["--listen-address".to_owned(), listen_address.to_owned()]);
        // In the environment, because it may hold a password, and everybody can see command lines.
        let url = ("DATABASE_URL".to_owned(), database_url.to_owned());
        // Many may run on one machine; each says where it is.
        let environment = vec![url, ("OPS_ADDRESS".to_owned(), "127.0.0.1:0".to_owned())];
        let program = programs().join(service.name());
        Self { service, program, arguments, environment, output: Output::Forward, is_asked: true }
    }

    /// As [`ServiceOptions::new`], with the role that the service is meant to work with.
    pub fn with(service: Service, listen_address: &str, logins: &Logins) -> Self {
        match service {
            Service::Command => Self::new(service, listen_address, &logins.writer)
                .environment("MIGRATION_DATABASE_URL", &logins.owner),
            Service::Query => Self::new(service, listen_address, &logins.reader),
        }
    }

    /// Starts another program in its place.
    #[must_use]
    pub fn program(mut self, program: impl Into<PathBuf>, arguments: &[&str]) -> Self {
        self.program = program.into();
        self.arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        self
    }

    /// Starts another program of the same build in its place, with the same arguments.
    #[must_use]
    pub fn program_named(mut self, name: &str) -> Self {
        self.program.set_file_name(name);
        self
    }

    /// Adds an argument.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Sets an environment variable; the others are those of this process.
    #[must_use]
    pub fn environment(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Takes it for healthy when it listens: to one that encrypts, its health cannot be asked for without knowing whom to trust.
    #[must_use]
    pub fn encrypted(mut self) -> Self {
        self.is_asked = false;
        self
    }

    /// Says what becomes of its output; forwarded if never called.
    #[must_use]
    pub fn output(mut self, output: Output) -> Self {
        self.output = output;
        self
    }
}

/// The folder with the programs of this build.
fn programs() -> PathBuf {
    let mut folder = env::current_exe().unwrap_or_default();
    folder.pop();
    if folder.ends_with("deps") || folder.ends_with("examples") {
        folder.pop();
    }
    folder
}
