//! The tables, as far as diesel's query builder reads them. Statements over whole rows take their columns from the models.

use shared_infrastructure::database::Xid8;

diesel::table! {
    orders (tenant_id, order_id) {
        tenant_id -> Text,
        order_id -> Uuid,
        external_source -> Nullable<Text>,
        external_id -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Integer, Nullable, Text, Uuid};
    use super::Xid8;

    order_history (tenant_id, order_id, version) {
        tenant_id -> Text,
        order_id -> Uuid,
        version -> BigInt,
        request_id -> Nullable<Uuid>,
        request_part -> Integer,
        request_hash -> Nullable<Binary>,
        published_state -> Nullable<Binary>,
        xid -> Xid8,
    }
}

diesel::allow_tables_to_appear_in_same_query!(orders, order_history);

diesel::define_sql_function! {
    /// The next value of a sequence.
    fn nextval(sequence: diesel::sql_types::Text) -> diesel::sql_types::BigInt;
}
