//! A run: everything is started, put under load and made to fail, comes to rest, and is looked at.

mod finale;

use std::{fs, io, path::PathBuf, sync::Arc, time::Duration};

use local_stack::{NatsError, PostgresError, ServiceError};
use tokio::{
    sync::oneshot,
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout},
};

use crate::{
    actors::{self, World},
    history::Recorder,
    plan::{NODES, Node, Step, plan},
    report::{Done, Report},
    system::System,
};

const CLIENTS: u64 = 8;
const TWIN_GROUPS: u64 = 3;
const READERS: u64 = 2;
const WATCHES: u8 = 2;

/// How long everybody may take to see through what they are at, once nothing fails any more.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many commands are acknowledged between two faults, at least,
const PROGRESS: u64 = 10;
/// unless it takes longer than this.
const NO_PROGRESS: Duration = Duration::from_secs(5);

/// What to do.
#[derive(Debug, Clone)]
pub struct Options {
    /// What decides everything that is left to chance here.
    pub seed: u64,
    /// How long things fail.
    pub duration: Duration,
    /// Where the history is written.
    pub folder: PathBuf,
    /// Where the command services end by themselves, as FAILPOINTS says it; they have to be built with failpoints then.
    pub failpoints: Option<String>,
}

/// Why a run could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum ChaosError {
    /// PostgreSQL did not start.
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    /// NATS did not start.
    #[error(transparent)]
    Nats(#[from] NatsError),
    /// A service did not start.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The database could not be asked.
    #[error("the database could not be asked: {0}")]
    Sql(#[from] tokio_postgres::Error),
    /// The stream could not be read.
    #[error("the stream could not be read: {0}")]
    Stream(Box<dyn std::error::Error + Send + Sync>),
    /// The history could not be written, or there was no port left.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It took longer than it ever should.
    #[error("not so after a minute without faults: {0}")]
    Stuck(&'static str),
}

/// Runs everything, has it fail, and looks at what came of it.
///
/// # Errors
/// [`ChaosError`] if there is nothing to look at. What is not as promised is in the report.
pub async fn run(options: &Options) -> Result<Report, ChaosError> {
    fs::create_dir_all(&options.folder)?;
    let history = options.folder.join(format!("seed-{}.jsonl", options.seed));
    let mut data = tempfile::Builder::new();
    // PostgreSQL may run as somebody else.
    let data = data.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755));
    let data = data.prefix("orders-chaos-").tempdir()?;
    let system = System::start(data.path(), options.failpoints.as_deref()).await?;
    let at = |node| (node, system.front(node));
    let world = World::new(
        Recorder::create(&history)?,
        (0..NODES).map(|number| at(Node::Command(number))).collect(),
        (0..NODES).map(|number| at(Node::Query(number))).collect(),
    );
    let mut watches = begin_watches(&world).await?;
    let watching = {
        let system = Arc::clone(&system);
        tokio::spawn(async move { system.watch_over().await })
    };
    let callers = begin_load(&world, options.seed);
    let done = disturb(&world, &system, options).await?;

    world.stop.cancel();
    if timeout(PATIENCE, callers.join_all()).await.is_err() {
        return Err(ChaosError::Stuck("every call is seen through"));
    }
    let mut verdicts = finale::verdicts(&world, &system, WATCHES).await?;
    world.give_up.cancel();
    while watches.join_next().await.is_some() {}
    watching.abort();
    verdicts.push(finale::deaths(&system, done.len()));
    let report = Report::new(options.seed, history, &world.recorder.history()?, done, verdicts);
    system.stop().await;
    Ok(report)
}

/// Watches that have seen the beginning.
async fn begin_watches(world: &Arc<World>) -> Result<JoinSet<()>, ChaosError> {
    let mut watches = JoinSet::new();
    for number in 0..WATCHES {
        let (caught_up, ready) = oneshot::channel();
        watches.spawn(actors::watch(Arc::clone(world), number, caught_up));
        let ready = timeout(PATIENCE, ready).await.is_ok_and(|ready| ready.is_ok());
        ready.then_some(()).ok_or(ChaosError::Stuck("a watch has caught up"))?;
    }
    Ok(watches)
}

fn begin_load(world: &Arc<World>, seed: u64) -> JoinSet<()> {
    let mut callers = JoinSet::new();
    let seed = |number: u64| seed.wrapping_mul(1_000).wrapping_add(number);
    for number in 0..CLIENTS {
        callers.spawn(actors::client(Arc::clone(world), seed(number)));
    }
    for number in 100..100 + TWIN_GROUPS {
        callers.spawn(actors::twins(Arc::clone(world), seed(number)));
    }
    for number in 200..200 + READERS {
        callers.spawn(actors::reader(Arc::clone(world), seed(number)));
    }
    callers
}

/// Waits until something was acknowledged since the last time, but not for ever: on a slow machine, there would be nothing to lose.
async fn progress(world: &World, acknowledged: &mut u64) {
    let begin = Instant::now();
    while world.recorder.acknowledged_so_far() < *acknowledged + PROGRESS && begin.elapsed() < NO_PROGRESS {
        sleep(Duration::from_millis(10)).await;
    }
    *acknowledged = world.recorder.acknowledged_so_far();
}

/// Has everything of the plan fail at its time, and waits until all of it is mended: what was done.
async fn disturb(
    world: &Arc<World>,
    system: &Arc<System>,
    options: &Options,
) -> Result<Vec<Done>, ChaosError> {
    let begin = Instant::now();
    let mut acknowledged = 0;
    let mut faults: JoinSet<Result<Option<Done>, ChaosError>> = JoinSet::new();
    for Step { at, fault } in plan(options.seed, options.duration) {
        sleep_until(begin + at).await;
        progress(world, &mut acknowledged).await;
        if begin.elapsed() > options.duration {
            break;
        }
        let (world, system) = (Arc::clone(world), Arc::clone(system));
        faults.spawn(async move {
            let done = system.apply(fault).await?;
            world.recorder.fault(&fault, done.unwrap_or("nothing"));
            Ok(done.map(|to| Done { fault, to }))
        });
    }
    sleep_until(begin + options.duration).await;
    let mut done = Vec::new();
    for fault in faults.join_all().await {
        done.extend(fault?);
    }
    system.heal();
    Ok(done)
}
