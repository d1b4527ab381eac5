//! Running a use case: the one place of idempotent replay, of trying again after a conflict, and of unknown outcomes.

use std::{future::Future, sync::Arc};

use crate::{
    Clock, CommandContext, CommandError, IdGenerator, OrderRepository, Outcome, RepositoryError, UnitOfWork,
    unit_of_work::look_up_answer,
};

/// How often a command is decided anew because others changed the order, before it is given up.
const MAX_ATTEMPTS: u32 = 32;

/// One command: data, and what to do about it.
pub trait UseCase: Send + Sync {
    /// Carries the command out in one unit of work; the last line is its `commit`. It may be called again, with a new unit
    /// of work, if others changed the order in between.
    fn handle<R: OrderRepository>(
        &self,
        work: UnitOfWork<'_, R>,
    ) -> impl Future<Output = Result<Outcome, CommandError>> + Send;
}

/// Runs commands against a repository.
#[derive(Clone)]
pub struct Commands<R> {
    repository: Arc<R>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
}

impl<R: OrderRepository> Commands<R> {
    /// With these ports.
    pub fn new(repository: R, clock: impl Clock, ids: impl IdGenerator) -> Self {
        Self { repository: Arc::new(repository), clock: Arc::new(clock), ids: Arc::new(ids) }
    }

    /// Carries a command out, once: a request that was answered before gets the same answer again, and a commit whose outcome
    /// is unknown is tried again only if the request's id makes that safe.
    ///
    /// # Errors
    /// [`CommandError`], but never [`CommandError::Answered`].
    pub async fn run<U: UseCase>(
        &self,
        command: &U,
        context: &CommandContext,
    ) -> Result<Outcome, CommandError> {
        let repository = &*self.repository;
        let mut unknown = None;
        for _ in 0..MAX_ATTEMPTS {
            let work = UnitOfWork::begin(repository, &*self.clock, &*self.ids, context);
            let result = match command.handle(work).await {
                Err(CommandError::Repository(error)) => after_failed_commit(repository, context, error).await,
                other => other.map(Some),
            };
            match result {
                Ok(Some(outcome)) | Err(CommandError::Answered(outcome)) => return Ok(outcome),
                Ok(None) => {}
                Err(CommandError::Repository(RepositoryError::OutcomeUnknown(source)))
                    if unknown.is_none() =>
                {
                    if context.request.is_none() {
                        return Err(RepositoryError::OutcomeUnknown(source).into());
                    }
                    unknown = Some(source);
                }
                Err(error) => {
                    return Err(unknown.map_or(error, |source| RepositoryError::OutcomeUnknown(source).into()));
                }
            }
        }
        Err(CommandError::ConcurrentUpdate)
    }
}

/// What to do about a commit that failed: nothing (`Ok(None)`) if the command has to be decided anew, since others got in
/// between. If the same request did, its answer is the answer.
async fn after_failed_commit<R: OrderRepository>(
    repository: &R,
    context: &CommandContext,
    error: RepositoryError,
) -> Result<Option<Outcome>, CommandError> {
    match error {
        RepositoryError::Conflict | RepositoryError::RequestAnswered => {
            look_up_answer(repository, context).await?;
            Ok(None)
        }
        RepositoryError::OrderExists(_) | RepositoryError::ExternalReferenceTaken => {
            look_up_answer(repository, context).await?;
            Err(error.into())
        }
        other => Err(other.into()),
    }
}
