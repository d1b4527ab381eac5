//! From the claims of a verified token to a caller.

use std::collections::BTreeSet;

use serde_json::Value;
use shared_domain::{Actor, ActorKind, Caller, TenantId};

use crate::{
    auth::subject::{SUBJECT_LIMIT, is_subject},
    config::OidcArgs,
};

/// Which claims say what.
#[derive(Debug)]
pub(super) struct ClaimNames {
    tenant: String,
    subject: String,
    scope: String,
}

impl ClaimNames {
    pub(super) fn new(config: &OidcArgs) -> Self {
        Self {
            tenant: config.oidc_tenant_claim.clone(),
            subject: config.oidc_subject_claim.clone(),
            scope: config.oidc_scope_claim.clone(),
        }
    }

    /// The caller that the claims describe, or what they would have to have.
    pub(super) fn caller(&self, claims: &Value) -> Result<Caller, String> {
        let tenant = text(claims, &self.tenant).and_then(|tenant| TenantId::new(tenant).ok());
        let tenant =
            tenant.ok_or_else(|| format!("the token's claim `{}` must name a tenant", self.tenant))?;
        let subject = text(claims, &self.subject).filter(|subject| is_subject(subject));
        let subject = subject.ok_or_else(|| {
            format!("the token's claim `{}` must have 1 to {SUBJECT_LIMIT} characters", self.subject)
        })?;
        let scopes = scopes(claims, &self.scope)
            .ok_or_else(|| format!("the token's claim `{}` must be a text or a list of texts", self.scope))?;
        Ok(Caller { tenant, actor: Actor { kind: kind(claims), subject: subject.to_owned() }, scopes })
    }
}

/// A program that calls for itself is the subject of its own tokens (RFC 9068, section 2.2).
fn kind(claims: &Value) -> ActorKind {
    let own = claims.get("client_id").filter(|client| Some(*client) == claims.get("sub"));
    if own.is_some() { ActorKind::Service } else { ActorKind::User }
}

fn text<'c>(claims: &'c Value, name: &str) -> Option<&'c str> {
    find(claims, name)?.as_str()
}

/// The scopes; none if there is no such claim.
fn scopes(claims: &Value, name: &str) -> Option<BTreeSet<String>> {
    match find(claims, name) {
        None => Some(BTreeSet::new()),
        Some(Value::String(text)) => Some(text.split_ascii_whitespace().map(str::to_owned).collect()),
        Some(Value::Array(list)) => list.iter().map(|scope| scope.as_str().map(str::to_owned)).collect(),
        Some(_) => None,
    }
}

/// The claim of that name, which may be a URL and have dots of its own; else the one that its dots lead to.
fn find<'c>(claims: &'c Value, name: &str) -> Option<&'c Value> {
    claims.get(name).or_else(|| name.split('.').try_fold(claims, |value, part| value.get(part)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(tenant: &str, subject: &str, scope: &str) -> ClaimNames {
        ClaimNames { tenant: tenant.into(), subject: subject.into(), scope: scope.into() }
    }

    #[test]
    fn claims_say_who_calls() {
        let claims = json!({"tenant": "acme", "sub": "ada", "scope": "orders.read  orders.write"});
        let caller = names("tenant", "sub", "scope").caller(&claims).unwrap();
        assert_eq!((caller.tenant.as_str(), &*caller.actor.subject), ("acme", "ada"));
        assert_eq!(caller.actor.kind, ActorKind::User);
        assert_eq!(caller.scopes.into_iter().collect::<Vec<_>>(), ["orders.read", "orders.write"]);
    }

    #[test]
    fn claims_can_lie_deep_or_have_dots() {
        let claims = json!({
            "https://acme.example/tenant": "acme",
            "act": {"who": {"name": "batch"}},
            "realm_access": {"roles": ["orders.read"]},
            "sub": "c", "client_id": "c",
        });
        let names = names("https://acme.example/tenant", "act.who.name", "realm_access.roles");
        let caller = names.caller(&claims).unwrap();
        assert_eq!((caller.tenant.as_str(), &*caller.actor.subject), ("acme", "batch"));
        assert_eq!(caller.actor.kind, ActorKind::Service);
        assert!(caller.scopes.contains("orders.read"));
    }

    #[test]
    fn what_is_missing_or_of_another_kind_is_named() {
        let good = json!({"tenant": "acme", "sub": "ada"});
        assert!(names("tenant", "sub", "scope").caller(&good).unwrap().scopes.is_empty());
        let long = "x".repeat(256);
        for (claim, value) in [
            ("tenant", json!(null)),
            ("tenant", json!(["acme"])),
            ("tenant", json!("Not A Tenant")),
            ("tenant", json!({"id": "acme"})),
            ("sub", json!("")),
            ("sub", json!(7)),
            ("sub", json!("a\nb")),
            ("sub", json!(long)),
            ("scope", json!(7)),
            ("scope", json!(["orders.read", 7])),
            ("scope", json!({"orders.read": true})),
        ] {
            let mut claims = good.clone();
            claims[claim] = value.clone();
            let refused = names("tenant", "sub", "scope").caller(&claims).unwrap_err();
            assert!(refused.contains(&format!("`{claim}`")), "{value}: {refused}");
        }
    }
}
