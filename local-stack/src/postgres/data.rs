//! Folders of a server: one within reach of the user it runs as, and the data folder that `initdb` makes in it.

use std::{
    env, fs, io,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use super::{PostgresError, account::Account, binaries::Binaries};

/// Unix refuses socket paths past about this many bytes.
const LONGEST_SOCKET_PATH: usize = 103;
/// Begins the names of the folders that hold a server's socket.
const RUNTIME_PREFIX: &str = "orders-pg-";

/// Makes `wanted`, or a folder for it among the system's temporary ones if `account` cannot get at `wanted`: a checkout
/// under a closed home folder, used by root.
pub(super) fn reachable(wanted: &Path, account: Account) -> Result<PathBuf, PostgresError> {
    make_folder(wanted)?;
    if account.can_enter(wanted) {
        return Ok(wanted.to_owned());
    }
    let whole =
        fs::canonicalize(wanted).map_err(PostgresError::io(format!("look at {}", wanted.display())))?;
    let name = whole.to_string_lossy().replace('/', "-");
    let folder = env::temp_dir().join(format!("orders-local-stack{name}"));
    make_folder(&folder)?;
    let what = format!("use {}, which stands in for {}", folder.display(), wanted.display());
    let owner = fs::symlink_metadata(&folder).map_err(PostgresError::io(what.as_str()))?;
    if !owner.is_dir() || owner.uid() != rustix::process::geteuid().as_raw() || !account.can_enter(&folder) {
        return Err(PostgresError::io(what)(io::ErrorKind::PermissionDenied.into()));
    }
    Ok(folder)
}

fn make_folder(folder: &Path) -> Result<(), PostgresError> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)
        .and_then(|()| fs::set_permissions(folder, fs::Permissions::from_mode(0o755)))
        .map_err(PostgresError::io(format!("create {}", folder.display())))
}

/// Makes a new folder, for `account` alone and with a short enough name, for what lives as long as one server.
pub(super) fn runtime_folder(account: Account) -> Result<tempfile::TempDir, PostgresError> {
    for parent in [env::temp_dir(), PathBuf::from("/tmp")] {
        let longest = parent.join(format!("{RUNTIME_PREFIX}xxxxxx/.s.PGSQL.65535"));
        if longest.as_os_str().len() > LONGEST_SOCKET_PATH {
            continue;
        }
        let Ok(folder) = tempfile::Builder::new().prefix(RUNTIME_PREFIX).tempdir_in(&parent) else {
            continue;
        };
        if account.own(folder.path()).is_ok() && account.can_enter(folder.path()) {
            return Ok(folder);
        }
    }
    Err(PostgresError::NoSocketFolder)
}

/// Whether `folder` is one that [`runtime_folder`] made.
pub(super) fn is_runtime_folder(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with(RUNTIME_PREFIX))
}

/// The major version that made the data folder; none if there is none yet.
pub(super) fn version_of(data: &Path) -> Result<Option<u32>, PostgresError> {
    match fs::read_to_string(data.join("PG_VERSION")) {
        Ok(text) => Ok(text.trim().parse().ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(PostgresError::io(format!("read {}", data.join("PG_VERSION").display()))(error)),
    }
}

/// Makes the data folder. Through the socket, in a folder that only `account` can enter, every connection is trusted;
/// through TCP `password` is asked for.
pub(super) fn initialise(
    binaries: &Binaries,
    account: Account,
    data: &Path,
    password: &str,
) -> Result<(), PostgresError> {
    // Made beside the final name and moved there when it is complete: a cut `initdb` leaves nothing that looks whole.
    let work = data.with_extension("new");
    let failed = |what: &str| PostgresError::io(format!("{what} {}", work.display()));
    if work.exists() {
        fs::remove_dir_all(&work).map_err(failed("remove"))?;
    }
    fs::create_dir(&work).and_then(|()| account.own(&work)).map_err(failed("create"))?;
    let password_file = work.with_extension("password");
    fs::write(&password_file, password)
        .and_then(|()| fs::set_permissions(&password_file, fs::Permissions::from_mode(0o600)))
        .and_then(|()| account.own(&password_file))
        .map_err(failed("write the password for"))?;
    let output = account
        .command(&binaries.program("initdb"))
        .args(["--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"])
        .args(["--auth-local=trust", "--auth-host=scram-sha-256"])
        .arg("--pwfile")
        .arg(&password_file)
        .arg("--pgdata")
        .arg(&work)
        .output()
        .map_err(failed("run initdb for"))?;
    fs::remove_file(&password_file).map_err(failed("remove the password for"))?;
    if !output.status.success() {
        let text = [output.stdout, output.stderr].concat();
        let output_text = String::from_utf8_lossy(&text).trim().to_owned();
        return Err(PostgresError::Initdb { status: output.status, output: output_text });
    }
    fs::rename(&work, data).map_err(failed("move into place"))
}
