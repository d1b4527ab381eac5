//! The program as it is, except that it ends where FAILPOINTS says, as by a crash: for tests.

#[path = "main.rs"]
mod program;

use std::process::ExitCode;

fn main() -> ExitCode {
    command_infrastructure::failpoints::arm();
    program::main()
}
