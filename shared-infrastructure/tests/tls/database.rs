//! TLS to a real PostgreSQL, behind a front that encrypts, which shows a certificate for `localhost`.

use std::{fs, time::Duration};

use clap::Parser;
use diesel::sql_types::Bool;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use futures_util::FutureExt as _;
use local_stack::TestPostgres;
use rustls_pki_types::{CertificateDer, pem::PemObject};
use sha2::{Digest, Sha256};
use shared_infrastructure::{
    config::{DatabaseArgs, parse_from},
    database::{self, Access, Pool},
};
use tempfile::TempDir;

use crate::{
    binding,
    certificates::{Authority, Certificate},
    front::{Behind, Came, Front},
    soon,
};

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

/// What servers and their clients need. The folder has `ca.pem`, `other.pem`, and the certificates `certified`, `stranger` and `expired`.
struct Files {
    authority: Authority,
    folder: TempDir,
}

impl Files {
    fn new() -> Self {
        let (authority, other, folder) = (Authority::new(), Authority::new(), tempfile::tempdir().unwrap());
        fs::write(folder.path().join("ca.pem"), authority.text()).unwrap();
        fs::write(folder.path().join("other.pem"), other.text()).unwrap();
        authority.sign("certified").write(folder.path(), "certified");
        other.sign("certified").write(folder.path(), "stranger");
        authority.sign_too_late("certified").write(folder.path(), "expired");
        Self { authority, folder }
    }

    fn at(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// How a connection to a front came that PostgreSQL answered over, or why there is none.
    async fn reach(
        &self,
        front: &Front,
        host: &str,
        query: &str,
        flags: &[(&str, &str)],
    ) -> Result<Came, String> {
        let flags: Vec<_> = flags.iter().map(|(flag, name)| (*flag, self.at(name))).collect();
        let flags: Vec<_> = flags.iter().map(|(flag, path)| (*flag, path.as_str())).collect();
        let reached = soon(is(&pool(&url(front, host, query), &flags), "SELECT true AS yes")).await;
        let came = front.came();
        reached.map(|_| {
            assert_eq!(came.len(), 1, "{came:?}");
            came[0]
        })
    }
}

async fn postgres() -> Behind {
    Behind::server(TestPostgres::shared().await.unwrap().server())
}

fn url(front: &Front, host: &str, query: &str) -> String {
    format!("postgres://postgres:hunter2@{host}:{}/postgres?{query}", front.address.port())
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

fn assert_as_expected(what: &str, found: Result<Came, String>, expected: Result<Came, &str>) {
    match (found, expected) {
        (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{what}"),
        (Err(error), Err(expected)) => assert!(error.contains(expected), "{what}: {error}"),
        (found, expected) => panic!("{what}: {found:?}, not {expected:?}"),
    }
}

const CA: &str = "--database-tls-ca-file";
const CERTIFICATE: &str = "--database-tls-certificate-file";
const KEY: &str = "--database-tls-key-file";
const OURS: &[(&str, &str)] = &[(CA, "ca.pem")];
const OTHER: &[(&str, &str)] = &[(CA, "other.pem")];

#[tokio::test(flavor = "multi_thread")]
async fn each_sslmode_checks_what_it_says() {
    use Came::{Encrypted, Plain};
    let files = Files::new();
    let front = Front::showing(&files.authority.sign("localhost"), None, postgres().await).await;
    for (host, mode, flags, expected) in [
        ("127.0.0.1", "sslmode=disable", &[][..], Ok(Plain)),
        ("127.0.0.1", "sslmode=prefer", &[], Ok(Encrypted)),
        ("127.0.0.1", "application_name=x", &[], Ok(Encrypted)),
        ("127.0.0.1", "sslmode=require", &[], Ok(Encrypted)),
        ("127.0.0.1", "sslmode=require", OURS, Ok(Encrypted)),
        ("127.0.0.1", "sslmode=require", OTHER, Err("UnknownIssuer")),
        ("127.0.0.1", "sslmode=verify-ca", OURS, Ok(Encrypted)),
        ("127.0.0.1", "sslmode=verify-ca", OTHER, Err("UnknownIssuer")),
        ("127.0.0.1", "sslmode=verify-full", OURS, Err("not valid for name")),
        ("localhost", "sslmode=verify-full", OURS, Ok(Encrypted)),
        ("localhost", "sslmode=verify-full", OTHER, Err("UnknownIssuer")),
        // Whom the machine trusts does not include the authority of a test.
        ("localhost", "sslmode=verify-full", &[], Err("UnknownIssuer")),
        ("localhost", "sslmode=verify-ca", &[], Err("UnknownIssuer")),
    ] {
        let found = files.reach(&front, host, mode, flags).await;
        assert_as_expected(&format!("{host} {mode} {flags:?}"), found, expected);
    }
    let in_url = format!("sslmode=verify-full&sslrootcert={}", files.at("ca.pem").replace('/', "%2F"));
    assert_eq!(files.reach(&front, "localhost", &in_url, &[]).await, Ok(Encrypted));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_is_taken_by_those_only_who_do_not_insist() {
    let files = Files::new();
    let front = Front::without_tls(postgres().await).await;
    for (mode, flags, expected) in [
        ("sslmode=disable", &[][..], Ok(Came::Plain)),
        ("sslmode=prefer", &[], Ok(Came::Plain)),
        ("application_name=x", &[], Ok(Came::Plain)),
        ("sslmode=require", &[], Err("does not support TLS")),
        ("sslmode=verify-ca", OURS, Err("does not support TLS")),
        ("sslmode=verify-full", OURS, Err("does not support TLS")),
    ] {
        let found = files.reach(&front, "localhost", mode, flags).await;
        assert_as_expected(mode, found, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_of_no_worth_are_refused_by_those_who_check() {
    let files = Files::new();
    let servers = [
        ("expired", files.authority.sign_too_late("localhost"), "certificate expired"),
        ("its own", Certificate::self_signed("localhost"), "UnknownIssuer"),
        ("the authority's", files.authority.itself(), "CaUsedAsEndEntity"),
    ];
    for (what, certificate, problem) in servers {
        let front = Front::showing(&certificate, None, postgres().await).await;
        for (mode, flags, expected) in [
            ("sslmode=prefer", &[][..], Ok(Came::Encrypted)),
            ("sslmode=require", &[], Ok(Came::Encrypted)),
            ("sslmode=require", OURS, Err(problem)),
            ("sslmode=verify-ca", OURS, Err(problem)),
            ("sslmode=verify-full", OURS, Err(problem)),
        ] {
            let found = files.reach(&front, "localhost", mode, flags).await;
            assert_as_expected(&format!("{what} {mode}"), found, expected);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_wants_a_certificate_is_shown_one() {
    let files = Files::new();
    let (ours, clients) = (files.authority.sign("localhost"), Some(&files.authority));
    let front = Front::showing(&ours, clients, postgres().await).await;
    for (name, expected) in [
        ("certified", Ok(Came::Encrypted)),
        ("expired", Err("CertificateExpired")),
        ("stranger", Err("UnknownCA")),
    ] {
        let (certificate, key) = (format!("{name}.pem"), format!("{name}.key"));
        let flags = [(CA, "ca.pem"), (CERTIFICATE, certificate.as_str()), (KEY, key.as_str())];
        let found = files.reach(&front, "localhost", "sslmode=verify-full", &flags).await;
        assert_as_expected(name, found, expected);
    }
    let [certificate, key] =
        ["certified.pem", "certified.key"].map(|name| files.at(name).replace('/', "%2F"));
    let in_url = format!("sslmode=require&sslcert={certificate}&sslkey={key}");
    assert_eq!(files.reach(&front, "localhost", &in_url, &[]).await, Ok(Came::Encrypted));
    // Not even with a mode that would do without TLS is a handshake that failed followed by an attempt without.
    for mode in ["sslmode=prefer", "sslmode=require"] {
        let without = files.reach(&front, "localhost", mode, &[]).await;
        assert_as_expected(mode, without, Err("CertificateRequired"));
        assert_eq!(front.came(), [], "{mode}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_bound_to_the_certificate_that_the_server_has_shown() {
    let (files, (address, mut bound)) = (Files::new(), binding::serve().await);
    let certificate = files.authority.sign("localhost");
    let der = CertificateDer::from_pem_slice(certificate.text.as_bytes()).unwrap();
    let expected = [&b"p=tls-server-end-point,,"[..], Sha256::digest(&der).as_slice()].concat();
    let front = Front::showing(&certificate, None, Behind::Port(address)).await;
    for binding in ["prefer", "require"] {
        let query = format!("sslmode=require&channel_binding={binding}");
        files.reach(&front, "localhost", &query, &[]).await.unwrap_err();
        assert_eq!(soon(bound.recv()).await.unwrap(), expected, "{binding}");
    }
    // Without TLS there is nothing to bind to: whoever insists keeps the password.
    let front = Front::without_tls(Behind::Port(address)).await;
    let refused = files.reach(&front, "localhost", "channel_binding=require", &[]).await.unwrap_err();
    assert!(refused.contains("channel binding"), "{refused}");
    assert!(bound.try_recv().is_err(), "the password was used");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_is_stopped_over_tls_too() {
    let files = Files::new();
    let front = Front::showing(&files.authority.sign("localhost"), None, postgres().await).await;
    let encrypted = pool(&url(&front, "localhost", "sslmode=require"), &[]);
    let waiting = tokio::spawn(async move {
        database::run_while_awaited(&encrypted, Duration::from_secs(90), move |connection| {
            async move { connection.batch_execute("SELECT pg_sleep(60)").await }.boxed()
        })
        .await
    });
    let admin = pool(&TestPostgres::shared().await.unwrap().server().url("postgres"), &[]);
    let asleep = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep') AS yes";
    soon(async { while !is(&admin, asleep).await.unwrap() {} }).await;
    assert_eq!(front.came(), [Came::Encrypted]);
    waiting.abort();
    // Far less than it would sleep.
    soon(async { while is(&admin, asleep).await.unwrap() {} }).await;
    assert_eq!(front.came(), [Came::Encrypted], "what stopped it");
}
