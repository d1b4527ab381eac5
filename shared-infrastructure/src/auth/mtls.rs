//! The provider `mtls`: callers are who their client certificates say, as far as a file tells whom that stands for.

mod callers;
mod names;

use std::{path::PathBuf, sync::Arc, time::Duration};

use shared_domain::Caller;
use tokio::{sync::watch, time::sleep};
use tokio_util::task::AbortOnDropHandle;
use tonic::{Status, metadata::MetadataMap};

use super::{Authenticator, Peer, metadata::of_own_tenant, refusal};
use crate::config::{ConfigError, MtlsArgs};
use callers::{Callers, UnusableCallers};

/// How often to look at the file.
const INTERVAL: Duration = Duration::from_secs(2);

/// The flag that names the file.
const FILE: &str = "--mtls-callers-file";

/// Whoever has a certificate with a name that is in the file is the caller of that name.
#[derive(Debug)]
pub struct MtlsAuthentication {
    callers: watch::Receiver<Arc<Callers>>,
    _task: AbortOnDropHandle<()>,
}

impl MtlsAuthentication {
    /// A provider that reads the file now, and again when it changes.
    ///
    /// # Errors
    /// [`ConfigError`] if there is no such file, or it cannot be used.
    pub fn new(config: &MtlsArgs) -> Result<Self, ConfigError> {
        let missing = || ConfigError::new(FILE, "is needed for the provider `mtls`");
        let path = config.mtls_callers_file.clone().ok_or_else(missing)?;
        let text = std::fs::read_to_string(&path).map_err(UnusableCallers::from);
        let callers = text.and_then(|text| text.parse());
        let refused = |error| ConfigError::new(FILE, format!("{}: {error}", path.display()));
        let callers: Callers = callers.map_err(refused)?;
        let (publish, callers) = watch::channel(Arc::new(callers));
        let task = tokio::spawn(follow(path, publish));
        Ok(Self { callers, _task: AbortOnDropHandle::new(task) })
    }

    /// Whether the client showed a certificate.
    pub(super) fn applies(&self, peer: &Peer) -> bool {
        !peer.certificates.is_empty()
    }

    fn identify(&self, peer: &Peer) -> Option<Caller> {
        let names = names::of(peer.certificates.first()?)?;
        self.callers.borrow().find(&names)
    }
}

impl Authenticator for MtlsAuthentication {
    async fn authenticate(&self, metadata: &MetadataMap, peer: &Peer) -> Result<Caller, Status> {
        let expected = "no caller is known by a name in the client certificate: the service's file of callers must list it";
        let caller = self.identify(peer).ok_or_else(|| refusal::token_invalid(expected))?;
        of_own_tenant(caller, metadata)
    }
}

/// Reads the file again and again. What cannot be used changes nothing, and is told once.
async fn follow(path: PathBuf, callers: watch::Sender<Arc<Callers>>) {
    let mut told = String::new();
    loop {
        sleep(INTERVAL).await;
        let text = tokio::fs::read_to_string(&path).await.map_err(UnusableCallers::from);
        match text.and_then(|text| text.parse::<Callers>()) {
            Ok(read) => {
                told.clear();
                let changed = callers.send_if_modified(|known| {
                    let changed = **known != read;
                    if changed {
                        *known = Arc::new(read);
                    }
                    changed
                });
                if changed {
                    tracing::info!(path = %path.display(), "the callers were read anew");
                }
            }
            Err(error) => {
                let problem = error.to_string();
                if problem != told {
                    tracing::warn!(path = %path.display(), %error, "the callers could not be read, so those from before count");
                    told = problem;
                }
            }
        }
    }
}
