//! Committing in batches: what callers commit while a statement is under way is committed by the next one.

use std::sync::Arc;

use command_application::{Committed, RepositoryError};
use futures_util::FutureExt as _;
use shared_infrastructure::{
    batching::Work,
    database::{self, Pool},
};
use uuid::Uuid;

use super::{
    commit_batch::{MemberOutcome, commit_batch},
    errors,
    member::Member,
};

/// Commits over a pool of connections.
pub(super) struct Committer {
    pub(super) pool: Pool,
}

/// What one caller commits: all of it or nothing.
pub(super) type Commit = Vec<Member>;

impl Work for Committer {
    type Item = Commit;
    type Answer = Result<Vec<Committed>, RepositoryError>;

    /// The orders, since a statement changes an order once, and the request, which has one answer.
    fn keys(&self, commit: &Commit) -> impl Iterator<Item = Uuid> {
        let orders = commit.iter().map(|member| member.order.uuid());
        orders.chain(commit.first().and_then(|member| member.history.request_id))
    }

    /// One statement for all of them. If it is refused, nobody's rows were written, and smaller ones are tried, until those that
    /// it is refused for are by themselves.
    async fn run(&self, batch: Vec<Commit>) -> Vec<Self::Answer> {
        let batch: Arc<[Commit]> = batch.into();
        let mut answers = Vec::with_capacity(batch.len());
        let whole = 0..batch.len();
        let mut parts = vec![whole];
        while let Some(part) = parts.pop() {
            let statement = (Arc::clone(&batch), part.clone());
            let committing = database::run(&self.pool, move |connection| {
                let (batch, part) = statement.clone();
                async move { commit_batch(connection, batch[part].iter().flatten()).await }.boxed()
            });
            match committing.await {
                Ok(outcomes) => {
                    let mut outcomes = outcomes.into_iter();
                    answers.extend(batch[part].iter().map(|commit| {
                        let of_commit: Vec<_> = outcomes.by_ref().take(commit.len()).collect();
                        answer(commit, &of_commit)
                    }));
                }
                Err(failure) if part.len() > 1 && errors::has_one_to_blame(&failure) => {
                    let middle = part.start + part.len() / 2;
                    parts.push(middle..part.end);
                    parts.push(part.start..middle);
                }
                Err(failure) => {
                    let failure = Arc::new(failure);
                    answers.extend(batch[part].iter().map(|commit| Err(errors::of_commit(&failure, commit))));
                }
            }
        }
        answers
    }
}

/// The answer to one commit, whose members came to this.
fn answer(commit: &Commit, outcomes: &[MemberOutcome]) -> Result<Vec<Committed>, RepositoryError> {
    let committed = |(member, outcome): (&Member, &MemberOutcome)| match *outcome {
        MemberOutcome::Committed { transaction_id } => Ok(member.committed(transaction_id)),
        MemberOutcome::Conflict => Err(RepositoryError::Conflict),
    };
    commit.iter().zip(outcomes).map(committed).collect()
}
