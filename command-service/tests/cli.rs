//! The program as scripts and operators see it: its help, its complaints, its exit codes, its start and its end.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    env,
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use clap::CommandFactory;
use command_service::Cli;
use local_stack::{Role, TestDatabase, TestPostgres};

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_command-service"));
    command.args(arguments).env_clear().stdin(Stdio::null());
    command
}

fn run(arguments: &[&str], environment: &[(&str, &str)]) -> (Option<i32>, String, String) {
    let output: Output = program(arguments).envs(environment.iter().copied()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

async fn empty_database() -> TestDatabase {
    TestPostgres::shared().await.unwrap().empty_database().await.unwrap()
}

fn serve(database: &TestDatabase, arguments: &[&str]) -> Child {
    let arguments =
        [&["serve", "--listen-address", "127.0.0.1:0", "--ops-address", "none"], arguments].concat();
    program(&arguments).env("DATABASE_URL", database.url()).stdout(Stdio::piped()).spawn().unwrap()
}

#[test]
fn help_lists_every_flag_with_its_variable() {
    let (code, whole, _) = run(&["--help"], &[]);
    assert_eq!(code, Some(0));
    let mut cli = Cli::command();
    cli.build();
    for name in ["serve", "migrate"] {
        let (_, own, _) = run(&[name, "--help"], &[]);
        for argument in cli.find_subcommand(name).unwrap().get_arguments() {
            let flag = argument.get_long().unwrap();
            if flag == "help" {
                continue;
            }
            let variable = flag.to_uppercase().replace('-', "_");
            assert_eq!(argument.get_env().unwrap(), &*variable, "{flag}");
            for help in [&whole, &own] {
                assert!(
                    help.contains(&format!("--{flag}")) && help.contains(&format!("[env: {variable}")),
                    "{flag}"
                );
            }
        }
    }
}

#[test]
fn a_bad_value_ends_the_start_with_one_line_that_names_the_flag() {
    let url = ("DATABASE_URL", "postgres://postgres@127.0.0.1:1/orders");
    for (variable, value, flag) in [
        ("LISTEN_ADDRESS", "somewhere", "--listen-address"),
        ("OPS_ADDRESS", "somewhere", "--ops-address"),
        ("SHUTDOWN_DELAY", "1h", "--shutdown-delay"),
        ("LISTEN_ADDRESS", "192.0.2.1:50051", "--auth-provider"),
        ("DRAIN_TIMEOUT", "1h", "--drain-timeout"),
        ("AUTH_PROVIDER", "magic", "--auth-provider"),
        ("AUTH_TENANT", "Not A Tenant", "--auth-tenant"),
        ("DATABASE_POOL_SIZE", "0", "--database-pool-size"),
        ("DATABASE_STATEMENT_TIMEOUT", "5", "--database-statement-timeout"),
        ("DATABASE_URL", "mysql://localhost", "--database-url"),
        ("DATABASE_URL", "postgres://h/orders?sslmode=always", "--database-url"),
        ("DATABASE_TLS_CA_FILE", "/nowhere", "--database-tls-ca-file"),
        ("DATABASE_TLS_KEY_FILE", "/nowhere", "--database-tls-key-file"),
        ("TLS_CERTIFICATE_FILE", "/nowhere", "--tls-key-file"),
        ("TLS_CLIENT_AUTH", "required", "--tls-client-ca-file"),
        ("DATABASE_URL_FILE", "/nowhere", "--database-url"),
        ("LOG_LEVEL", "loud", "--log-level"),
        ("NATS_URL", "http://localhost:4222", "--nats-url"),
        ("NATS_URL_FILE", "/nowhere", "--nats-url-file"),
        ("NATS_TLS_KEY", "/nowhere", "--nats-tls-cert"),
        ("RELAY_DATA", "xml", "--relay-data"),
        ("RELAY_LEASE", "100ms", "--relay-lease"),
        ("RELAY_STREAM", "my.orders", "--relay-stream"),
        ("RELAY_STREAM_REPLICAS", "6", "--relay-stream-replicas"),
        ("RELAY_SUBJECT", "orders.>", "--relay-subject"),
        ("LOG_FORMAT", "xml", "--log-format"),
        ("MIGRATE", "maybe", "--migrate"),
    ] {
        let (code, _, complaint) = run(&["serve"], &[url, (variable, value)]);
        assert_eq!(code, Some(2), "{variable}={value}: {complaint}");
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
        assert!(complaint.contains(flag), "{complaint}");
    }
    for wrong in [&["serve"][..], &[], &["dance"], &["serve", "--wings"]] {
        let (code, _, complaint) = run(wrong, &[]);
        assert_eq!((code, complaint.lines().count()), (Some(2), 1), "{wrong:?}: {complaint}");
    }
}

#[test]
fn a_password_is_refused_on_the_command_line_and_never_shown() {
    let url = "postgres://orders:hunter2@127.0.0.1:1/orders";
    for command in ["serve", "migrate"] {
        let (code, _, complaint) = run(&[command, "--database-url", url], &[]);
        assert_eq!(code, Some(2));
        assert!(complaint.contains("--database-url-file") && !complaint.contains("hunter2"), "{complaint}");

        let verified = format!("{url}?sslmode=verify-full");
        let (code, _, complaint) = run(&[command, "--database-url", &verified], &[]);
        assert!(code == Some(2) && complaint.contains("--database-url-file"), "{complaint}");

        let (code, _, complaint) = run(&[command], &[("DATABASE_URL", url)]);
        assert_eq!(code, Some(1), "taken from the environment, and nobody listens: {complaint}");
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
        assert!(!complaint.contains("hunter2"), "{complaint}");
    }
    let (code, _, complaint) = run(&["serve", "--migration-database-url", url], &[("DATABASE_URL", url)]);
    assert!(code == Some(2) && !complaint.contains("hunter2"), "{complaint}");
    assert!(complaint.contains("MIGRATION_DATABASE_URL"), "{complaint}");
}

#[test]
fn whoever_connects_to_nats_is_not_named_on_the_command_line_and_never_shown() {
    let database = ("DATABASE_URL", "postgres://orders@127.0.0.1:1/orders");
    for command in ["serve", "relay"] {
        for urls in ["nats://orders:hunter2@127.0.0.1:1", "nats://h,tls://hunter2@127.0.0.1:1"] {
            let (code, _, complaint) = run(&[command, "--nats-url", urls], &[database]);
            assert_eq!(code, Some(2));
            assert!(complaint.contains("--nats-url-file") && !complaint.contains("hunter2"), "{complaint}");

            let (code, _, complaint) = run(&[command], &[database, ("NATS_URL", urls)]);
            assert_eq!(code, Some(1), "taken from the environment, and there is no database: {complaint}");
            assert!(!complaint.contains("hunter2"), "{complaint}");
        }
    }
}

#[test]
fn what_the_relay_cannot_do_without_is_asked_for() {
    let database = ("DATABASE_URL", "postgres://orders@127.0.0.1:1/orders");
    let nats = ("NATS_URL", "nats://127.0.0.1:1");
    for (arguments, environment, flag) in [
        (&["relay"][..], &[database][..], "--nats-url"),
        (&["relay", "run"], &[database], "--nats-url"),
        (&["relay"], &[nats], "--database-url"),
        (&["relay", "--nats-credentials-file", "/nowhere"], &[database, nats], "--nats-credentials-file"),
        (&["relay", "--nats-tls-ca", "/nowhere"], &[database, nats], "--nats-tls-ca"),
        (&["relay", "parked"], &[], "--database-url"),
        (&["relay", "replay"], &[database], "--order"),
        (&["relay", "replay", "--order", "7"], &[database], "--order"),
    ] {
        let (code, _, complaint) = run(arguments, environment);
        assert_eq!((code, complaint.lines().count()), (Some(2), 1), "{arguments:?}: {complaint}");
        assert!(complaint.contains(flag), "{arguments:?}: {complaint}");
    }
}

#[test]
fn an_address_in_use_is_a_failure_to_start() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let url = "postgres://postgres@127.0.0.1:1/orders";
    let (code, _, complaint) =
        run(&["serve", "--listen-address", &address, "--ops-address", "none", "--database-url", url], &[]);
    assert_eq!((code, complaint.lines().count()), (Some(1), 1), "{complaint}");
    assert!(complaint.contains(&address), "{complaint}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_is_behind_is_not_served() {
    let database = empty_database().await;
    let environment = [("DATABASE_URL", database.url()), ("LISTEN_ADDRESS", "127.0.0.1:0")];
    let (code, _, complaint) = run(&["serve"], &environment);
    assert_eq!(code, Some(3), "{complaint}");
    assert!(
        complaint.contains("`command-service migrate`") && complaint.contains("--migrate"),
        "{complaint}"
    );
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
}

#[tokio::test(flavor = "multi_thread")]
async fn migrate_brings_the_schema_up_to_date_and_serve_goes_on_from_there() {
    let database = empty_database().await;
    let file = env::temp_dir().join(format!("database-url-{}", std::process::id()));
    std::fs::write(&file, format!("{}\n", database.url())).unwrap();
    for _again in 0..2 {
        let (code, _, log) = run(&["migrate", "--database-url-file", file.to_str().unwrap()], &[]);
        assert_eq!(code, Some(0), "{log}");
    }
    std::fs::remove_file(&file).unwrap();
    ready_then_gone(serve(&database, &[]));
}

#[tokio::test(flavor = "multi_thread")]
async fn serve_can_migrate_first() {
    let database = empty_database().await;
    ready_then_gone(serve(&database, &["--migrate"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_not_write_is_a_wrong_login() {
    let database = empty_database().await;
    let (code, _, log) = run(&["migrate"], &[("DATABASE_URL", database.url())]);
    assert_eq!(code, Some(0), "{log}");
    TestPostgres::shared().await.unwrap().server().make_roles(database.name()).await.unwrap();
    let url = database.url_of(Role::Reader);
    let environment = [("DATABASE_URL", &*url), ("LISTEN_ADDRESS", "127.0.0.1:0"), ("OPS_ADDRESS", "none")];
    let (code, _, complaint) = run(&["serve"], &environment);
    assert_eq!((code, complaint.lines().count()), (Some(2), 1), "{complaint}");
    assert!(complaint.contains("--database-url") && complaint.contains("`orders_reader`"), "{complaint}");
}

/// Waits for the ready line, then ends the service with SIGTERM.
fn ready_then_gone(mut service: Child) {
    let mut line = String::new();
    BufReader::new(service.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("command-service ready on 127.0.0.1:"), "{line}");

    let told = Instant::now();
    let kill = Command::new("kill").args(["-TERM", &service.id().to_string()]).status().unwrap();
    assert!(kill.success());
    assert!(service.wait().unwrap().success());
    assert!(told.elapsed() < Duration::from_secs(5), "{:?}", told.elapsed());
}
