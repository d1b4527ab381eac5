//! Committing in batches: what callers commit while a statement is under way is committed by the next one.

use std::{sync::Arc, time::Duration};

use command_application::{Committed, RepositoryError};
use futures_util::FutureExt as _;
use shared_infrastructure::{
    batching::Work,
    database::{self, Pool, StatementError},
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
    /// How long a statement may go unanswered.
    pub(super) patience: Duration,
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

    /// An order, with whatever rows it has, weighs one.
    fn weight(&self, commit: &Commit) -> usize {
        commit.len()
    }

    /// One statement for all of them. If it is refused, nobody's rows were written. Then whoever's key was taken is tried alone, and
    /// the others without him; if nobody can be named, both halves, until those that are refused are by themselves. If it waited for
    /// a lock too long, each is tried alone: all but one need not wait again.
    async fn run(&self, batch: Vec<Commit>) -> Vec<Self::Answer> {
        let batch: Arc<[Commit]> = batch.into();
        let mut answers: Vec<_> = batch.iter().map(|_| None).collect();
        let mut parts: Vec<Vec<usize>> = vec![(0..batch.len()).collect()];
        while let Some(part) = parts.pop() {
            match self.commit(&batch, &part).await {
                Ok(committed) => {
                    for (at, committed) in part.into_iter().zip(committed) {
                        answers[at] = Some(committed);
                    }
                }
                Err(failure) if part.len() > 1 && errors::has_one_to_blame(&failure) => {
                    let is_to_blame = |at: &usize| errors::is_to_blame(&failure, &batch[*at]);
                    let (named, others): (Vec<_>, Vec<_>) = part.iter().partition(|at| is_to_blame(at));
                    if named.is_empty() || others.is_empty() {
                        let (first, second) = part.split_at(part.len() / 2);
                        parts.extend([second.to_vec(), first.to_vec()]);
                    } else {
                        parts.extend([named, others]);
                    }
                }
                Err(failure) if part.len() > 1 && errors::is_contended(&failure) => {
                    parts.extend(part.into_iter().rev().map(|at| vec![at]));
                }
                Err(failure) => {
                    let failure = Arc::new(failure);
                    for at in part {
                        answers[at] = Some(Err(errors::of_commit(&failure, &batch[at])));
                    }
                }
            }
        }
        answers.into_iter().map(|answer| answer.expect("every commit is in a part")).collect()
    }
}

impl Committer {
    /// Commits some of a batch, by one statement.
    async fn commit(
        &self,
        batch: &Arc<[Commit]>,
        part: &[usize],
    ) -> Result<Vec<Result<Vec<Committed>, RepositoryError>>, StatementError> {
        let statement = (Arc::clone(batch), part.to_vec());
        let committing = database::run(&self.pool, self.patience, move |connection| {
            let (batch, part) = statement.clone();
            async move { commit_batch(connection, part.iter().flat_map(|at| &batch[*at])).await }.boxed()
        });
        let mut outcomes = committing.await?.into_iter();
        let answers = part.iter().map(|at| {
            let of_commit: Vec<_> = outcomes.by_ref().take(batch[*at].len()).collect();
            answer(&batch[*at], &of_commit)
        });
        Ok(answers.collect())
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
