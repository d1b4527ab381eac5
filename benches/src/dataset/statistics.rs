//! What the planner knows.

use anyhow::Result;
use tokio_postgres::Client;

/// Looks at all tables, so that statements are planned for what is in them, and writes everything out, so that nothing that
/// was left over from loading is measured.
pub(crate) async fn analyze(client: &Client) -> Result<()> {
    client.batch_execute("VACUUM (ANALYZE)").await?;
    client.batch_execute("CHECKPOINT").await?;
    Ok(())
}
