//! The webhooks that were kept, body by body: what shows that none was answered and lost.

use dermaga_domain::id::{MessageId, OrgId};

use crate::db::{Statement, statements};
use crate::error::Result;
use crate::inbox::body_place;
use crate::open::Store;

static LIST_KEPT: Statement = Statement::org(
    "read.list_kept",
    "SELECT id, body FROM message WHERE org_id = $1 AND id > $2 AND NOT fetched ORDER BY id LIMIT $3",
);

statements![LIST_KEPT];

#[derive(sqlx::FromRow)]
struct KeptRow {
    id: i64,
    body: Vec<u8>,
}

impl Store {
    /// The bodies of the webhooks that were kept, the oldest first, from after an id.
    ///
    /// # Errors
    /// The database's; that a body can no longer be opened.
    pub async fn kept_webhooks(
        &self,
        org: OrgId,
        after: MessageId,
        limit: i64,
    ) -> Result<Vec<(MessageId, Vec<u8>)>> {
        let rows: Vec<KeptRow> = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(async move {
                    conn.all(&LIST_KEPT, &[org.0.into(), after.0.into(), limit.into()]).await
                })
            })
            .await?;
        let mut kept = Vec::with_capacity(rows.len());
        for row in rows {
            let id = row.id.to_string();
            let body = self.vault.open(&self.db, &body_place(org, &id), &row.body).await?;
            kept.push((MessageId(row.id), body));
        }
        Ok(kept)
    }
}
