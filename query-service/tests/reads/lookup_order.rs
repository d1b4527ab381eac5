//! LookupOrder, by each of its keys.

use orders_proto::orders::v1::{
    ExternalReference, LookupOrderRequest, Order, Payment, PaymentTransaction, ProviderReference, Shipment,
    lookup_order_request::Key,
};
use tonic::{Code, Response, Status};

use crate::support::{Service, changed, euros, order, reason};

async fn lookup(service: &Service, key: Key) -> Result<Response<Order>, Status> {
    service
        .client()
        .lookup_order(LookupOrderRequest { key: Some(key), ..LookupOrderRequest::default() })
        .await
}

fn external(source: &str, id: &str) -> Key {
    Key::ExternalReference(ExternalReference { source: source.into(), id: id.into() })
}

fn provider(provider: &str, reference: &str) -> Key {
    Key::ProviderReference(ProviderReference { provider: provider.into(), reference: reference.into() })
}

fn tracking(number: &str) -> Key {
    Key::TrackingNumber(number.into())
}

/// An order with a payment and a shipment.
fn paid_and_shipped(payment: &str, capture: &str, tracking: &str) -> Order {
    let transaction = PaymentTransaction {
        transaction_id: 1,
        kind: 2,
        state: 3,
        amount: Some(euros(100)),
        provider_reference: capture.into(),
        ..PaymentTransaction::default()
    };
    let payment = Payment {
        payment_id: 1,
        provider: "stripe".into(),
        provider_reference: payment.into(),
        transactions: vec![transaction],
        ..Payment::default()
    };
    let shipment = Shipment {
        shipment_id: 1,
        state: 1,
        carrier: "post".into(),
        tracking_number: tracking.into(),
        ..Shipment::default()
    };
    Order { payments: vec![payment], shipments: vec![shipment], ..order() }
}

#[tokio::test]
async fn every_key_finds_the_order_as_it_is() {
    let service = Service::start().await;
    let first = paid_and_shipped("pi_1", "ch_1", "T1");
    let current = changed(&first, |order| order.tags = vec!["late".into()]);
    service.commit_all(&[order(), first, current.clone(), paid_and_shipped("pi_2", "ch_2", "T2")]).await;
    let reference = current.external_reference.clone().unwrap();
    for key in [
        Key::OrderNumber(current.order_number.clone()),
        external(&reference.source, &reference.id),
        provider("stripe", "pi_1"),
        provider("stripe", "ch_1"),
        tracking("T1"),
    ] {
        assert_eq!(lookup(&service, key.clone()).await.unwrap().into_inner(), current, "{key:?}");
    }
}

#[tokio::test]
async fn of_several_the_one_created_last_is_found() {
    let service = Service::start().await;
    let [older, newer] = [(); 2].map(|()| paid_and_shipped("pi", "ch", "T"));
    service.commit_all(&[newer.clone(), changed(&newer, |_| {}), older]).await;
    for key in [provider("stripe", "pi"), provider("stripe", "ch"), tracking("T")] {
        assert_eq!(lookup(&service, key).await.unwrap().into_inner().name, newer.name);
    }
}

#[tokio::test]
async fn a_key_that_no_order_of_the_tenant_has_is_not_found() {
    let service = Service::start().await;
    let theirs = paid_and_shipped("pi", "ch", "T");
    service.commit_of("other", &theirs).await;
    service.commit(&paid_and_shipped("", "", "")).await;
    for key in [
        Key::OrderNumber(theirs.order_number.clone()),
        external("shop", &theirs.external_reference.unwrap().id),
        provider("stripe", "pi"),
        provider("stripe", "ch"),
        provider("adyen", "pi"),
        tracking("T"),
    ] {
        let answer = lookup(&service, key.clone()).await;
        assert_eq!(reason(answer), (Code::NotFound, "ORDER_NOT_FOUND".into()), "{key:?}");
    }
}
