//! Committing in batches: what callers commit while a statement is under way is committed by the next one.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use command_application::{Committed, RepositoryError};
use futures_util::FutureExt as _;
use shared_infrastructure::{
    batching::{NotDone, Work, Worth},
    database::{self, Pool, StatementError},
};
use tokio_util::sync::CancellationToken;
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
pub(super) struct Commit {
    pub(super) members: Vec<Member>,
    /// When the caller stops waiting, if ever.
    pub(super) deadline: Option<Instant>,
}

impl Work for Committer {
    type Item = Commit;
    type Answer = Result<Vec<Committed>, RepositoryError>;

    /// The orders, since a statement changes an order once, and the request, which has one answer.
    fn keys(&self, commit: &Commit) -> impl Iterator<Item = Uuid> {
        let orders = commit.members.iter().map(|member| member.order.uuid());
        orders.chain(commit.members.first().and_then(|member| member.history.request_id))
    }

    /// An order, with whatever rows it has, weighs one.
    fn weight(&self, commit: &Commit) -> usize {
        commit.members.len()
    }

    /// A caller who goes away may count on what he sent. One whose deadline passes was told that it may not have taken effect.
    fn worth(&self, commit: &Commit) -> Worth {
        Worth::Until(commit.deadline)
    }

    /// One statement for all of them. If it is refused, nobody's rows were written. Then whoever's key was taken is tried alone, and
    /// the others without him; if nobody can be named, both halves, until those that are refused are by themselves. If it waited for
    /// a lock too long, each is tried alone: all but one need not wait again. What is too late by then is not sent. A statement that
    /// is stopped, because it is too late for all of it, is undone by PostgreSQL as a whole, or was committed already.
    async fn run(&self, batch: Vec<Commit>, worthless: &CancellationToken) -> Vec<Self::Answer> {
        let batch: Arc<[Commit]> = batch.into();
        let mut answers: Vec<_> = batch.iter().map(|_| None).collect();
        let mut parts: Vec<Vec<usize>> = vec![(0..batch.len()).collect()];
        while let Some(part) = parts.pop() {
            let now = Instant::now();
            let is_late = |at: &usize| batch[*at].deadline.is_some_and(|deadline| deadline <= now);
            let (late, part): (Vec<_>, Vec<_>) = part.into_iter().partition(is_late);
            for at in late {
                answers[at] = Some(Err(errors::of_commit_not_done(NotDone::Late)));
            }
            match self.commit(&batch, &part, worthless).await {
                Ok(committed) => {
                    for (at, committed) in part.into_iter().zip(committed) {
                        answers[at] = Some(committed);
                    }
                }
                Err(failure) if part.len() > 1 && errors::has_one_to_blame(&failure) => {
                    let is_to_blame = |at: &usize| errors::is_to_blame(&failure, &batch[*at].members);
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
                        answers[at] = Some(Err(errors::of_commit(&failure, &batch[at].members)));
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
        worthless: &CancellationToken,
    ) -> Result<Vec<Result<Vec<Committed>, RepositoryError>>, StatementError> {
        if part.is_empty() {
            return Ok(vec![]);
        }
        let statement = (Arc::clone(batch), part.to_vec());
        let committing = database::run_unless(&self.pool, self.patience, worthless, move |connection| {
            let (batch, part) = statement.clone();
            async move { commit_batch(connection, part.iter().flat_map(|at| &batch[*at].members)).await }
                .boxed()
        });
        let mut outcomes = committing.await?.into_iter();
        let answers = part.iter().map(|at| {
            let members = &batch[*at].members;
            let of_commit: Vec<_> = outcomes.by_ref().take(members.len()).collect();
            answer(members, &of_commit)
        });
        Ok(answers.collect())
    }
}

/// The answer to one commit, whose members came to this.
fn answer(members: &[Member], outcomes: &[MemberOutcome]) -> Result<Vec<Committed>, RepositoryError> {
    let committed = |(member, outcome): (&Member, &MemberOutcome)| match *outcome {
        MemberOutcome::Committed { transaction_id } => Ok(member.committed(transaction_id)),
        MemberOutcome::Conflict => Err(RepositoryError::Conflict),
    };
    members.iter().zip(outcomes).map(committed).collect()
}
