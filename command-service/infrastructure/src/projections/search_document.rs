//! What an order is found by: its words, each with a weight. How texts are cut into words stands in `shared_infrastructure`.

use std::collections::BTreeMap;

use orders_proto::orders::v1::Order;
use shared_infrastructure::search_words::{Lexicon, tokens};

use super::{
    net_changes::NetChange,
    tsvector::{BYTES_PER_WORD, TsVector, Weight},
};

/// The most bytes of words that an order is found by; those of little weight are left out first. PostgreSQL takes 1 MiB, with some
/// bytes more for each word.
const MAX_BYTES: usize = 512 * 1024;

/// The orders of a stretch of the feed whose words change: their new documents, none for orders that are gone.
pub(super) fn changed_documents(changes: &[NetChange]) -> Vec<(&NetChange, Option<TsVector>)> {
    let changed = changes.iter().filter_map(|change| {
        let same = match (&change.before, &change.after) {
            (Some(before), Some(after)) => texts(before).eq(texts(after)),
            (before, after) => before.is_none() && after.is_none(),
        };
        (!same).then(|| (change, change.after.as_ref().map(|order| document(&change.tenant, order))))
    });
    changed.collect()
}

/// The words of an order, each once, with the best of its weights.
fn document(tenant: &str, order: &Order) -> TsVector {
    let lexicon = Lexicon::of(tenant);
    let mut words = BTreeMap::new();
    for (weight, text) in texts(order) {
        for token in tokens(text) {
            let whole = token.whole.map(|token| lexicon.whole(&token));
            for word in token.words.iter().map(|word| lexicon.word(word)).chain(whole) {
                let best = words.entry(word).or_insert(weight);
                *best = weight.min(*best);
            }
        }
    }
    let size = |word: &String| word.len() + BYTES_PER_WORD;
    if words.keys().map(size).sum::<usize>() > MAX_BYTES {
        let mut by_weight: Vec<_> = words.into_iter().map(|(word, weight)| (weight, word)).collect();
        by_weight.sort_unstable();
        let kept = by_weight.into_iter().scan(0, |bytes, (weight, word)| {
            *bytes += size(&word);
            (*bytes <= MAX_BYTES).then_some((word, weight))
        });
        words = kept.collect();
    }
    TsVector(words)
}

fn texts(order: &Order) -> impl Iterator<Item = (Weight, &str)> {
    use Weight::{A, B, C, D};
    let reference = order.external_reference.iter().map(|reference| (A, reference.id.as_str()));
    let payments = order.payments.iter().flat_map(|payment| {
        let transactions = payment.transactions.iter().map(|transaction| &transaction.provider_reference);
        transactions.chain([&payment.provider_reference]).map(|text| (A, text.as_str()))
    });
    let shipments = order.shipments.iter().map(|shipment| (A, shipment.tracking_number.as_str()));
    let lines = order.lines.iter().flat_map(|line| [(B, line.sku.as_str()), (C, line.title.as_str())]);
    let contact = order
        .contact
        .iter()
        .flat_map(|contact| [&contact.name, &contact.email, &contact.phone].map(|text| (D, text.as_str())));
    let tags = order.tags.iter().map(|tag| (D, tag.as_str()));
    [
        (A, order.order_number.as_str()),
        (A, order.purchase_order_number.as_str()),
        (B, order.customer_id.as_str()),
    ]
    .into_iter()
    .chain(reference)
    .chain(payments)
    .chain(shipments)
    .chain(lines)
    .chain(contact)
    .chain(tags)
}

#[cfg(test)]
mod tests {
    use orders_proto::orders::v1::{
        Contact, ExternalReference, OrderLine, Payment, PaymentTransaction, Shipment,
    };
    use uuid::Uuid;

    use super::*;

    fn full() -> Order {
        let line = |sku: &str, title: &str| OrderLine {
            sku: sku.into(),
            title: title.into(),
            ..OrderLine::default()
        };
        let transaction =
            PaymentTransaction { provider_reference: "ch1".into(), ..PaymentTransaction::default() };
        Order {
            order_number: "ORD7".into(),
            customer_id: "c-42".into(),
            external_reference: Some(ExternalReference { source: "shop".into(), id: "x1".into() }),
            purchase_order_number: "PO9".into(),
            contact: Some(Contact { name: "Ada O'B".into(), email: "a@b.org".into(), phone: "030".into() }),
            tags: vec!["gift".into()],
            lines: vec![line("RED", "Red shoes"), line("BOX", "gift")],
            payments: vec![Payment {
                provider_reference: "pi1".into(),
                transactions: vec![transaction],
                ..Payment::default()
            }],
            shipments: vec![Shipment { tracking_number: "T1".into(), ..Shipment::default() }],
            ..Order::default()
        }
    }

    #[test]
    fn an_order_is_found_by_its_words_each_with_its_best_weight() {
        let expected = "A ch1 ord7 pi1 po9 t1 x1 B 42 =c-42 box c red C gift shoes \
                        D 030 =a@b.org =o'b a ada b o org";
        let mark = Lexicon::of("acme").word("");
        let TsVector(words) = document("acme", &full());
        let told = [Weight::A, Weight::B, Weight::C, Weight::D].map(|weight| {
            let of_weight = words.iter().filter(|(_, of)| **of == weight);
            let words: Vec<_> = of_weight.map(|(word, _)| word.trim_start_matches(&mark)).collect();
            format!("{weight:?} {}", words.join(" "))
        });
        assert_eq!(told.join(" "), expected);
    }

    #[test]
    fn only_orders_whose_words_change_are_written() {
        let change = |before, after| NetChange { tenant: "acme".into(), order: Uuid::nil(), before, after };
        let confirmed = Order { state: 3, version: 9, ..full() };
        let placed = Order { order_number: "ORD8".into(), ..full() };
        let changes = [
            change(Some(full()), Some(confirmed)),
            change(Some(full()), Some(placed.clone())),
            change(Some(full()), None),
            change(None, None),
        ];
        let changed: Vec<_> = changed_documents(&changes).into_iter().map(|(_, document)| document).collect();
        assert_eq!(changed, [Some(document("acme", &placed)), None]);
    }

    #[test]
    fn an_order_with_too_many_words_keeps_those_of_weight() {
        let lines = (0..500).map(|line| {
            let title = (0..20).map(|word| format!("{line}x{word}{} ", "é".repeat(40))).collect();
            OrderLine { sku: format!("S{line}"), title, ..OrderLine::default() }
        });
        let TsVector(words) = document("acme", &Order { lines: lines.collect(), ..full() });
        let bytes: usize = words.keys().map(|word| word.len() + BYTES_PER_WORD).sum();
        assert!((MAX_BYTES - 200..=MAX_BYTES).contains(&bytes), "{bytes}");
        let lexicon = Lexicon::of("acme");
        let weight = |word| words.get(&lexicon.word(word)).copied();
        assert_eq!((weight("ord7"), weight("s499")), (Some(Weight::A), Some(Weight::B)));
        assert_eq!(weight("ada"), None);
    }
}
