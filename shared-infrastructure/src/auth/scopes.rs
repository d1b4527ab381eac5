//! What callers may do: each rpc of the contract names the scope that it needs.

use std::{
    collections::{BTreeSet, HashMap},
    sync::LazyLock,
};

use orders_proto::FILE_DESCRIPTOR_SET;
use prost_reflect::{DescriptorPool, MethodDescriptor};
use shared_domain::Caller;
use tonic::Status;

use super::refusal;

/// The scope that includes all others.
pub const EVERYTHING: &str = "*";

/// The option that names an rpc's scope.
const OPTION: &str = "orders.v1.required_scope";

/// The scopes of the contract that this program was built with.
static CONTRACT: LazyLock<RequiredScopes> = LazyLock::new(|| {
    RequiredScopes::declared_in(
        &DescriptorPool::decode(FILE_DESCRIPTOR_SET).expect("the contract's descriptors are valid"),
    )
});

/// Reads the contract's scopes, if nobody has done so yet.
pub(super) fn prepare() {
    LazyLock::force(&CONTRACT);
}

/// Lets the caller make a call of the rpc at `path`, or refuses it.
pub(super) fn permit(caller: &Caller, path: &str) -> Result<(), Status> {
    CONTRACT.check(&caller.scopes, path).map_err(refusal::permission_denied)
}

/// Lets the caller do what needs a scope besides that of the rpc.
///
/// # Errors
/// PERMISSION_DENIED if the caller has neither this scope nor `*`.
pub fn require(caller: &Caller, scope: &str) -> Result<(), Status> {
    if has(&caller.scopes, scope) { Ok(()) } else { Err(refusal::permission_denied(scope)) }
}

/// Which scope each rpc needs, by its path; an rpc that names none has `None`, and nobody may call it.
#[derive(Debug)]
struct RequiredScopes(HashMap<String, Option<String>>);

impl RequiredScopes {
    fn declared_in(contract: &DescriptorPool) -> Self {
        let methods = contract.services().flat_map(|service| service.methods().collect::<Vec<_>>());
        let path =
            |method: &MethodDescriptor| format!("/{}/{}", method.parent_service().full_name(), method.name());
        Self(methods.map(|method| (path(&method), declared(contract, &method))).collect())
    }

    /// The scope that is missing, if one is. What is not of the contract takes all scopes.
    fn check<'s>(&'s self, scopes: &BTreeSet<String>, path: &str) -> Result<(), &'s str> {
        match self.0.get(path) {
            Some(Some(scope)) if has(scopes, scope) => Ok(()),
            Some(Some(scope)) => Err(scope),
            Some(None) => Err("of an rpc that declares none"),
            None if scopes.contains(EVERYTHING) => Ok(()),
            None => Err(EVERYTHING),
        }
    }
}

fn declared(contract: &DescriptorPool, method: &MethodDescriptor) -> Option<String> {
    let option = contract.get_extension_by_name(OPTION)?;
    let options = method.options();
    let scope = options.get_extension(&option).as_str()?.to_owned();
    Some(scope).filter(|scope| !scope.is_empty())
}

fn has(scopes: &BTreeSet<String>, scope: &str) -> bool {
    scopes.contains(scope) || scopes.contains(EVERYTHING)
}

#[cfg(test)]
mod tests {
    use prost::Message;
    use prost_types::FileDescriptorSet;

    use super::*;

    const GET: &str = "/orders.v1.OrderQueryService/GetOrder";

    fn scopes(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn an_rpc_takes_its_own_scope_or_all() {
        assert_eq!(CONTRACT.check(&scopes(&["orders.read"]), GET), Ok(()));
        assert_eq!(CONTRACT.check(&scopes(&["*"]), GET), Ok(()));
        for others in
            [&[][..], &["orders.write", "orders.admin"], &["orders"], &["orders.*"], &["orders.read "]]
        {
            assert_eq!(CONTRACT.check(&scopes(others), GET), Err("orders.read"), "{others:?}");
        }
    }

    #[test]
    fn an_rpc_that_declares_no_scope_is_refused_to_everybody() {
        // Descriptors that are read as plain messages lose the options that those do not know.
        let bare = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap().encode_to_vec();
        let contract = RequiredScopes::declared_in(&DescriptorPool::decode(bare.as_slice()).unwrap());
        assert!(contract.0.len() > 20 && contract.0.values().all(Option::is_none));
        assert!(contract.check(&scopes(&["*", "orders.read"]), GET).is_err());
    }

    #[test]
    fn what_is_not_of_the_contract_takes_all_scopes() {
        let path = "/orders.v1.OrderQueryService/None";
        assert_eq!(CONTRACT.check(&scopes(&["orders.read", "orders.admin"]), path), Err("*"));
        assert_eq!(CONTRACT.check(&scopes(&["*"]), path), Ok(()));
    }
}
