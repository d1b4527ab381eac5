//! Hostile input over the wire: real requests with something wrong in them, in their messages, their framing or their metadata, sent
//! to every rpc of both services. They are refused, and nothing else happens.

mod attack;
mod request;
mod wire;

use std::{collections::BTreeMap, fs, net::SocketAddr, time::Instant};

use orders_proto::orders::v1::GetOrderRequest;
use tokio::task::JoinSet;

use self::attack::{Attack, Side};
use crate::support::{System, placed};

/// How many KiB a service may have more than before.
pub(crate) const MEMORY: u64 = 64 * 1024;
/// The clients, each with a connection to both services.
const CLIENTS: u64 = 4;
/// How many requests a client makes before it looks whether honest ones are still served.
const ROUND: u64 = 500;

/// What no request may bring about.
const NEVER: [&str; 6] =
    ["INTERNAL", "UNKNOWN", "DATA_LOSS", "no answer", "connection lost", "reset INTERNAL_ERROR"];

#[tokio::test(flavor = "multi_thread")]
async fn hostile_requests_are_only_refused() {
    attack(8, 20_000).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes the better part of an hour in a program that is not optimised"]
async fn a_million_hostile_requests_are_only_refused() {
    attack(9, 1_000_000).await;
}

/// Makes so many requests, and as many honest ones as it takes to see that the services are well.
async fn attack(seed: u64, requests: u64) {
    let system = System::start().await;
    let processes = system.processes();
    // So that what is there after any use does not count: connections, prepared statements, caches.
    rounds(&system, seed, 0, requests.min(2_000)).await;
    processes.iter().for_each(|(_, pid)| forget_peak(*pid));
    let before = processes.map(|(_, pid)| memory(pid));

    let start = Instant::now();
    let ends = rounds(&system, seed, requests, requests).await;
    let seconds = start.elapsed().as_secs();
    let made: u64 = ends.values().sum();
    println!("{made} hostile requests, seed {seed}, {seconds} s");
    ends.iter().for_each(|(end, count)| println!("{count:>9}  {end}"));

    assert!(made >= requests, "{made}");
    honest(&system).await;
    for ((name, pid), before) in processes.into_iter().zip(before) {
        let peak = peak_memory(pid);
        println!("{name}: {before} KiB before, {peak} KiB at most");
        assert!(peak <= before + MEMORY, "{name} grew from {before} to {peak} KiB");
    }
    let refused = ends.get("INVALID_ARGUMENT").copied().unwrap_or_default();
    assert!(refused > made / 10, "most of it has to be hostile: {ends:?}");
    assert!(
        ends.get("OK").is_some_and(|count| *count > made / 100),
        "some of it has to get through: {ends:?}"
    );
}

/// All clients at once; how their calls ended, by code.
async fn rounds(system: &System, seed: u64, first: u64, requests: u64) -> BTreeMap<String, u64> {
    let mut ends = BTreeMap::new();
    let rounds = requests.div_ceil(CLIENTS * ROUND);
    for round in 0..rounds {
        let order = honest(system).await;
        let mut clients = JoinSet::new();
        for client in 0..CLIENTS {
            let place = first + (round * CLIENTS + client) * ROUND;
            clients.spawn(client_round(addresses(system), order.clone(), seed, place));
        }
        for (end, count) in clients.join_all().await.into_iter().flatten() {
            *ends.entry(end).or_insert(0) += count;
        }
    }
    ends
}

async fn client_round(
    addresses: [SocketAddr; 2],
    order: String,
    seed: u64,
    place: u64,
) -> BTreeMap<String, u64> {
    let mut ends = BTreeMap::new();
    let sides = [(addresses[0], Side::Commands), (addresses[1], Side::Queries)];
    for (address, side) in sides {
        let attack = Attack::new(side, &order);
        for (request, end) in wire::ends(address, &attack, seed, place, ROUND / 2).await {
            assert!(
                !NEVER.iter().any(|never| end.code == *never)
                    && !end.code.starts_with("HTTP 5")
                    && !end.code.ends_with("without a reason"),
                "seed {seed}, {}: {}\n{request:?}",
                end.code,
                end.message
            );
            *ends.entry(end.code).or_insert(0) += 1;
        }
    }
    ends
}

fn addresses(system: &System) -> [SocketAddr; 2] {
    [system.command_address(), system.query_address()]
}

/// An honest client is served by both; the order that it placed.
async fn honest(system: &System) -> String {
    let order = placed(&mut system.commands().await).await;
    let get = GetOrderRequest {
        name: order.name.clone(),
        consistency_token: order.consistency_token.clone(),
        ..Default::default()
    };
    let read = system.queries().await.get_order(get).await.unwrap().into_inner();
    assert_eq!(read.version, order.version);
    order.name
}

/// The resident memory of a process that is there, in KiB.
pub(crate) fn memory(pid: u32) -> u64 {
    of_status(pid, "VmRSS:")
}

/// The most that it was since [`forget_peak`].
pub(crate) fn peak_memory(pid: u32) -> u64 {
    of_status(pid, "VmHWM:")
}

/// From now on, the most resident memory is counted anew (proc(5), `clear_refs`).
pub(crate) fn forget_peak(pid: u32) {
    fs::write(format!("/proc/{pid}/clear_refs"), "5").unwrap();
}

fn of_status(pid: u32, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
