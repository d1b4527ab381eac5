//! Where local data lives, and who may use it.

use std::{
    env,
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
};

/// The folder for all local data, `.local-stack` of the checkout: of the nearest folder, from the current one upwards,
/// that holds a `Cargo.lock`; of the current one if there is none. It need not exist yet.
pub fn local_folder() -> PathBuf {
    let current = env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let checkout = current.ancestors().find(|folder| folder.join("Cargo.lock").is_file());
    checkout.unwrap_or(&current).join(".local-stack")
}

/// Keeps other local stacks off the same folder until this process ends or the file is closed; none if another has it.
pub(crate) fn lock(folder: &Path) -> io::Result<Option<File>> {
    let file = File::create(folder.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}
