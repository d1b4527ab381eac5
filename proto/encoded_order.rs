//! Orders that are sent as they are stored.

use bytes::{Buf, BufMut, Bytes};
use prost::{
    DecodeError, Message,
    encoding::{DecodeContext, WireType, skip_field},
};

use crate::orders::v1::Order;

/// An [`Order`] in its encoded form, which goes into an answer as it is. It is made to be sent only: reading one from the wire
/// gives an empty one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EncodedOrder(Bytes);

impl From<Bytes> for EncodedOrder {
    /// From the encoding of an [`Order`].
    fn from(encoded: Bytes) -> Self {
        Self(encoded)
    }
}

impl From<&Order> for EncodedOrder {
    fn from(order: &Order) -> Self {
        Self(order.encode_to_vec().into())
    }
}

impl EncodedOrder {
    /// The order that is encoded as `encoded`, with the fields that `more` has set: encodings one after the other are the
    /// encoding of the merged message (<https://protobuf.dev/programming-guides/encoding/#last-one-wins>).
    #[must_use]
    pub fn merged(encoded: &[u8], more: &Order) -> Self {
        let mut merged = Vec::with_capacity(encoded.len() + more.encoded_len());
        merged.extend_from_slice(encoded);
        more.encode_raw(&mut merged);
        Self(merged.into())
    }
}

impl Message for EncodedOrder {
    fn encode_raw(&self, buffer: &mut impl BufMut) {
        buffer.put_slice(&self.0);
    }

    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: WireType,
        buffer: &mut impl Buf,
        context: DecodeContext,
    ) -> Result<(), DecodeError> {
        skip_field(wire_type, tag, buffer, context)
    }

    fn encoded_len(&self) -> usize {
        self.0.len()
    }

    fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{orders::v1, servers};

    fn order(name: &str) -> Order {
        Order { name: name.into(), version: 3, ..Order::default() }
    }

    #[test]
    fn an_order_in_an_answer_is_what_it_was_encoded_from() {
        let orders = vec![order("orders/1"), order("orders/2")];
        let answer =
            servers::BatchGetOrdersResponse { orders: orders.iter().map(EncodedOrder::from).collect() };
        let received = v1::BatchGetOrdersResponse::decode(answer.encode_to_vec().as_slice()).unwrap();
        assert_eq!(received.orders, orders);
    }

    #[test]
    fn merging_sets_the_fields_of_the_other_and_keeps_the_rest() {
        let token = Order { consistency_token: "token".into(), ..Order::default() };
        let merged = EncodedOrder::merged(&order("orders/1").encode_to_vec(), &token);
        let received = Order::decode(merged.encode_to_vec().as_slice()).unwrap();
        assert_eq!(received, Order { consistency_token: "token".into(), ..order("orders/1") });
    }
}
