//! The views, as the migrations define them. They are written by hand: no tool prints views.

diesel::table! {
    use diesel::sql_types::*;
    use shared_infrastructure::database::Xid8;

    order_details (tenant_id, order_id) {
        tenant_id -> Text,
        order_id -> Uuid,
        version -> Int8,
        order_number -> Nullable<Text>,
        external_source -> Nullable<Text>,
        external_id -> Nullable<Text>,
        create_time -> Timestamptz,
        published_state -> Nullable<Bytea>,
        xid -> Xid8,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use shared_infrastructure::database::Xid8;

    order_summaries (tenant_id, order_id) {
        tenant_id -> Text,
        order_id -> Uuid,
        version -> Int8,
        order_number -> Nullable<Text>,
        state -> Int2,
        payment_state -> Int2,
        fulfillment_state -> Int2,
        hold_reason -> Nullable<Text>,
        hold_time -> Nullable<Timestamptz>,
        channel -> Nullable<Text>,
        customer_id -> Nullable<Text>,
        external_source -> Nullable<Text>,
        external_id -> Nullable<Text>,
        tags -> Jsonb,
        metadata -> Jsonb,
        currency -> Text,
        total -> Int8,
        balance -> Int8,
        create_time -> Timestamptz,
        update_time -> Timestamptz,
        place_time -> Nullable<Timestamptz>,
        confirm_time -> Nullable<Timestamptz>,
        complete_time -> Nullable<Timestamptz>,
        cancel_time -> Nullable<Timestamptz>,
        published_state -> Nullable<Bytea>,
        xid -> Nullable<Xid8>,
        basic_view -> Nullable<Bytea>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use shared_infrastructure::database::Xid8;

    order_history_entries (tenant_id, order_id, version) {
        tenant_id -> Text,
        order_id -> Uuid,
        version -> Int8,
        commit_time -> Timestamptz,
        actor_kind -> Int2,
        actor_subject -> Text,
        request_id -> Nullable<Uuid>,
        events -> Bytea,
        published_state -> Nullable<Bytea>,
        xid -> Xid8,
    }
}

diesel::table! {
    order_skus (tenant_id, order_id, sku) {
        tenant_id -> Text,
        order_id -> Uuid,
        sku -> Text,
    }
}

diesel::table! {
    order_provider_references (tenant_id, provider, provider_reference) {
        tenant_id -> Text,
        provider -> Text,
        provider_reference -> Text,
        order_id -> Uuid,
    }
}

diesel::table! {
    order_tracking_numbers (tenant_id, tracking_number) {
        tenant_id -> Text,
        tracking_number -> Text,
        order_id -> Uuid,
    }
}

diesel::table! {
    order_statistics (tenant_id, day, channel, currency, state, payment_state, fulfillment_state) {
        tenant_id -> Text,
        day -> Date,
        channel -> Text,
        currency -> Text,
        state -> Int2,
        payment_state -> Int2,
        fulfillment_state -> Int2,
        order_count -> Int8,
        total_sum -> Numeric,
        balance_sum -> Numeric,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    order_details,
    order_provider_references,
    order_tracking_numbers
);
diesel::allow_tables_to_appear_in_same_query!(order_summaries, order_skus);
