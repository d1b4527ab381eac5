//! How many files the process may have open: each connection is one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that are no connections of clients: those to the database and the broker, listeners, the runtime's own.
const OTHERS: usize = 256;

/// Lets the process open as many files as it is allowed to allow itself.
pub(crate) fn raise_limit() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current == maximum {
        return;
    }
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        tracing::debug!(%error, "the limit of open files stays as it is");
    }
}

/// How many of so many connections there are files for, with all else that needs some; at least one.
pub(crate) fn connections(wanted: usize) -> usize {
    let files = getrlimit(Resource::Nofile).current.and_then(|files| usize::try_from(files).ok());
    let room = room(files.unwrap_or(usize::MAX));
    if room < wanted {
        tracing::warn!(
            wanted,
            room,
            "fewer connections are taken than configured: the process may open no more files"
        );
    }
    room.min(wanted)
}

fn room(files: usize) -> usize {
    files.saturating_sub(OTHERS).max(files / 2).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_is_left_for_all_else() {
        assert_eq!([1_024, 300, 1, 0].map(room), [768, 150, 1, 1]);
        assert_eq!(connections(1), 1);
    }

    #[test]
    fn the_limit_is_as_high_as_it_may_be() {
        raise_limit();
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        assert_eq!(current, maximum);
    }
}
