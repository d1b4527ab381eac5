//! Every rpc of both services, with every set of scopes: a call gets through exactly if the one that it needs is among them.

use std::collections::BTreeMap;

use orders_proto::FILE_DESCRIPTOR_SET;
use prost_reflect::DescriptorPool;
use tonic::Code;

use crate::{client::Client, issuer::Issuer, keys::Pair, server::Running, token::Token};

const SCOPES: [&str; 6] =
    ["orders.read", "orders.write", "orders.payments", "orders.refunds", "orders.admin", "*"];

/// The paths of the contract's rpcs, with what their options say.
fn declared() -> BTreeMap<String, String> {
    let contract = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
    let option = contract.get_extension_by_name("orders.v1.required_scope").unwrap();
    let services = contract.services().filter(|service| service.package_name() == "orders.v1");
    let methods = services.flat_map(|service| service.methods().collect::<Vec<_>>());
    methods
        .map(|method| {
            let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
            let options = method.options();
            let scope = options.get_extension(&option).as_str().unwrap().to_owned();
            assert!(SCOPES[..5].contains(&scope.as_str()), "{path} needs `{scope}`");
            (path, scope)
        })
        .collect()
}

#[tokio::test]
async fn every_rpc_takes_exactly_the_scope_that_it_declares() {
    let pair = Pair::ed("1");
    let issuer = Issuer::start(&[&pair]).await;
    let server = Running::trusting(&issuer, &[]).await;
    let client = Client::connect(server.address).await;
    let declared = declared();
    assert!(declared.len() >= 28, "only {} rpcs", declared.len());
    let (mut allowed, mut denied) = (0, 0);
    for set in 0..1_usize << SCOPES.len() {
        let scopes: Vec<_> =
            (0..SCOPES.len()).filter(|at| set & (1 << at) != 0).map(|at| SCOPES[at]).collect();
        let token = Token::good(&issuer.url(), &pair).claim("scope", scopes.join(" ")).signed(&pair);
        let header = [("authorization", format!("Bearer {token}"))];
        for (path, needed) in &declared {
            let answer = client.call(path, &header).await;
            if scopes.contains(&needed.as_str()) || scopes.contains(&"*") {
                assert_eq!(answer.unwrap(), "ada of acme", "{path} with {scopes:?}");
                allowed += 1;
            } else {
                let refused = answer.unwrap_err();
                assert!(
                    refused.is(Code::PermissionDenied, "PERMISSION_DENIED"),
                    "{path} with {scopes:?}: {refused:?}"
                );
                assert!(refused.message.contains(needed.as_str()), "{refused:?}");
                denied += 1;
            }
        }
        let unknown = client.call("/orders.v1.OrderCommandService/None", &header).await;
        assert_eq!(unknown.is_ok(), scopes.contains(&"*"), "what no contract tells of, with {scopes:?}");
    }
    println!(
        "{} rpcs, {} sets of scopes: {allowed} calls allowed, {denied} denied",
        declared.len(),
        1 << SCOPES.len()
    );
}
