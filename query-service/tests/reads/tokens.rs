//! Consistency tokens that nobody was given, or that say what never was.

use prost::Message;
use shared_infrastructure::tokens;
use tonic::Code;
use tonic_types::StatusExt;

use crate::support::{READS, Service, fields, order, refusal};

/// The kind that consistency tokens are sealed as.
const KIND: u8 = b'C';

fn content(transaction: u64, order: u128, version: i64) -> Vec<u8> {
    [&transaction.to_be_bytes()[..], &order.to_be_bytes(), &version.to_be_bytes()].concat()
}

#[tokio::test]
async fn what_is_no_token_is_refused_by_every_read() {
    let service = Service::start().await;
    let order = order();
    service.commit(&order).await;
    let good = service.token(&order).await;
    let bytes = content(100, 7, 1);
    let changed = if good.starts_with('A') { good.replacen('A', "B", 1) } else { format!("A{}", &good[1..]) };
    let bad = [
        "garbage".to_owned(),
        " ".to_owned(),
        changed,
        good[..good.len() - 1].to_owned(),
        format!("{good}="),
        format!("{good}{good}"),
        tokens::seal(1, &bytes),
        tokens::seal(KIND, &bytes[..24]),
        tokens::seal(KIND, &[&bytes[..], &[0]].concat()),
        tokens::seal(KIND, &[]),
        tokens::seal(KIND, &content(0, 7, 1)),
        tokens::seal(KIND, &content(100, 0, 1)),
        tokens::seal(KIND, &content(100, 7, 0)),
        tokens::seal(KIND, &content(100, 7, i64::MIN)),
        tokens::seal(KIND, &orders_proto::orders::v1::Order::default().encode_to_vec()),
    ];
    for read in READS {
        assert!(read.is_new(&mut service.client(), &order, &good, None).await.unwrap().0, "{read:?}");
        for token in &bad {
            let answer = read.is_new(&mut service.client(), &order, token, None).await;
            let invalid = ("consistency_token".to_owned(), "INVALID_CONSISTENCY_TOKEN".to_owned());
            assert_eq!(fields(answer.map(tonic::Response::new)), [invalid], "{read:?}: {token:?}");
        }
    }
}

#[tokio::test]
async fn a_token_of_what_never_was_waits_and_lags() {
    let service = Service::start_with(&["--read-wait-limit=50ms"]).await;
    let order = order();
    service.commit(&order).await;
    for transaction in [1 << 40, i64::MAX as u64, u64::MAX] {
        for (id, version) in [(0, 0), (7, 1), (7, i64::MAX)] {
            let token = tokens::seal(KIND, &content(transaction, id, version));
            for read in READS {
                let answer = read.is_new(&mut service.client(), &order, &token, None).await;
                let status = refusal(answer.map(tonic::Response::new));
                assert_eq!(status.code(), Code::Unavailable, "{read:?}: {status:?}");
                assert_eq!(status.get_error_details().error_info().unwrap().reason, "READ_LAG", "{read:?}");
            }
        }
    }
}

#[tokio::test]
async fn an_order_that_is_gone_is_gone_for_who_has_its_token() {
    let service = Service::start().await;
    let draft = crate::support::draft();
    service.commit(&draft).await;
    let token = service.token(&draft).await;
    service.delete(&draft).await;
    // Its version is never to be seen again, and that is what there is to know.
    let read = crate::support::Read::Get;
    assert_eq!(read.is_new(&mut service.client(), &draft, &token, None).await.unwrap(), (false, None));
}
