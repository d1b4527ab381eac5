//! A standby that stays behind: what is read from it, and what is not.

use std::time::{Duration, Instant};

use tonic::Code;
use tonic_types::StatusExt;

use crate::support::{Cluster, READS, changed, order};

const NO_DELAY: Duration = Duration::ZERO;

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_the_standby_answers_and_with_one_whoever_has_it() {
    let cluster = Cluster::start(NO_DELAY).await;
    let service = cluster.service().await;
    cluster.pause().await;
    let first = order();
    service.commit(&first).await;
    let token = service.token(&first).await;
    let mut client = service.client();
    for read in READS {
        for _ in 0..4 {
            let (is_new, _) = read.is_new(&mut client, &first, "", None).await.unwrap();
            assert!(!is_new, "{read:?} comes from the standby");
            let (is_new, _) = read.is_new(&mut client, &first, &token, None).await.unwrap();
            assert!(is_new, "{read:?} with a token comes from the primary");
        }
    }
    // The standby has it now: the primary is not needed.
    cluster.resume().await;
    let of_standby = cluster.service_of_standby("5s").await;
    for read in READS {
        let (is_new, _) = read.is_new(&mut of_standby.client(), &first, &token, None).await.unwrap();
        assert!(is_new, "{read:?}");
        let (is_new, _) = read.is_new(&mut client, &first, "", None).await.unwrap();
        assert!(is_new, "{read:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_wait_is_told_so_in_time_and_who_can_gets_it() {
    let cluster = Cluster::start(NO_DELAY).await;
    let service = cluster.service_of_standby("300ms").await;
    let first = order();
    service.commit(&first).await;
    let standby = cluster.standby_rows().await;
    while !standby.is("EXISTS (SELECT FROM orders)").await {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    cluster.pause().await;
    let second = changed(&first, |_| {});
    service.commit(&second).await;
    let token = service.token(&second).await;
    // A deadline of their own, and the service's limit.
    for (timeout, least) in [(Some(Duration::from_secs(2)), 1_500), (None, 300)] {
        let start = Instant::now();
        let reads = READS.map(|read| {
            let (mut client, second, token) = (service.client(), second.clone(), token.clone());
            tokio::spawn(async move { read.is_new(&mut client, &second, &token, timeout).await })
        });
        for (read, answer) in READS.into_iter().zip(reads) {
            let status = answer.await.unwrap().unwrap_err();
            let details = status.get_error_details();
            assert_eq!(status.code(), Code::Unavailable, "{read:?}: {status:?}");
            assert_eq!(details.error_info().unwrap().reason, "READ_LAG");
            assert!(details.retry_info().is_some_and(|retry| retry.retry_delay.is_some()));
            assert!(start.elapsed() >= Duration::from_millis(least), "{read:?}: {:?}", start.elapsed());
        }
    }
    let waiting = READS.map(|read| {
        let (mut client, second, token) = (service.client(), second.clone(), token.clone());
        tokio::spawn(
            async move { read.is_new(&mut client, &second, &token, Some(Duration::from_secs(30))).await },
        )
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    cluster.resume().await;
    for (read, waiting) in READS.into_iter().zip(waiting) {
        assert!(waiting.await.unwrap().unwrap().0, "{read:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_read_something_reads_nothing_older_elsewhere() {
    let cluster = Cluster::start(NO_DELAY).await;
    let (here, there) = (cluster.service_of_primary().await, cluster.service_of_standby("100ms").await);
    cluster.pause().await;
    let first = order();
    let second = changed(&first, |_| {});
    here.commit_all(&[first.clone(), second.clone()]).await;
    for read in READS {
        let (is_new, token) = read.is_new(&mut here.client(), &second, "", None).await.unwrap();
        assert!(is_new);
        let token = token.unwrap_or_else(|| panic!("{read:?} answers with a token"));
        for other in READS {
            let status = other.is_new(&mut there.client(), &second, &token, None).await.unwrap_err();
            assert_eq!(status.get_error_details().error_info().unwrap().reason, "READ_LAG", "{other:?}");
        }
    }
    // Nor is what is gone there again, or what is not there yet forgotten.
    let third = order();
    let list = crate::support::Read::ListBasic;
    let before = here.token(&second).await;
    cluster.resume().await;
    let (is_new, empty) = list.is_new(&mut here.client(), &third, "", None).await.unwrap();
    assert!(!is_new);
    let empty = empty.expect("an empty list has a token");
    for token in [&before, &empty] {
        let wait = Some(Duration::from_secs(30));
        assert!(list.is_new(&mut there.client(), &second, token, wait).await.unwrap().0);
    }
}
