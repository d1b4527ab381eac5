//! TLS to a real PostgreSQL, which shows a certificate for `localhost`.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    time::Duration,
};

use clap::Parser;
use diesel::sql_types::Bool;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use futures_util::FutureExt as _;
use local_stack::{Durability, PostgresOptions, PostgresServer, Storage};
use shared_infrastructure::{
    config::{DatabaseArgs, parse_from},
    database::{self, Access, Pool},
};
use tempfile::TempDir;

use crate::{certificates::Authority, soon};

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(diesel::QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    yes: bool,
}

/// A server with TLS, and what its clients need: `ca.pem`, `other.pem`, and the certificates `certified` and `expired`.
struct Secured {
    server: PostgresServer,
    folder: TempDir,
}

impl Secured {
    /// None if PostgreSQL was built without TLS, as the one is that is downloaded where none is installed.
    async fn start() -> Option<Self> {
        let options = PostgresOptions {
            storage: Storage::ThrowAway,
            durability: Durability::None,
            settings: Vec::new(),
        };
        let started = tokio::task::spawn_blocking(move || PostgresServer::start(&options).unwrap());
        let secured = Self { server: started.await.unwrap(), folder: tempfile::tempdir().unwrap() };
        let admin = pool(&secured.server.url("postgres"), &[]);
        let has_tls = "SELECT setting <> '' AS yes FROM pg_settings WHERE name = 'ssl_library'";
        if !is(&admin, has_tls).await.unwrap() {
            eprintln!("NOTE: PostgreSQL was built without TLS here, so TLS to it was NOT tried");
            return None;
        }
        let (authority, folder) = (Authority::new(), secured.folder.path());
        fs::write(folder.join("ca.pem"), authority.text()).unwrap();
        fs::write(folder.join("other.pem"), Authority::new().text()).unwrap();
        authority.sign("certified").write(folder, "certified");
        authority.sign_too_late("certified").write(folder, "expired");
        secured.install(&authority);
        let roles = "CREATE ROLE certified LOGIN; CREATE ROLE guarded LOGIN; SELECT pg_reload_conf()";
        admin.get().await.unwrap().batch_execute(roles).await.unwrap();
        soon(async {
            while !secured.is_encrypted("localhost", "sslmode=prefer", &[]).await.is_ok_and(|yes| yes) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await;
        Some(secured)
    }

    /// Puts the server's files where it reads them, as its own user's.
    fn install(&self, authority: &Authority) {
        let data = self.server.data_folder();
        let owner = fs::metadata(data).unwrap();
        authority.sign("localhost").write(data, "tls");
        fs::write(data.join("ca.pem"), authority.text()).unwrap();
        let rules = "hostssl all certified 127.0.0.1/32 cert\nhostssl all guarded 127.0.0.1/32 trust\n\
                     local all all trust\nhost all postgres 127.0.0.1/32 scram-sha-256\n";
        fs::write(data.join("pg_hba.conf"), rules).unwrap();
        let settings =
            "ssl = on\nssl_cert_file = 'tls.pem'\nssl_key_file = 'tls.key'\nssl_ca_file = 'ca.pem'\n";
        fs::write(data.join("postgresql.auto.conf"), settings).unwrap();
        for file in ["tls.pem", "tls.key", "ca.pem", "pg_hba.conf", "postgresql.auto.conf"] {
            fs::set_permissions(data.join(file), fs::Permissions::from_mode(0o600)).unwrap();
            chown(data.join(file), Some(owner.uid()), Some(owner.gid())).unwrap();
        }
    }

    /// Whether a connection of `postgres` to `host` is encrypted.
    async fn is_encrypted(&self, host: &str, query: &str, flags: &[(&str, &str)]) -> Result<bool, String> {
        let url = self.server.tcp_url("postgres").replace("127.0.0.1", host);
        self.is_encrypted_at(&format!("{url}?{query}"), flags).await
    }

    /// As for another role, which has no password.
    async fn is_encrypted_for(
        &self,
        role: &str,
        query: &str,
        flags: &[(&str, &str)],
    ) -> Result<bool, String> {
        let url = self.server.tcp_url("postgres");
        let place = url.split_once('@').unwrap().1;
        self.is_encrypted_at(&format!("postgres://{role}@{place}?{query}"), flags).await
    }

    async fn is_encrypted_at(&self, url: &str, flags: &[(&str, &str)]) -> Result<bool, String> {
        let flags: Vec<_> = flags.iter().map(|(flag, name)| (*flag, self.at(name))).collect();
        let flags: Vec<_> = flags.iter().map(|(flag, path)| (*flag, path.as_str())).collect();
        let encrypted = "SELECT ssl AS yes FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        soon(is(&pool(url, &flags), encrypted)).await
    }

    fn at(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }
}

/// A pool of a connection, with the URL as the environment gives it.
fn pool(url: &str, flags: &[(&str, &str)]) -> Pool {
    let flags = flags.iter().flat_map(|(flag, value)| [*flag, *value]);
    let mut arguments: Arguments = parse_from(["test"].into_iter().chain(flags)).unwrap();
    arguments.database.url.database_url = Some(url.into());
    database::connect(&arguments.database, 1, Access::ReadWrite, "a-test").unwrap()
}

async fn is(pool: &Pool, query: &str) -> Result<bool, String> {
    let mut connection = pool.get().await.map_err(|error| error.to_string())?;
    Ok(diesel::sql_query(query).get_result::<Answer>(&mut connection).await.unwrap().yes)
}

const CA: &str = "--database-tls-ca-file";
const CERTIFICATE: &str = "--database-tls-certificate-file";
const KEY: &str = "--database-tls-key-file";

#[tokio::test(flavor = "multi_thread")]
async fn each_sslmode_checks_what_it_says() {
    let Some(database) = Secured::start().await else { return };
    let (ours, other) = ([(CA, "ca.pem")], [(CA, "other.pem")]);
    for (host, mode, flags, expected) in [
        ("127.0.0.1", "sslmode=disable", &[][..], Ok(false)),
        ("127.0.0.1", "sslmode=prefer", &[], Ok(true)),
        ("127.0.0.1", "application_name=x", &[], Ok(true)),
        ("127.0.0.1", "sslmode=require", &[], Ok(true)),
        ("127.0.0.1", "sslmode=require", &ours, Ok(true)),
        ("127.0.0.1", "sslmode=require", &other, Err("UnknownIssuer")),
        ("127.0.0.1", "sslmode=verify-ca", &ours, Ok(true)),
        ("127.0.0.1", "sslmode=verify-ca", &other, Err("UnknownIssuer")),
        ("127.0.0.1", "sslmode=verify-full", &ours, Err("not valid for name")),
        ("localhost", "sslmode=verify-full", &ours, Ok(true)),
        ("localhost", "sslmode=verify-full", &other, Err("UnknownIssuer")),
        // Whom the machine trusts does not include the authority of a test.
        ("localhost", "sslmode=verify-full", &[], Err("UnknownIssuer")),
        // The password is of no use to whoever has another certificate than the one the server says it has.
        ("localhost", "sslmode=require&channel_binding=require", &[], Ok(true)),
    ] {
        let encrypted = database.is_encrypted(host, mode, flags).await;
        match (encrypted, expected) {
            (Ok(encrypted), Ok(expected)) => assert_eq!(encrypted, expected, "{host} {mode} {flags:?}"),
            (Err(error), Err(expected)) => assert!(error.contains(expected), "{host} {mode}: {error}"),
            (encrypted, _) => panic!("{host} {mode} {flags:?}: {encrypted:?}"),
        }
    }
    let in_url = format!("sslmode=verify-full&sslrootcert={}", database.at("ca.pem").replace('/', "%2F"));
    assert_eq!(database.is_encrypted("localhost", &in_url, &[]).await, Ok(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_wants_tls_or_a_certificate_says_so() {
    let Some(database) = Secured::start().await else { return };
    let refused = database.is_encrypted_for("guarded", "sslmode=disable", &[]).await.unwrap_err();
    assert!(refused.contains("no encryption"), "{refused}");
    assert_eq!(database.is_encrypted_for("guarded", "", &[]).await, Ok(true));

    let shown = |name: &str| (format!("{name}.pem"), format!("{name}.key"));
    for (name, expected) in [("certified", true), ("expired", false)] {
        let (certificate, key) = shown(name);
        let flags = [(CA, "ca.pem"), (CERTIFICATE, certificate.as_str()), (KEY, key.as_str())];
        let encrypted = database.is_encrypted_for("certified", "sslmode=verify-ca", &flags).await;
        assert_eq!(encrypted.is_ok(), expected, "{name}: {encrypted:?}");
    }
    let without = database.is_encrypted_for("certified", "sslmode=require", &[]).await.unwrap_err();
    assert!(without.contains("certificate"), "{without}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_is_stopped_over_tls_too() {
    let Some(database) = Secured::start().await else { return };
    let url = format!("{}?sslmode=require", database.server.tcp_url("postgres"));
    let encrypted = pool(&url, &[]);
    let waiting = tokio::spawn(async move {
        database::run_while_awaited(&encrypted, Duration::from_secs(90), move |connection| {
            async move { connection.batch_execute("SELECT pg_sleep(60)").await }.boxed()
        })
        .await
    });
    let admin = pool(&database.server.url("postgres"), &[]);
    let asleep = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep') AS yes";
    while !is(&admin, asleep).await.unwrap() {}
    waiting.abort();
    // Far less than it would sleep.
    soon(async { while is(&admin, asleep).await.unwrap() {} }).await;
}
