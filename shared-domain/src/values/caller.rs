//! Who calls.

use std::collections::BTreeSet;

use super::TenantId;

/// Who makes a call, for which tenant, and what they may do. Every use case gets one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The tenant whose orders the call is about; no other tenant's can be seen or touched.
    pub tenant: TenantId,
    /// Who it is, for the history.
    pub actor: Actor,
    /// What they may do, such as `orders.write`; `*` is everything.
    pub scopes: BTreeSet<String>,
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// What kind of caller.
    pub kind: ActorKind,
    /// Who, in the terms of the authentication provider.
    pub subject: String,
}

/// The kinds of caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActorKind {
    /// A person.
    User,
    /// Another service.
    Service,
    /// This system itself.
    System,
    /// A payment provider.
    Provider,
}
