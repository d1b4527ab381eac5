//! Committing a batch: members in, outcomes out.

use diesel::QueryResult;
use diesel_async::RunQueryDsl;
use shared_infrastructure::database::{Connection, TransactionId};

use super::{commit_statement::CommitStatement, member::Member};
use crate::failpoints;

/// What became of a member of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberOutcome {
    /// It is committed.
    Committed {
        /// The database transaction that committed it.
        transaction_id: u64,
    },
    /// Its order is not at the version that it expects. Nothing of it was committed.
    Conflict,
}

/// Commits members in one statement: one outcome each, in their order. No two may be of the same order.
///
/// # Errors
/// Whatever the driver reports. If PostgreSQL refused the statement, nothing of any member was committed; a refusal that one
/// member caused does not say which. If the connection broke, all of them were committed or none.
pub async fn commit_batch<'m>(
    connection: &mut Connection,
    members: impl IntoIterator<Item = &'m Member>,
) -> QueryResult<Vec<MemberOutcome>> {
    let members: Vec<_> = members.into_iter().collect();
    let mut outcomes = vec![MemberOutcome::Conflict; members.len()];
    if members.is_empty() {
        return Ok(outcomes);
    }
    // Loads all rows: the statement is committed only when its last message has arrived.
    failpoints::pass(failpoints::COMMIT_ASKED);
    let won: Vec<(i32, TransactionId)> = CommitStatement::new(&members).load(connection).await?;
    failpoints::pass(failpoints::COMMIT_ANSWERED);
    for (member, TransactionId(transaction_id)) in won {
        let member = usize::try_from(member).ok().and_then(|member| outcomes.get_mut(member));
        *member.expect("the statement answers with the numbers it was given") =
            MemberOutcome::Committed { transaction_id };
    }
    Ok(outcomes)
}
