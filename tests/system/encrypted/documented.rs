//! The commands of docs/tls.md, as they stand there but for the folder of the files and the port.

use std::{path::PathBuf, process::Command};

use local_stack::{Service, ServiceOptions};
use serde_json::Value;
use tokio::task::spawn_blocking;

use super::{Authority, files, start};
use crate::support::migrated_database;

const TEXT: &str = include_str!("../../../docs/tls.md");
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/local-stack/scripts");
const SERVE: &str = "command-service serve ";

/// Each command that starts a service, and what is then asked of it.
fn commands() -> Vec<(&'static str, &'static str)> {
    let mut lines = TEXT.lines().skip_while(|line| !line.starts_with(SERVE));
    let mut found = vec![];
    while let Some(line) = lines.next() {
        if let Some(arguments) = line.strip_prefix(SERVE) {
            found.push((arguments, lines.next().unwrap()));
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn grpcurl_gets_in_as_the_documentation_says() {
    let (database, folder) = (migrated_database().await, tempfile::tempdir().unwrap());
    let file = files(folder.path(), &Authority::new(), &Authority::new());
    let commands = commands();
    assert_eq!(commands.len(), 2, "{commands:?}");
    let mut answers = vec![];
    for (arguments, question) in commands {
        let mut options = ServiceOptions::with(Service::Command, "127.0.0.1:0", &database.logins());
        for word in arguments.split(' ') {
            let is_file = [".crt", ".key", ".json"].iter().any(|end| word.ends_with(end));
            options = options.argument(if is_file { file(word) } else { word.to_owned() });
        }
        let service = start(options).await;
        let question =
            question.replace("localhost:50051", &format!("localhost:{}", service.address().port()));
        answers.push(shell(&question, folder.path().to_owned()).await.unwrap());

        let strangers = question.replace("ca.crt", "clients.crt");
        let refused = shell(&strangers, folder.path().to_owned()).await.unwrap_err();
        assert!(refused.contains("certificate"), "{refused}");
    }
    assert!(answers[0].lines().any(|line| line == "orders.v1.OrderCommandService"), "{}", answers[0]);
    let order: Value = serde_json::from_str(&answers[1]).unwrap();
    assert_eq!(order["state"], "ORDER_STATE_DRAFT", "{order}");
}

/// Runs a line in a folder, with our grpcurl. The answer, or what went wrong.
async fn shell(line: &str, folder: PathBuf) -> Result<String, String> {
    let path = format!("{SCRIPTS}:{}", std::env::var("PATH").unwrap());
    let mut command = Command::new("sh");
    command.args(["-c", line]).current_dir(folder).env("PATH", path);
    let output = spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}
