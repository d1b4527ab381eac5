//! The program as scripts and operators see it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::{Command, Stdio};

use clap::CommandFactory;
use local_stack::TestPostgres;
use query_service::Cli;

fn run(arguments: &[&str], environment: &[(&str, &str)]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_query-service"));
    command.args(arguments).env_clear().envs(environment.iter().copied()).stdin(Stdio::null());
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn help_lists_every_flag_with_its_variable() {
    let mut cli = Cli::command();
    cli.build();
    let (code, help, _) = run(&["serve", "--help"], &[]);
    assert_eq!(code, Some(0));
    for argument in cli.find_subcommand("serve").unwrap().get_arguments() {
        let flag = argument.get_long().unwrap();
        let variable = flag.to_uppercase().replace('-', "_");
        assert!(flag == "help" || help.contains(&format!("[env: {variable}")), "{flag}");
    }
}

#[test]
fn what_cannot_work_ends_with_one_line_and_its_exit_code() {
    let nobody_listens = ("DATABASE_URL", "postgres://postgres:hunter2@127.0.0.1:1/orders");
    let anywhere = ("LISTEN_ADDRESS", "127.0.0.1:0");
    for (environment, expected) in [
        (vec![], 2),
        (vec![nobody_listens, ("LISTEN_ADDRESS", "0.0.0.0:0")], 2),
        (vec![nobody_listens, anywhere], 1),
    ] {
        let (code, _, complaint) = run(&["serve"], &environment);
        assert_eq!(code, Some(expected), "{complaint}");
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
        assert!(!complaint.contains("hunter2"), "{complaint}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_is_behind_is_not_served() {
    let database = TestPostgres::shared().await.unwrap().empty_database().await.unwrap();
    let (code, _, complaint) =
        run(&["serve"], &[("DATABASE_URL", database.url()), ("LISTEN_ADDRESS", "127.0.0.1:0")]);
    assert_eq!(code, Some(3), "{complaint}");
    assert!(complaint.contains("`command-service migrate`"), "{complaint}");
}
