//! The plans of statements, as they are made once and for all without a look at the values: nothing but look-ups in indexes.

use command_application::OrderRepository;
use shared_domain::{Currency, OrderSnapshot};
use shared_infrastructure::database::Connection;

use super::{TestRepository, sql};
use crate::{
    changes::{
        acme, change, changed, commit, create, creation, load, new_id, new_request, noted, with_request,
    },
    drafts,
    random::Random,
    random_commands,
};

/// Makes many copies of the placed order, with all its rows.
async fn copy_the_order(connection: &mut Connection) {
    const COPIES: &str =
        "CREATE TABLE copies AS SELECT n, gen_random_uuid() AS id FROM generate_series(1, 20000) AS n";
    sql::execute(connection, COPIES).await;
    let parts = ["order_lines", "order_adjustments", "payments", "payment_transactions", "shipments"];
    sql::execute(connection, "SET statement_timeout = 0").await;
    let tables = ["orders"].into_iter().chain(parts);
    for table in tables {
        let copy = format!(
            "INSERT INTO {table} SELECT (copied.row).* FROM (
                 SELECT jsonb_populate_record(t, jsonb_build_object('order_id', id, 'order_number', n, 'external_id', n))
                     AS row
                 FROM {table} AS t JOIN (SELECT order_id FROM orders LIMIT 1) AS placed
                     USING (order_id), copies OFFSET 0) AS copied"
        );
        sql::execute(connection, &copy).await;
    }
    let histories = "INSERT INTO order_history (tenant_id, order_id, version, commit_time, actor_kind, actor_subject,
                         request_id, request_hash, events, published_state)
                     SELECT tenant_id, id, version, commit_time, actor_kind, actor_subject, gen_random_uuid(), '', events,
                         published_state
                     FROM order_history, copies WHERE version = 1";
    sql::execute(connection, histories).await;
    sql::execute(connection, "DROP TABLE copies; ANALYZE").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn generic_plans_scan_no_table() {
    let repository = TestRepository::with_connections(1).await;
    let order = an_order_with_parts_of_each_kind(&repository).await;
    copy_the_order(&mut repository.pool.get().await.unwrap()).await;
    prepare_everything(&repository, order).await;
    for plan in generic_plans(&repository).await {
        assert!(!plan.contains("Seq Scan on"), "{plan}");
        assert!(plan.contains("Index Scan using") || !plan.contains("Update on"), "{plan}");
    }
}

/// A session plans its statements when the tables are still empty, and keeps the plans until they are analyzed.
#[tokio::test(flavor = "multi_thread")]
async fn on_a_fresh_database_orders_are_looked_up_by_their_key() {
    const FOREIGN_KEY_CHECK: &str = "PREPARE foreign_key_check (text, uuid) AS \
        SELECT 1 FROM ONLY orders AS x WHERE tenant_id = $1 AND order_id = $2 FOR KEY SHARE OF x";
    let repository = TestRepository::with_connections(1).await;
    never_analyze(&mut repository.pool.get().await.unwrap()).await;
    let order = an_order_with_parts_of_each_kind(&repository).await;
    prepare_everything(&repository, order).await;
    sql::run(&repository.pool, FOREIGN_KEY_CHECK).await;
    let analyzed = "SELECT count(*) AS value FROM pg_stat_user_tables WHERE relname = 'orders' AND \
                    (last_analyze IS NOT NULL OR last_autoanalyze IS NOT NULL)";
    assert_eq!(sql::number(&repository.pool, analyzed).await, 0);

    for plan in generic_plans(&repository).await {
        let lookups = plan.lines().filter(|line| line.contains(" on orders ") && !line.contains("Update on"));
        for lookup in lookups.filter(|line| !line.contains("orders_external_reference")) {
            let by_key = lookup.contains("Scan using orders_pkey")
                || lookup.contains("Delete on")
                || lookup.contains("Insert on");
            assert!(by_key, "{lookup}\n{plan}");
        }
        let scans = plan.matches(" Scan using ").count() + plan.matches("Bitmap Index Scan on").count();
        let of_one_order = plan.lines().filter(|line| {
            let by = |column: &str| line.contains(&format!("{column} = "));
            line.contains("Index Cond:")
                && by("tenant_id")
                && (by("order_id") || by("request_id") || by("external_id"))
        });
        assert!(!plan.contains("Seq Scan") && of_one_order.count() == scans, "{plan}");
    }
}

/// Keeps autovacuum, which may come by at any time, from the tables of orders.
async fn never_analyze(connection: &mut Connection) {
    let parts = ["order_lines", "order_adjustments", "payments", "payment_transactions", "shipments"];
    for table in ["orders", "order_history"].into_iter().chain(parts) {
        sql::execute(connection, &format!("ALTER TABLE {table} SET (autovacuum_enabled = false)")).await;
    }
}

/// The plans of all statements that the repository's only connection has prepared.
async fn generic_plans(repository: &TestRepository) -> Vec<String> {
    let mut connection = repository.pool.get().await.unwrap();
    sql::execute(&mut connection, "SET plan_cache_mode = force_generic_plan").await;
    let names = sql::texts(
        &mut connection,
        "SELECT name AS value FROM pg_prepared_statements \
         WHERE statement ~ '^(WITH|SELECT k|SELECT .order|SELECT EXISTS|PREPARE)'",
    )
    .await;
    assert!(names.len() >= 10, "only {} statements", names.len());
    let mut plans = vec![];
    for name in names {
        plans.push(generic_plan(&mut connection, &name).await);
    }
    plans
}

async fn an_order_with_parts_of_each_kind(repository: &TestRepository) -> OrderSnapshot {
    let mut random = Random::new(0);
    let creation = with_request(new_request(), creation(new_id(), drafts::full(Currency::EUR, "R-1")));
    let mut order = creation.order.snapshot().clone();
    commit(&**repository, creation).await.unwrap();
    for command in
        [random_commands::place, random_commands::confirm, random_commands::pack, random_commands::record]
    {
        let next = random.step_of(&order, &[command]);
        commit(&**repository, change(Some(order), next.clone())).await.unwrap();
        order = next.snapshot().clone();
    }
    order
}

/// All forms of statement that orders need in the course of their lives.
async fn prepare_everything(repository: &TestRepository, mut order: OrderSnapshot) {
    let (mut random, request) = (Random::new(7), new_request());
    commit(&**repository, with_request(request, creation(new_id(), drafts::plain()))).await.unwrap();
    let draft = create(&**repository, drafts::plain()).await;
    commit(&**repository, changed(&draft, |order, now| order.delete(now).unwrap())).await.unwrap();
    repository.answers(&acme(), request.id).await.unwrap();
    repository.check_creation(&creation(new_id(), drafts::plain())).await.unwrap();
    for _ in 0..60 {
        order = load(&**repository, &acme(), order.id).await.unwrap();
        commit(&**repository, change(Some(order.clone()), random.step(&order))).await.unwrap();
    }
    commit(&**repository, noted(&load(&**repository, &acme(), order.id).await.unwrap())).await.unwrap();
}

/// The plan that a prepared statement has for any values.
async fn generic_plan(connection: &mut Connection, name: &str) -> String {
    let parameters = format!(
        "SELECT coalesce(cardinality(parameter_types), 0)::text AS value FROM pg_prepared_statements WHERE name = '{name}'"
    );
    let parameters: usize = sql::texts(connection, &parameters).await[0].parse().unwrap();
    let values = vec!["NULL"; parameters].join(", ");
    sql::explain(connection, &format!("EXPLAIN EXECUTE \"{name}\" ({values})")).await
}
