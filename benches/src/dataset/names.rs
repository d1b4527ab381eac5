//! How the copies are named: order and customer number n have names that anybody can work out, in Rust and in SQL.

/// The id of order n ends with these twelve digits plus n. As ids of version 7 are, it is higher than that of the order before.
const FIRST_ORDER: u64 = 100_000_000_000;
const ORDER_PREFIX: &str = "01900000-0000-7000-8000-";
/// The id of customer n ends with these seven digits plus n.
const FIRST_CUSTOMER: u64 = 1_000_000;
const CUSTOMER_PREFIX: &str = "c-";

/// The UUID of order n.
pub(crate) fn order(n: u64) -> String {
    format!("{ORDER_PREFIX}{}", FIRST_ORDER + n)
}

/// Replaces the UUID of an order by that of order n.
pub(crate) fn write_order(text: &mut [u8], n: u64) {
    write_digits(&mut text[ORDER_PREFIX.len()..], FIRST_ORDER + n);
}

/// SQL for the UUID of order `n`, an SQL expression of type bigint.
pub(crate) fn order_sql(n: &str) -> String {
    format!("('{ORDER_PREFIX}' || ({FIRST_ORDER} + {n}))::uuid")
}

/// The id of customer n, one of fewer than nine million.
pub(crate) fn customer(n: u64) -> String {
    format!("{CUSTOMER_PREFIX}{}", FIRST_CUSTOMER + n)
}

/// Replaces the id of a customer by that of customer n.
pub(crate) fn write_customer(text: &mut [u8], n: u64) {
    write_digits(&mut text[CUSTOMER_PREFIX.len()..], FIRST_CUSTOMER + n);
}

/// SQL for the id of customer `n`, an SQL expression of type bigint.
pub(crate) fn customer_sql(n: &str) -> String {
    format!("('{CUSTOMER_PREFIX}' || ({FIRST_CUSTOMER} + {n}))")
}

/// The digits at the end of the id of order n, as a number.
pub(crate) fn order_digits(n: u64) -> u64 {
    FIRST_ORDER + n
}

/// The digits at the end of the id of customer n, as a number.
pub(crate) fn customer_digits(n: u64) -> u64 {
    FIRST_CUSTOMER + n
}

/// SQL for the UUID of the order that ends with `digits`, an SQL expression of type text.
pub(crate) fn order_from_digits(digits: &str) -> String {
    format!("('{ORDER_PREFIX}' || {digits})::uuid")
}

/// SQL for the id of the customer that ends with `digits`, an SQL expression of type text.
pub(crate) fn customer_from_digits(digits: &str) -> String {
    format!("('{CUSTOMER_PREFIX}' || {digits})")
}

fn write_digits(text: &mut [u8], mut number: u64) {
    for digit in text.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).expect("a digit");
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_is_named() {
        let mut bytes = order(0).into_bytes();
        write_order(&mut bytes, 9_999_999);
        assert_eq!(String::from_utf8(bytes).unwrap(), order(9_999_999));
        let mut bytes = customer(0).into_bytes();
        write_customer(&mut bytes, 199_999);
        assert_eq!(String::from_utf8(bytes).unwrap(), customer(199_999));
        assert_eq!(order(7), "01900000-0000-7000-8000-100000000007");
    }
}
