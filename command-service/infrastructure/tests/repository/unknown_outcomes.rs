//! How commands are run when commits fail: use cases over the repository in memory, whose commits fail as a script says.

use std::{
    collections::{BTreeSet, VecDeque},
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use command_application::{
    Answer, ChangeSet, Clock, CommandContext, CommandError, Commands, Committed, CreateOrder, Loaded,
    OrderRepository, Outcome, PublishedOrder, RepositoryError, RequestKey,
};
use command_infrastructure::{SystemClock, UuidV7Generator, memory::MemoryOrderRepository};
use shared_domain::{Actor, ActorKind, Caller, OrderId, OrderNumber, OrderSnapshot, TenantId, Timestamp};
use uuid::Uuid;

use crate::drafts;

/// What happens to a commit.
#[derive(Clone, Copy)]
enum Mishap {
    /// It takes effect, and the answer is lost.
    AnswerLost,
    /// It takes no effect, and nobody can tell.
    RequestLost,
    /// Somebody else was faster.
    Conflict,
    /// An earlier try of the same request was faster, and its answer cannot be looked up.
    AnswerOutOfReach,
}

struct Scripted {
    orders: Arc<MemoryOrderRepository>,
    mishaps: Mutex<VecDeque<Mishap>>,
    /// Whether the next answer cannot be looked up.
    out_of_reach: AtomicBool,
}

fn unknown() -> RepositoryError {
    RepositoryError::OutcomeUnknown("the connection broke".into())
}

impl OrderRepository for Scripted {
    async fn load(
        &self,
        tenant: &TenantId,
        order: OrderId,
        request: Option<Uuid>,
    ) -> Result<Loaded, RepositoryError> {
        self.orders.load(tenant, order, request).await
    }

    async fn answers(&self, tenant: &TenantId, request: Uuid) -> Result<Vec<Answer>, RepositoryError> {
        match self.out_of_reach.swap(false, Ordering::Relaxed) {
            true => Err(RepositoryError::Overloaded),
            false => self.orders.answers(tenant, request).await,
        }
    }

    async fn commit(&self, changes: Vec<ChangeSet>) -> Result<Vec<Committed>, RepositoryError> {
        let mishap = self.mishaps.lock().unwrap().pop_front();
        match mishap {
            None => self.orders.commit(changes).await,
            Some(Mishap::AnswerLost) => self.orders.commit(changes).await.and(Err(unknown())),
            Some(Mishap::RequestLost) => Err(unknown()),
            Some(Mishap::Conflict) => Err(RepositoryError::Conflict),
            Some(Mishap::AnswerOutOfReach) => {
                self.out_of_reach.store(true, Ordering::Relaxed);
                self.orders.commit(changes).await.and(Err(RepositoryError::RequestAnswered))
            }
        }
    }

    async fn check_creation(&self, change: &ChangeSet) -> Result<(), RepositoryError> {
        self.orders.check_creation(change).await
    }

    async fn next_order_number(&self) -> Result<OrderNumber, RepositoryError> {
        self.orders.next_order_number().await
    }

    fn publish(&self, order: &OrderSnapshot) -> PublishedOrder {
        self.orders.publish(order)
    }
}

/// Waits for nothing.
struct Impatient;

impl Clock for Impatient {
    fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    fn pause(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async {})
    }
}

fn caller() -> Caller {
    let actor = Actor { kind: ActorKind::User, subject: "ada".into() };
    Caller { tenant: TenantId::new("acme").unwrap(), actor, scopes: BTreeSet::new() }
}

const REQUEST: RequestKey = RequestKey { id: Uuid::from_u128(7), part: 0, hash: [7; 32] };

/// Creates an order, and tells how often it was created after all.
async fn create(mishaps: &[Mishap], request: Option<RequestKey>) -> (Result<Outcome, CommandError>, usize) {
    let orders = Arc::new(MemoryOrderRepository::new());
    let scripted = Scripted {
        orders: Arc::clone(&orders),
        mishaps: Mutex::new(mishaps.iter().copied().collect()),
        out_of_reach: AtomicBool::new(false),
    };
    let commands = Commands::new(scripted, Impatient, UuidV7Generator);
    let context = CommandContext {
        caller: caller(),
        request,
        expected_version: None,
        validate_only: false,
        traceparent: None,
        deadline: None,
    };
    let command = CreateOrder { id: None, draft: drafts::plain(), place: false, expected_total: None };
    let result = commands.run(&command, &context).await;
    let effects = orders.answers(&context.caller.tenant, REQUEST.id).await.unwrap().len();
    (result, effects)
}

#[tokio::test]
async fn an_answer_that_was_lost_is_found_by_its_request() {
    let (result, effects) = create(&[Mishap::AnswerLost], Some(REQUEST)).await;
    assert!(result.unwrap().replayed);
    assert_eq!(effects, 1);
}

#[tokio::test]
async fn an_answer_that_cannot_be_looked_up_is_no_proof_that_nothing_was_done() {
    let (result, effects) = create(&[Mishap::AnswerOutOfReach], Some(REQUEST)).await;
    assert!(result.unwrap().replayed);
    assert_eq!(effects, 1);

    let (result, effects) = create(&[Mishap::AnswerOutOfReach; 50], Some(REQUEST)).await;
    assert!(
        matches!(result, Err(CommandError::Repository(RepositoryError::OutcomeUnknown(_)))),
        "{result:?}"
    );
    assert_eq!(effects, 1);
}

#[tokio::test]
async fn a_commit_that_was_lost_is_made_again() {
    let (result, effects) = create(&[Mishap::RequestLost, Mishap::RequestLost], Some(REQUEST)).await;
    assert_eq!((result.unwrap().orders[0].version, effects), (1, 1));
}

#[tokio::test]
async fn without_a_request_an_unknown_outcome_is_not_tried_again() {
    let (result, _) = create(&[Mishap::RequestLost], None).await;
    assert!(
        matches!(result, Err(CommandError::Repository(RepositoryError::OutcomeUnknown(_)))),
        "{result:?}"
    );
}

#[tokio::test]
async fn patience_ends_and_then_the_outcome_is_unknown() {
    let (result, effects) = create(&[Mishap::RequestLost; 50], Some(REQUEST)).await;
    assert!(
        matches!(result, Err(CommandError::Repository(RepositoryError::OutcomeUnknown(_)))),
        "{result:?}"
    );
    assert_eq!(effects, 0);
}

#[tokio::test]
async fn conflicts_without_end_are_told_as_such_unless_the_outcome_is_unknown() {
    let (result, _) = create(&[Mishap::Conflict; 50], Some(REQUEST)).await;
    assert!(matches!(result, Err(CommandError::ConcurrentUpdate)), "{result:?}");

    let mishaps: Vec<_> = [Mishap::RequestLost].into_iter().chain([Mishap::Conflict; 50]).collect();
    let (result, _) = create(&mishaps, Some(REQUEST)).await;
    assert!(
        matches!(result, Err(CommandError::Repository(RepositoryError::OutcomeUnknown(_)))),
        "{result:?}"
    );
}
