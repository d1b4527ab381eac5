//! Which database is read from.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use shared_infrastructure::database::Pool;

use super::{
    Databases,
    database::{Database, Role},
};

/// The databases worth asking, best first: standbys, another one first each time, then primaries. If none is known to be within reach,
/// all of them.
pub(super) fn in_order<'a>(databases: &'a [Arc<Database>], turn: &AtomicUsize) -> Vec<&'a Arc<Database>> {
    let roles: Vec<_> = databases.iter().map(|database| (database, database.role())).collect();
    let of_role =
        |wanted| roles.iter().filter(move |(_, role)| *role == wanted).map(|(database, _)| *database);
    let mut best: Vec<_> = of_role(Role::Standby).collect();
    let standbys = best.len().max(1);
    best.rotate_left(turn.fetch_add(1, Ordering::Relaxed) % standbys);
    best.extend(of_role(Role::Primary));
    if best.is_empty() { databases.iter().collect() } else { best }
}

/// A database that was chosen to be read from for a while.
#[derive(Clone)]
pub struct Chosen(Arc<Database>);

impl Databases {
    /// The database that the next read would go to. Whoever follows the feed stays with it as long as it serves.
    #[must_use]
    pub fn choose(&self) -> Chosen {
        let cluster = &self.0;
        Chosen(Arc::clone(in_order(&cluster.databases, &cluster.turn)[0]))
    }
}

impl Chosen {
    /// Its connections.
    #[must_use]
    pub fn pool(&self) -> &Pool {
        &self.0.pool
    }

    /// It did not answer: the next choice is another one, if there is any, until it does.
    pub fn failed(&self) {
        self.0.suspect();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use diesel_async::pooled_connection::{AsyncDieselConnectionManager, deadpool::Pool};
    use shared_infrastructure::batching::Limits;

    use super::*;
    use crate::persistence::DatabasePools;

    /// A database of each role. Nobody connects to it.
    fn databases(roles: &[Role]) -> Vec<Arc<Database>> {
        let manager = || AsyncDieselConnectionManager::new("postgres://nobody@localhost/nothing");
        let pool = Pool::builder(manager()).max_size(1).build().unwrap();
        let database = |role: &Role| {
            let database = Database::new(DatabasePools {
                place: String::new(),
                pool: pool.clone(),
                lanes: pool.clone(),
                looks: pool.clone(),
                limits: Limits { lanes: 1, batch: 1, waiting: 1 },
                patience: Duration::from_secs(1),
            });
            database.is_now(*role);
            Arc::new(database)
        };
        roles.iter().map(database).collect()
    }

    /// Which databases are asked, by their numbers, in so many choices.
    fn choices(databases: &[Arc<Database>], count: usize) -> Vec<Vec<usize>> {
        let turn = AtomicUsize::new(0);
        let number = |database| databases.iter().position(|other| Arc::ptr_eq(other, database)).unwrap();
        (0..count).map(|_| in_order(databases, &turn).into_iter().map(number).collect()).collect()
    }

    #[tokio::test]
    async fn standbys_take_turns_and_the_primary_comes_last() {
        use Role::{OutOfReach, Primary, Standby};
        let all = databases(&[Primary, Standby, OutOfReach, Standby]);
        assert_eq!(choices(&all, 4), [[1, 3, 0], [3, 1, 0], [1, 3, 0], [3, 1, 0]]);
        all[1].suspect();
        assert_eq!(choices(&all, 2), [[3, 0], [3, 0]]);
        all[3].suspect();
        assert_eq!(choices(&all, 2), [[0], [0]]);
    }

    #[tokio::test]
    async fn where_none_is_known_to_be_within_reach_all_are_tried() {
        let all = databases(&[Role::OutOfReach, Role::OutOfReach]);
        assert_eq!(choices(&all, 2), [[0, 1], [0, 1]]);
    }
}
