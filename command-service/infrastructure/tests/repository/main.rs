//! The repositories: one contract that each implementation keeps, and what only the one over PostgreSQL has.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod changes;
mod contract;
mod drafts;
mod postgres;
mod projections;
mod random;
mod random_commands;
mod unknown_outcomes;

use command_infrastructure::memory::MemoryOrderRepository;

use crate::postgres::TestRepository;

/// Runs tests of the contract on every implementation.
macro_rules! on_every_implementation {
    ($($module:ident { $($test:ident,)* })*) => {
        mod memory {
            $($(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    crate::contract::$module::$test(&super::MemoryOrderRepository::new()).await;
                }
            )*)*
        }

        mod over_postgres {
            $($(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    let repository = super::TestRepository::new().await;
                    crate::contract::$module::$test(&*repository).await;
                }
            )*)*
        }
    };
}

on_every_implementation! {
    restoring {
        an_order_with_everything_comes_back_as_it_was,
        whatever_happens_to_orders_they_come_back_as_they_were,
        what_does_not_exist_is_not_found,
        a_deleted_draft_is_gone,
    }
    versions {
        an_order_that_moved_on_is_a_conflict,
        of_concurrent_changes_one_wins,
        later_commits_have_later_transaction_ids,
        an_order_that_is_gone_is_a_conflict,
    }
    requests {
        a_request_is_answered_once,
        answers_come_back_as_they_were,
        twins_have_one_effect,
        a_request_id_serves_one_order,
        a_batch_has_an_answer_for_each_part,
    }
    creation {
        an_id_serves_once,
        an_external_reference_serves_one_order,
        a_batch_is_created_as_a_whole_or_not_at_all,
        only_creations_can_be_committed_together,
        creation_is_checked_without_doing_it,
        order_numbers_are_unique,
    }
    tenants {
        a_tenant_sees_its_own_orders_only,
        ids_and_references_and_requests_of_tenants_do_not_touch,
    }
}
