//! Running a use case: the one place of idempotent replay, of trying again after a conflict, and of unknown outcomes.

use std::{future::Future, sync::Arc, time::Duration};

use crate::{
    Clock, CommandContext, CommandError, IdGenerator, OrderRepository, Outcome, RepositoryError, UnitOfWork,
    turns::Turns, unit_of_work::look_up_answer,
};

/// How often a command is decided anew because others changed the order, before it is given up.
const MAX_ATTEMPTS: u32 = 32;

/// How many milliseconds to wait before looking again into a commit whose outcome is unknown: about three seconds in all, in
/// which PostgreSQL comes back from a restart.
const PAUSES: [u64; 6] = [50, 100, 200, 400, 800, 1600];

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
    turns: Arc<Turns>,
}

impl<R: OrderRepository> Commands<R> {
    /// With these ports.
    pub fn new(repository: R, clock: impl Clock, ids: impl IdGenerator) -> Self {
        Self {
            repository: Arc::new(repository),
            clock: Arc::new(clock),
            ids: Arc::new(ids),
            turns: Arc::default(),
        }
    }

    /// Carries a command out, once: a request that was answered before gets the same answer again, and a commit whose outcome
    /// is unknown is looked into for a few seconds, if the request's id makes it safe to try again.
    ///
    /// # Errors
    /// [`CommandError`], but never [`CommandError::Answered`].
    pub async fn run<U: UseCase>(
        &self,
        command: &U,
        context: &CommandContext,
    ) -> Result<Outcome, CommandError> {
        let mut unknown = None;
        let mut pauses = PAUSES.into_iter().map(Duration::from_millis);
        for _ in 0..MAX_ATTEMPTS {
            let error = match self.attempt(command, context).await {
                Ok(Some(outcome)) | Err(CommandError::Answered(outcome)) => return Ok(outcome),
                Ok(None) => continue,
                Err(error) => error,
            };
            let look_again = match error {
                CommandError::Repository(RepositoryError::OutcomeUnknown(source)) => {
                    unknown.get_or_insert(source);
                    context.request.is_some()
                }
                CommandError::Repository(RepositoryError::Unavailable(_)) if unknown.is_some() => true,
                error if unknown.is_none() => return Err(error),
                _ => false,
            };
            match pauses.next() {
                Some(pause) if look_again => self.clock.pause(pause).await,
                _ => break,
            }
        }
        Err(unknown
            .map_or(CommandError::ConcurrentUpdate, |source| RepositoryError::OutcomeUnknown(source).into()))
    }

    /// Decides and commits once; `None` if it has to be decided anew.
    async fn attempt<U: UseCase>(
        &self,
        command: &U,
        context: &CommandContext,
    ) -> Result<Option<Outcome>, CommandError> {
        let work = UnitOfWork::begin(&*self.repository, &*self.clock, &*self.ids, &self.turns, context);
        match command.handle(work).await {
            Err(CommandError::Repository(error)) => {
                after_failed_commit(&*self.repository, context, error).await
            }
            other => other.map(Some),
        }
    }
}

/// What to do about a commit that failed: nothing (`Ok(None)`) if the command has to be decided anew, since others got in
/// between. If the same request did, its answer is the answer; and while nobody can tell whether it did, the outcome is unknown.
async fn after_failed_commit<R: OrderRepository>(
    repository: &R,
    context: &CommandContext,
    error: RepositoryError,
) -> Result<Option<Outcome>, CommandError> {
    match error {
        RepositoryError::Conflict | RepositoryError::RequestAnswered => {
            look_up_answer(repository, context).await.map_err(unknown_without_an_answer)?;
            Ok(None)
        }
        RepositoryError::OrderExists(_) | RepositoryError::ExternalReferenceTaken => {
            look_up_answer(repository, context).await.map_err(unknown_without_an_answer)?;
            Err(error.into())
        }
        other => Err(other.into()),
    }
}

/// The error of a look-up that failed, where an earlier try of the request may be what got in between.
fn unknown_without_an_answer(error: CommandError) -> CommandError {
    match error {
        CommandError::Repository(source) => RepositoryError::OutcomeUnknown(source.into()).into(),
        other => other,
    }
}
