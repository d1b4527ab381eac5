//! Finds the programs of a PostgreSQL server on this machine. Bringing them from elsewhere is [`crate::wheel`]'s.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{PostgresError, account::Account, data, wheel::POSTGRES};
use crate::local_folder;

/// The least major version that will do.
pub(super) const LEAST_VERSION: u32 = 15;

/// A folder with usable server programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binaries {
    folder: PathBuf,
    version: u32,
}

impl Binaries {
    /// Finds programs of the major version `wanted` (any that will do, if none) that `account` can run, and downloads
    /// them to the local folder if there are none.
    pub(super) fn find(wanted: Option<u32>, account: Account) -> Result<Self, PostgresError> {
        let places = Places::of_this_machine();
        let usable = |folder: &PathBuf| {
            let found = Self::at(folder, account)?;
            wanted.is_none_or(|version| version == found.version).then_some(found)
        };
        if let Some(folder) = &places.pg_bin {
            return usable(folder).ok_or_else(|| PostgresError::UnusablePgBin(folder.clone()));
        }
        if let Some(found) = places.candidates().iter().find_map(usable) {
            return Ok(found);
        }
        let not_found = |reason| PostgresError::NotFound { least: wanted.unwrap_or(LEAST_VERSION), reason };
        let tools = data::reachable(&local_folder(), account)?.join("tools");
        let folder = POSTGRES.bring(&tools).map_err(|error| not_found(error.to_string()))?;
        usable(&folder).ok_or_else(|| not_found("the downloaded programs do not run here".to_owned()))
    }

    /// Looks at one folder; none if its programs cannot be run by `account` or are too old.
    fn at(folder: &Path, account: Account) -> Option<Self> {
        let server = folder.join("postgres");
        if !server.is_file() || !folder.join("initdb").is_file() {
            return None;
        }
        let output = account.command(&server).arg("--version").output().ok()?;
        let version = major_version(&String::from_utf8(output.stdout).ok()?)?;
        (version >= LEAST_VERSION).then(|| Self { folder: folder.to_owned(), version })
    }

    /// The path of one program, such as `initdb`.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The major version.
    pub(super) fn version(&self) -> u32 {
        self.version
    }
}

/// Reads `postgres (PostgreSQL) 17.2 (Debian 17.2-1)` as 17, and `18beta1` as 18.
fn major_version(line: &str) -> Option<u32> {
    let word = line.split_whitespace().nth(2)?;
    let digits = word.find(|c: char| !c.is_ascii_digit()).map_or(word, |end| &word[..end]);
    digits.parse().ok()
}

/// Where to look.
#[derive(Debug, Default)]
struct Places {
    /// `$PG_BIN`: if set, nothing else is looked at.
    pg_bin: Option<PathBuf>,
    /// What `pg_config --bindir` says.
    pg_config: Option<PathBuf>,
    /// Folders with one folder per version, and where the programs are in each of those.
    versioned: Vec<(PathBuf, &'static str, &'static str)>,
    /// `$PATH`.
    path: OsString,
}

impl Places {
    fn of_this_machine() -> Self {
        let pg_config = Command::new("pg_config").arg("--bindir").output().ok();
        Self {
            pg_bin: env::var_os("PG_BIN").filter(|folder| !folder.is_empty()).map(PathBuf::from),
            pg_config: pg_config
                .and_then(|output| String::from_utf8(output.stdout).ok())
                .map(|line| PathBuf::from(line.trim())),
            versioned: vec![
                (PathBuf::from("/usr/lib/postgresql"), "", "bin"),
                (PathBuf::from("/opt/homebrew/opt"), "postgresql@", "bin"),
                (PathBuf::from("/usr/local/opt"), "postgresql@", "bin"),
                (PathBuf::from("/Applications/Postgres.app/Contents/Versions"), "", "bin"),
            ],
            path: env::var_os("PATH").unwrap_or_default(),
        }
    }

    /// All folders worth a look, best first.
    fn candidates(&self) -> Vec<PathBuf> {
        let mut folders: Vec<PathBuf> = self.pg_config.iter().cloned().collect();
        for (root, prefix, inner) in &self.versioned {
            folders.extend(newest_first(root, prefix).into_iter().map(|folder| folder.join(inner)));
        }
        let on_path = env::split_paths(&self.path).filter_map(|folder| {
            // Often a link into the folder that has the other programs too.
            Some(fs::canonicalize(folder.join("postgres")).ok()?.parent()?.to_owned())
        });
        folders.extend(on_path);
        folders
    }
}

/// The folders in `root` that are named `prefix` and a version number, the highest first.
fn newest_first(root: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            Some((name.strip_prefix(prefix)?.parse().ok()?, entry.path()))
        })
        .collect();
    versions.sort_by(|left, right| right.cmp(left));
    versions.into_iter().map(|(_, path)| path).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    /// Programs that say they are of `version`.
    fn programs(folder: &Path, version: &str) {
        fs::create_dir_all(folder).unwrap();
        for name in ["postgres", "initdb"] {
            let path = folder.join(name);
            fs::write(&path, format!("#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    #[test]
    fn candidates_come_in_order() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| fs::canonicalize(root.path()).unwrap().join(name);
        for version in ["9", "15", "17"] {
            programs(&at("lib").join(version).join("bin"), version);
        }
        programs(&at("elsewhere"), "16.1");
        fs::create_dir(at("links")).unwrap();
        symlink(at("elsewhere/postgres"), at("links/postgres")).unwrap();
        let places = Places {
            pg_bin: None,
            pg_config: Some(at("configured")),
            versioned: vec![(at("lib"), "", "bin"), (at("nothing"), "postgresql@", "bin")],
            path: env::join_paths([at("empty"), at("links")]).unwrap(),
        };
        let expected = ["configured", "lib/17/bin", "lib/15/bin", "lib/9/bin", "elsewhere"].map(at);
        assert_eq!(places.candidates(), expected);
    }

    #[test]
    fn folders_without_a_usable_server_are_passed_over() {
        let root = tempfile::tempdir().unwrap();
        programs(&root.path().join("old"), "14.9");
        programs(&root.path().join("new"), "18.1 (Debian 18.1-1)");
        assert_eq!(Binaries::at(&root.path().join("old"), Account::Ourselves), None);
        assert_eq!(Binaries::at(&root.path().join("absent"), Account::Ourselves), None);
        assert_eq!(Binaries::at(&root.path().join("new"), Account::Ourselves).unwrap().version(), 18);
    }

    #[test]
    fn versions_are_read_from_what_the_server_prints() {
        assert_eq!(major_version("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"), Some(15));
        assert_eq!(major_version("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major_version("something else"), None);
    }
}
