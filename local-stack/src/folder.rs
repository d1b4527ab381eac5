//! Where local data lives.

use std::{env, path::PathBuf};

/// The folder for all local data, `.local-stack` of the checkout: of the nearest folder, from the current one upwards,
/// that holds a `Cargo.lock`; of the current one if there is none. It need not exist yet.
pub fn local_folder() -> PathBuf {
    let current = env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let checkout = current.ancestors().find(|folder| folder.join("Cargo.lock").is_file());
    checkout.unwrap_or(&current).join(".local-stack")
}
