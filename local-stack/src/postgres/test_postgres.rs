//! Databases for tests: one server per test process, one migrated template, one copy of it per test.

use std::{
    error::Error,
    future::Future,
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use tokio::{sync::OnceCell, task};

use super::{
    Durability, Logins, PostgresError, PostgresOptions, PostgresServer, Role, Storage, roles::role_url,
    sql::execute,
};

const TEMPLATE: &str = "migrated_template";
static SHARED: OnceCell<TestPostgres> = OnceCell::const_new();

/// The server of a test process. It and its data are gone soon after the process, however that ends.
///
/// ```no_run
/// # async fn example() -> Result<(), local_stack::PostgresError> {
/// use local_stack::TestPostgres;
/// # async fn migrate(url: String) -> Result<(), std::io::Error> { Ok(()) }
/// let database = TestPostgres::shared().await?.template(migrate).await?.database().await?;
/// println!("{}", database.url());
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct TestPostgres {
    server: PostgresServer,
    template: OnceCell<Template>,
}

impl TestPostgres {
    /// The server of this process, started by the first call. Its commits do not wait for the disk.
    pub async fn shared() -> Result<&'static Self, PostgresError> {
        SHARED
            .get_or_try_init(|| async {
                let options = PostgresOptions {
                    storage: Storage::ThrowAway,
                    durability: Durability::None,
                    settings: vec![("max_connections".to_owned(), "300".to_owned())],
                };
                let start = task::spawn_blocking(move || PostgresServer::start(&options));
                let server = start.await.expect("starting a server does not panic")?;
                Ok(Self { server, template: OnceCell::new() })
            })
            .await
    }

    /// The template that databases are copied from. The first call creates it and hands its URL, for the owner, to `migrate`, which
    /// must have closed its connections when it is done; later calls do not look at their `migrate`.
    pub async fn template<F, O, E>(&'static self, migrate: F) -> Result<&'static Template, PostgresError>
    where
        F: FnOnce(String) -> O,
        O: Future<Output = Result<(), E>>,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        self.template
            .get_or_try_init(|| async {
                let admin = self.server.url("postgres");
                execute(&admin, &format!("DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)")).await?;
                execute(&admin, &format!("CREATE DATABASE {TEMPLATE}")).await?;
                self.server.make_roles(TEMPLATE).await?;
                migrate(role_url(&self.server.url(TEMPLATE), Role::Owner))
                    .await
                    .map_err(|error| PostgresError::Migrate(error.into()))?;
                // Nobody may hold on to a database that is to be copied.
                execute(&admin, &format!("ALTER DATABASE {TEMPLATE} WITH ALLOW_CONNECTIONS false")).await?;
                Ok(Template { server: &self.server, last: AtomicU32::new(0) })
            })
            .await
    }

    /// A new database without anything in it.
    pub async fn empty_database(&'static self) -> Result<TestDatabase, PostgresError> {
        static LAST: AtomicU32 = AtomicU32::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed) + 1;
        TestDatabase::create(&self.server, format!("empty_{number}"), "template0").await
    }

    /// The server itself.
    pub fn server(&self) -> &PostgresServer {
        &self.server
    }
}

/// A migrated database to copy.
#[derive(Debug)]
pub struct Template {
    server: &'static PostgresServer,
    last: AtomicU32,
}

impl Template {
    /// A new copy, for one test.
    pub async fn database(&self) -> Result<TestDatabase, PostgresError> {
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        TestDatabase::create(self.server, format!("test_{number}"), TEMPLATE).await
    }
}

/// A database of one test, dropped with this value, connections to it or not.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    url: String,
    admin: String,
}

impl TestDatabase {
    async fn create(server: &PostgresServer, name: String, template: &str) -> Result<Self, PostgresError> {
        let admin = server.url("postgres");
        execute(&admin, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await?;
        Ok(Self { url: server.url(&name), name, admin })
    }

    /// Its name on the server.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The URL to connect to it with, as the superuser `postgres`. It holds no secret.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The URL to connect to a copy of a template with, as one of those who work with it. It holds no secret.
    pub fn url_of(&self, role: Role) -> String {
        role_url(&self.url, role)
    }

    /// All of [`TestDatabase::url_of`].
    pub fn logins(&self) -> Logins {
        let (owner, writer, reader) = (Role::Owner, Role::Writer, Role::Reader);
        Logins { owner: self.url_of(owner), writer: self.url_of(writer), reader: self.url_of(reader) }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (admin, statement) = (self.admin.clone(), format!("DROP DATABASE {} WITH (FORCE)", self.name));
        // A drop cannot wait, and the runtime of the test may be about to end: this has a thread of its own, and if the
        // process ends before it is done, the whole server goes.
        thread::spawn(move || {
            if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() {
                runtime.block_on(execute(&admin, &statement)).ok();
            }
        });
    }
}
