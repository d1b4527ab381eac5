//! The Unit of Work: what one command read and wants to write. It is the transaction boundary, yet no database transaction is
//! open while a use case decides: `commit` hands over one change set, checked against what was loaded. Dropping it changes
//! nothing.

use std::time::Instant;

use shared_domain::{Caller, Order, OrderId, OrderNumber, OrderSnapshot, TenantId, Timestamp};

use crate::{
    Answer, ChangeSet, Clock, CommandError, Committed, IdGenerator, OrderRepository, RequestKey,
    turns::{Turn, Turns},
};

/// Who sent a command, and what they said besides the command itself.
#[derive(Debug, Clone)]
pub struct CommandContext {
    /// Who calls.
    pub caller: Caller,
    /// What makes the request known when it is repeated; its part is 0.
    pub request: Option<RequestKey>,
    /// The version that the order has to be at, if the caller cares.
    pub expected_version: Option<u64>,
    /// Do everything but commit.
    pub validate_only: bool,
    /// The trace that the command belongs to, as the W3C's `traceparent`.
    pub traceparent: Option<String>,
    /// When the caller stops waiting, if ever.
    pub deadline: Option<Instant>,
}

/// The answer to a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The orders that it was about, in the order of the request; one, except for batches.
    pub orders: Vec<Committed>,
    /// Whether it was given before.
    pub replayed: bool,
}

/// One command's view of the orders. See the module.
pub struct UnitOfWork<'a, R> {
    repository: &'a R,
    ids: &'a dyn IdGenerator,
    context: &'a CommandContext,
    turns: &'a Turns,
    /// Its turn on the order that it has loaded: until it ends.
    turn: Option<Turn<'a>>,
    now: Timestamp,
    loaded: Vec<OrderSnapshot>,
    saved: Vec<Order>,
}

impl<'a, R: OrderRepository> UnitOfWork<'a, R> {
    pub(crate) fn begin(
        repository: &'a R,
        clock: &dyn Clock,
        ids: &'a dyn IdGenerator,
        turns: &'a Turns,
        context: &'a CommandContext,
    ) -> Self {
        Self { repository, ids, context, turns, turn: None, now: clock.now(), loaded: vec![], saved: vec![] }
    }

    /// The time of this unit of work.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// An id for a new order.
    #[must_use]
    pub fn new_order_id(&self) -> OrderId {
        self.ids.order_id()
    }

    /// A number for an order to be placed. If it is not used, it is a gap.
    ///
    /// # Errors
    /// If the repository has none.
    pub async fn next_order_number(&self) -> Result<OrderNumber, CommandError> {
        Ok(self.repository.next_order_number().await?)
    }

    /// Loads an order, to be changed and saved, once no other command of this process is at it. A unit of work loads one order.
    ///
    /// # Errors
    /// [`CommandError::Answered`] if the request was carried out before, [`CommandError::RequestIdReused`],
    /// [`CommandError::OrderNotFound`], [`CommandError::VersionMismatch`].
    pub async fn get(&mut self, id: OrderId) -> Result<Order, CommandError> {
        self.turn = Some(self.turns.take(id).await);
        let request = self.context.request;
        let found = self.repository.load(self.tenant(), id, request.map(|request| request.id)).await?;
        if let (Some(request), Some(answer)) = (request, found.answer) {
            return Err(answered(request, vec![answer]));
        }
        let order = found.order.ok_or(CommandError::OrderNotFound(id))?;
        let current = order.snapshot().version;
        if let Some(expected) = self.context.expected_version.filter(|expected| *expected != current) {
            return Err(CommandError::VersionMismatch { expected, current });
        }
        self.loaded.push(order.snapshot().clone());
        Ok(order)
    }

    /// Takes an order, new or changed, to be committed.
    pub fn save(&mut self, order: Order) {
        self.saved.push(order);
    }

    /// Commits what was saved, all of it or nothing, and nothing at all if the caller only wants to validate.
    ///
    /// # Errors
    /// [`CommandError::Repository`].
    pub async fn commit(self) -> Result<Outcome, CommandError> {
        let Self { repository, context, loaded, saved, .. } = self;
        let changed = saved.iter().any(|order| !order.events().is_empty());
        if !changed {
            let unchanged = saved.iter().map(|order| answer_without_commit(repository, order)).collect();
            return Ok(Outcome { orders: unchanged, replayed: false });
        }
        let changes = saved.into_iter().zip(0..).map(|(order, part)| ChangeSet {
            tenant: context.caller.tenant.clone(),
            loaded: loaded.iter().find(|loaded| loaded.id == order.snapshot().id).cloned(),
            order,
            actor: context.caller.actor.clone(),
            request: context.request.map(|request| RequestKey { part, ..request }),
            traceparent: context.traceparent.clone(),
            deadline: context.deadline,
        });
        let changes: Vec<_> = changes.collect();
        if context.validate_only {
            look_up_answer(repository, context).await?;
            for change in changes.iter().filter(|change| change.loaded.is_none()) {
                repository.check_creation(change).await?;
            }
            let orders =
                changes.iter().map(|change| answer_without_commit(repository, &change.order)).collect();
            return Ok(Outcome { orders, replayed: false });
        }
        Ok(Outcome { orders: repository.commit(changes).await?, replayed: false })
    }

    fn tenant(&self) -> &'a TenantId {
        &self.context.caller.tenant
    }
}

fn answer_without_commit<R: OrderRepository>(repository: &R, order: &Order) -> Committed {
    let snapshot = order.snapshot();
    let published = (!order.is_deleted()).then(|| repository.publish(snapshot));
    Committed { order: snapshot.id, version: snapshot.version, published, transaction_id: 0 }
}

/// What a request that was seen before comes to.
pub(crate) fn answered(request: RequestKey, answers: Vec<Answer>) -> CommandError {
    if answers.iter().any(|answer| answer.request_hash != request.hash) {
        return CommandError::RequestIdReused;
    }
    let orders = answers.into_iter().map(|answer| answer.committed).collect();
    CommandError::Answered(Outcome { orders, replayed: true })
}

/// The first answer to a request that may have been carried out in the meantime.
pub(crate) async fn look_up_answer<R: OrderRepository>(
    repository: &R,
    context: &CommandContext,
) -> Result<(), CommandError> {
    let Some(request) = context.request else { return Ok(()) };
    match repository.answers(&context.caller.tenant, request.id).await? {
        answers if answers.is_empty() => Ok(()),
        answers => Err(answered(request, answers)),
    }
}
