//! How much metadata a call may bring. HTTP/2 takes some more, so that whoever brings too much is told so in the terms of gRPC.

use http::{
    HeaderMap,
    header::{AUTHORIZATION, HeaderName, HeaderValue},
};
use orders_proto::orders::v1::ErrorReason;
use tonic::Status;

use crate::errors::{FieldViolation, bad_request};

/// Most bytes of a call's metadata, without its token, and of the token.
const LIMIT: usize = 8 * 1024;

/// What an entry counts besides its name and value (RFC 9113, section 6.5.2).
const OF_ENTRY: usize = 32;

/// Refuses a call with too much metadata, and names its longest entry.
pub(super) fn check(headers: &HeaderMap) -> Result<(), Status> {
    check_each(headers.iter().filter(|(name, _)| *name == AUTHORIZATION))?;
    check_each(headers.iter().filter(|(name, _)| *name != AUTHORIZATION))
}

fn check_each<'h>(entries: impl Iterator<Item = (&'h HeaderName, &'h HeaderValue)>) -> Result<(), Status> {
    let (mut bytes, mut longest) = (0, None);
    for (name, value) in entries {
        let size = name.as_str().len() + value.len() + OF_ENTRY;
        bytes += size;
        longest = longest.max(Some((size, name.as_str())));
    }
    match longest {
        Some((_, longest)) if bytes > LIMIT => {
            let problem = format!("the call brings {bytes} bytes of metadata, and may bring {LIMIT} at most");
            Err(bad_request(vec![FieldViolation::new(longest, ErrorReason::InvalidField, problem)]))
        }
        _ => Ok(()),
    }
}
