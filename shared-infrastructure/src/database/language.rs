//! The language that PostgreSQL's errors are in. The driver keeps few of their codes, so [`super::Fault`] goes by their texts.

use anyhow::Context;
use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::RunQueryDsl;

use super::Pool;
use crate::{config::ConfigError, start::StartError};

#[derive(QueryableByName)]
struct Language {
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Text)]
    locale: String,
}

/// Makes sure that errors come in English: whoever could not tell a lock that was waited for in vain from a defect would refuse calls
/// that can be served.
///
/// # Errors
/// [`StartError::Config`] if they do not; [`StartError::Failed`] if that cannot be told.
pub async fn ensure_english(pool: &Pool) -> Result<(), StartError> {
    let query = sql_query("SELECT current_user::text AS role, current_setting('lc_messages') AS locale");
    let mut connection = pool.get().await.context("cannot connect to the database")?;
    let asked = query.get_result(&mut connection).await;
    let Language { role, locale } = asked.context("cannot read which language the database speaks")?;
    if is_english(&locale) {
        return Ok(());
    }
    let problem = format!(
        "PostgreSQL tells the role `{role}` its errors in the language of `{locale}`, and this service reads English; as a \
         superuser: ALTER ROLE {role} SET lc_messages TO 'C'"
    );
    Err(ConfigError::new("--database-url", problem).into())
}

/// Whether messages are not translated in this locale; without one, they are as in the server's environment, where nobody looks.
fn is_english(locale: &str) -> bool {
    let language = locale.split(['_', '.', '@']).next().unwrap_or_default();
    matches!(language, "" | "C" | "POSIX" | "en" | "English")
}

#[cfg(test)]
mod tests {
    use super::is_english;

    #[test]
    fn languages_are_told_apart() {
        for english in
            ["C", "POSIX", "C.UTF-8", "C.utf8", "en_US.UTF-8", "en_GB", "English_United States.1252", ""]
        {
            assert!(is_english(english), "{english}");
        }
        for other in ["de_DE.UTF-8", "fr_FR@euro", "ca_ES", "German_Germany.1252", "cs"] {
            assert!(!is_english(other), "{other}");
        }
    }
}
