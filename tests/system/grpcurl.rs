//! The services as somebody meets them first: with grpcurl, which knows nothing of the contract but what they say.

use std::{
    net::SocketAddr,
    process::{Command, Output},
};

use serde_json::Value;
use tokio::task::spawn_blocking;

use crate::support::System;

/// The exit code of the script if there is no grpcurl to be had on this machine.
const UNAVAILABLE: i32 = 69;

/// Runs `grpcurl -plaintext [-d REQUEST] ADDRESS REST..`.
async fn grpcurl(address: SocketAddr, request: Option<&str>, rest: &[&str]) -> Output {
    let mut command = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/local-stack/scripts/grpcurl"));
    command.arg("-plaintext");
    if let Some(request) = request {
        command.args(["-d", request]);
    }
    command.arg(address.to_string()).args(rest);
    spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

/// The answer, as JSON.
async fn call(address: SocketAddr, method: &str, request: &str) -> Value {
    let output = grpcurl(address, Some(request), &[method]).await;
    assert!(output.status.success(), "{method}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_placed_read_and_refused_with_grpcurl() {
    let system = System::start().await;
    let (commands, queries) = (system.command_address(), system.query_address());

    let listed = grpcurl(commands, None, &["list"]).await;
    if listed.status.code() == Some(UNAVAILABLE) {
        let is_to_be_had = cfg!(all(target_os = "linux", target_arch = "x86_64"));
        assert!(!is_to_be_had, "{}", String::from_utf8_lossy(&listed.stderr));
        eprintln!("NOTE: there is no grpcurl for this kind of machine, so it was NOT tried");
        return;
    }
    assert!(String::from_utf8(listed.stdout).unwrap().lines().any(|l| l == "orders.v1.OrderCommandService"));
    let described = grpcurl(commands, None, &["describe", "orders.v1.PlaceOrderRequest"]).await;
    let described = String::from_utf8(described.stdout).unwrap();
    assert!(described.contains("The order, `orders/{uuid}`."), "without the comments: {described}");

    let placed = call(
        commands,
        "orders.v1.OrderCommandService/CreateOrder",
        r#"{"place": true, "order": {
            "currency_code": "EUR",
            "contact": {"name": "Ada Lovelace", "email": "ada@example.com"},
            "lines": [{"sku": "gift-card", "quantity": 2, "requires_shipping": false,
                "unit_price": {"currency_code": "EUR", "units": 25}}]}}"#,
    )
    .await;
    assert_eq!(placed["state"], "ORDER_STATE_PLACED");
    assert_eq!(placed["totals"]["total"]["units"], "50");

    let name = placed["name"].as_str().unwrap();
    let mut read =
        call(queries, "orders.v1.OrderQueryService/GetOrder", &format!(r#"{{"name": "{name}"}}"#)).await;
    read["consistencyToken"] = placed["consistencyToken"].clone();
    assert_eq!(read, placed);

    let nobody = r#"{"name": "orders/019aa000-0000-7000-8000-000000000000"}"#;
    let refused = grpcurl(queries, Some(nobody), &["orders.v1.OrderQueryService/GetOrder"]).await;
    assert!(!refused.status.success());
    let text = String::from_utf8(refused.stderr).unwrap();
    for part in ["NotFound", "google.rpc.ErrorInfo", "ORDER_NOT_FOUND", "google.rpc.ResourceInfo"] {
        assert!(text.contains(part), "no {part} in: {text}");
    }
}
