//! Whom the names in certificates stand for.

use std::{collections::BTreeSet, io, str::FromStr};

use serde::Deserialize;
use shared_domain::{Actor, ActorKind, Caller, TenantId};

use crate::auth::subject::is_subject;

/// Stands for one part of a name that is the tenant, and for one that is the subject.
const TENANT: &str = "{tenant}";
const SUBJECT: &str = "{subject}";

/// The callers, in the order of their file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Callers(Vec<Entry>);

/// A file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum UnusableCallers {
    #[error(transparent)]
    File(#[from] io::Error),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error("`{name}`: {problem}")]
    Entry { name: String, problem: String },
}

/// Those who have a name, or one like it.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    tenant: Option<String>,
    subject: Option<String>,
    scopes: BTreeSet<String>,
}

impl FromStr for Callers {
    type Err = UnusableCallers;

    fn from_str(text: &str) -> Result<Self, UnusableCallers> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            callers: Vec<Entry>,
        }
        let File { callers } = serde_json::from_str(text)?;
        for entry in &callers {
            entry.check().map_err(|problem| UnusableCallers::Entry { name: entry.name.clone(), problem })?;
        }
        Ok(Self(callers))
    }
}

impl Callers {
    /// The caller of the first entry that fits one of the names. If it cannot be a caller there, those after it do not count: they are
    /// about others.
    pub(super) fn find(&self, names: &[String]) -> Option<Caller> {
        self.0.iter().find_map(|entry| names.iter().find_map(|name| entry.fits(name)))?
    }
}

impl Entry {
    fn check(&self) -> Result<(), String> {
        for (placeholder, field, given) in
            [(TENANT, "tenant", self.tenant.is_some()), (SUBJECT, "subject", self.subject.is_some())]
        {
            let places = self.name.split('/').filter(|part| *part == placeholder).count();
            if places > 1 || self.name.matches(placeholder).count() != places {
                return Err(format!("`{placeholder}` must be one whole part between slashes"));
            }
            if places == 1 && given {
                return Err(format!("gives `{field}` twice: in the name, and by itself"));
            }
        }
        if self.name.is_empty() {
            return Err("is empty".to_owned());
        }
        if self
            .name
            .split('/')
            .any(|part| ![TENANT, SUBJECT].contains(&part) && part.contains(['{', '}', '*']))
        {
            return Err(format!(
                "has a part that stands for others and is neither `{TENANT}` nor `{SUBJECT}`"
            ));
        }
        if self.tenant.is_none() && !self.name.contains(TENANT) {
            return Err(format!("needs a `tenant`, or `{TENANT}` in the name"));
        }
        let tenant = self.tenant.as_ref().map(|tenant| TenantId::new(tenant.clone()));
        tenant.transpose().map_err(|error| format!("`tenant` {error}"))?;
        match &self.subject {
            Some(subject) if !is_subject(subject) => Err("`subject` cannot be that of a caller".to_owned()),
            _ => Ok(()),
        }
    }

    /// The caller that the name is of, if this entry is about it: none if nobody can be called so. Without a subject, the name itself
    /// is the subject.
    fn fits(&self, name: &str) -> Option<Option<Caller>> {
        let (mut tenant, mut subject) = (self.tenant.as_deref(), self.subject.as_deref());
        let mut parts = name.split('/');
        for expected in self.name.split('/') {
            let part = parts.next()?;
            match expected {
                TENANT => tenant = Some(part),
                SUBJECT => subject = Some(part),
                _ if part == expected => {}
                _ => return None,
            }
        }
        if parts.next().is_some() {
            return None;
        }
        Some(self.caller(tenant?, subject.unwrap_or(name)))
    }

    fn caller(&self, tenant: &str, subject: &str) -> Option<Caller> {
        let tenant = TenantId::new(tenant).ok()?;
        let subject = is_subject(subject).then(|| subject.to_owned())?;
        let actor = Actor { kind: ActorKind::Service, subject };
        Some(Caller { tenant, actor, scopes: self.scopes.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"{"callers": [
        {"name": "spiffe://example.org/ns/shop/sa/checkout", "tenant": "acme", "subject": "checkout", "scopes": ["orders.write"]},
        {"name": "spiffe://example.org/tenants/{tenant}/sa/{subject}", "scopes": ["orders.read"]},
        {"name": "backoffice.example.org", "tenant": "acme", "scopes": ["*"]}
    ]}"#;

    fn found(names: &[&str]) -> Option<(String, String)> {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let caller = FILE.parse::<Callers>().unwrap().find(&names)?;
        Some((caller.tenant.as_str().to_owned(), caller.actor.subject))
    }

    #[test]
    fn names_stand_for_callers() {
        let pair = |tenant: &str, subject: &str| Some((tenant.to_owned(), subject.to_owned()));
        assert_eq!(found(&["other", "spiffe://example.org/ns/shop/sa/checkout"]), pair("acme", "checkout"));
        assert_eq!(found(&["spiffe://example.org/tenants/globex/sa/pick"]), pair("globex", "pick"));
        assert_eq!(found(&["backoffice.example.org"]), pair("acme", "backoffice.example.org"));
    }

    #[test]
    fn a_name_that_only_resembles_another_stands_for_nobody() {
        for name in [
            "",
            "spiffe://example.org/ns/shop/sa/checkout/x",
            "spiffe://example.org/ns/shop/sa",
            "spiffe://example.org.evil/ns/shop/sa/checkout",
            "spiffe://example.org/tenants/globex/x/sa/pick",
            "spiffe://example.org/tenants/Not A Tenant/sa/pick",
            "spiffe://example.org/tenants//sa/pick",
            "spiffe://example.org/tenants/globex/sa/",
            "x.backoffice.example.org",
        ] {
            assert_eq!(found(&[name]), None, "{name}");
        }
        assert_eq!(found(&[]), None);
    }

    #[test]
    fn a_name_that_cannot_be_a_callers_is_not_left_to_the_entries_after_its_own() {
        let file = r#"{"callers": [
            {"name": "spiffe://example.org/batch/{subject}", "tenant": "acme", "scopes": ["orders.read"]},
            {"name": "spiffe://example.org/{tenant}/{subject}", "scopes": ["*"]}
        ]}"#;
        let callers: Callers = file.parse().unwrap();
        let found = |subject: &str| callers.find(&[format!("spiffe://example.org/batch/{subject}")]);
        assert_eq!(found("night").unwrap().tenant.as_str(), "acme");
        assert_eq!(found(&"x".repeat(300)), None);
    }

    #[test]
    fn files_that_leave_something_open_are_refused() {
        for bad in [
            "",
            "[]",
            r#"{"callers": [{"name": "a", "scopes": []}]}"#,
            r#"{"callers": [{"name": "a", "tenant": "acme"}]}"#,
            r#"{"callers": [{"name": "", "tenant": "acme", "scopes": []}]}"#,
            r#"{"callers": [{"name": "a", "tenant": "Not A Tenant", "scopes": []}]}"#,
            r#"{"callers": [{"name": "a", "tenant": "acme", "scope": "x", "scopes": []}]}"#,
            r#"{"callers": [{"name": "a/{tenant}", "tenant": "acme", "scopes": []}]}"#,
            r#"{"callers": [{"name": "a/{tenant}/{tenant}", "scopes": []}]}"#,
            r#"{"callers": [{"name": "a/x{tenant}", "scopes": []}]}"#,
            r#"{"callers": [{"name": "a/{tenant}/{name}", "scopes": []}]}"#,
            r#"{"callers": [{"name": "*.example.org", "tenant": "acme", "scopes": []}]}"#,
            r#"{"callers": [{"name": "a", "tenant": "acme", "subject": "", "scopes": []}]}"#,
        ] {
            assert!(bad.parse::<Callers>().is_err(), "{bad}");
        }
    }
}
