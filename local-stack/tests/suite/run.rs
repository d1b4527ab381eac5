//! The program itself, with the real services: they have to be built.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use orders_proto::orders::v1::{ListOrdersRequest, order_query_service_client::OrderQueryServiceClient};
use rustix::process::{Pid, Signal, kill_process};

use super::support::{alive, child_of, kill, open_folder, wait_until};

/// `local-stack run` on free ports, ready.
struct Running {
    child: Child,
    _stdout: BufReader<ChildStdout>,
    command_address: String,
    query_address: String,
    services: [u32; 4],
}

impl Running {
    fn start(data_folder: &Path) -> Self {
        let mut child = program()
            .args([
                "run",
                "--command-address",
                "127.0.0.1:0",
                "--query-address",
                "127.0.0.1:0",
                "--nats-address",
                "127.0.0.1:0",
                "--data-folder",
            ])
            .arg(data_folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let command_address = ready(&mut stdout, "command-service", &mut child);
        let query_address = ready(&mut stdout, "query-service", &mut child);
        for expected in ["database on DATABASE_URL='postgres://orders_writer@", "events on nats://127.0.0.1:"]
        {
            let mut line = String::new();
            stdout.read_line(&mut line).unwrap();
            assert!(line.starts_with(expected), "{line}");
        }
        let services = ["command-service", "query-service", "postgres", "nats-server"]
            .map(|name| child_of(child.id(), name).unwrap());
        Self { child, _stdout: stdout, command_address, query_address, services }
    }

    fn ended(mut self) -> (ExitStatus, String) {
        let mut errors = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        let status = self.child.wait().unwrap();
        wait_until("all processes have ended", Duration::from_secs(5), || {
            !self.services.into_iter().any(alive)
        });
        (status, errors)
    }

    fn stop(self) -> (ExitStatus, String) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        self.ended()
    }
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local-stack"));
    command.env_remove("DATABASE_URL").env_remove("NATS_URL").stdin(Stdio::null());
    command
}

fn ready(stdout: &mut BufReader<ChildStdout>, name: &str, child: &mut Child) -> String {
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    let Some(address) = line.trim().strip_prefix(&format!("{name} ready on ")) else {
        let mut errors = String::new();
        child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        panic!("{name} is not ready: {line}{errors}");
    };
    address.to_owned()
}

async fn count_orders(address: &str) -> usize {
    let mut client = OrderQueryServiceClient::connect(format!("http://{address}")).await.unwrap();
    let request = ListOrdersRequest { page_size: 200, ..ListOrdersRequest::default() };
    client.list_orders(request).await.unwrap().into_inner().orders.len()
}

#[tokio::test]
async fn orders_of_the_demo_are_there_after_a_restart() {
    let folder = open_folder();
    let first = Running::start(folder.path());
    let demo = program()
        .args(["demo", "--orders", "18", "--command-address", &first.command_address])
        .args(["--query-address", &first.query_address])
        .output()
        .unwrap();
    assert!(demo.status.success(), "{}", String::from_utf8_lossy(&demo.stderr));
    let shown = String::from_utf8(demo.stdout).unwrap();
    for word in ["18 orders", "COMPLETED", "CANCELLED", "PARTIALLY_DELIVERED", "REFUNDED", "EUR", "JPY"] {
        assert!(shown.contains(word), "no {word} in\n{shown}");
    }
    let asked = Instant::now();
    let (status, errors) = first.stop();
    assert!(status.success(), "{errors}");
    assert!(asked.elapsed() < Duration::from_secs(25));

    let second = Running::start(folder.path());
    assert_eq!(count_orders(&second.query_address).await, 18);
    second.stop();
}

#[test]
fn the_death_of_a_part_ends_everything() {
    for (part, name) in [(1, "query-service"), (3, "nats-server")] {
        let folder = open_folder();
        let running = Running::start(folder.path());
        kill(running.services[part]);
        let (status, errors) = running.ended();
        assert_eq!(status.code(), Some(1));
        assert!(errors.contains(&format!("{name} died with signal: 9")), "{errors}");
    }
}

#[test]
fn a_password_on_the_command_line_is_refused() {
    for (flag, url, variable) in [
        ("--database-url", "postgres://me:hunter2@127.0.0.1/orders", "DATABASE_URL"),
        ("--nats-url", "nats://me:hunter2@127.0.0.1", "NATS_URL"),
    ] {
        let output = program().args([flag, url]).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(errors.contains(&format!("set {variable} in the environment")), "{errors}");
        assert!(!errors.contains("hunter2"), "{errors}");
    }
}
