//! What people say of downloads: ask for one, agree to it, have what failed tried again, drop it.

use dermaga_domain::id::{DownloadId, OrgId, ShopId};
use dermaga_domain::time::Time;

use super::run::insert_wanted;
use super::{Download, State};
use crate::audit::{self, Trail};
use crate::command::Giver;
use crate::db::{Lane, Statement, statements};
use crate::error::{Error, Result};
use crate::open::Store;

static INSERT: Statement = Statement::org(
    "download.insert",
    "INSERT INTO download (org_id, id, shop_id, state, range_from, range_to, list_from, asked_by,
        asked_key, asked_at)
     VALUES ($1, $2, $3, 'reading', $4, $5, $4, $6, $7, $8)",
);

/// Only from the state that the person saw.
static MOVE: Statement = Statement::org(
    "download.move",
    "UPDATE download SET state = $4, trouble = NULL, due_at = 0, agreed_at = COALESCE(agreed_at, $5),
        ended_at = $6
     WHERE org_id = $1 AND id = $2 AND state = $3",
);

/// What failed is wanted again; its earlier failure is forgotten.
static WANT_AGAIN: Statement = Statement::org(
    "download.want_again",
    "UPDATE download_order SET state = 'wanted', standing = 5, changes = '', attempts = 0,
        due_at = $3, code = NULL, reason = NULL
     WHERE org_id = $1 AND download_id = $2 AND standing = 0 AND state = 'done'",
);

statements![INSERT, MOVE, WANT_AGAIN];

/// A download to be begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDownload {
    /// The shop.
    pub shop: ShopId,
    /// A range of time; none = the orders by their numbers.
    pub range: Option<(Time, Time)>,
    /// The channel's numbers of the orders.
    pub orders: Vec<String>,
    /// Who asks.
    pub by: Giver,
}

impl Store {
    /// Begins a download; nothing is read yet.
    ///
    /// # Errors
    /// The database's.
    pub async fn begin_download(&self, org: OrgId, new: NewDownload) -> Result<DownloadId> {
        let (id, now) = (DownloadId(self.next_id()), self.now());
        let detail = match new.range {
            Some((from, to)) => format!("{} from {} to {}", new.shop, from.0, to.0),
            None => format!("{} {} orders", new.shop, new.orders.len()),
        };
        let said = (id.to_string(), detail);
        let said = Trail::one(self, new.by, "download.ask", (&said.0, &said.1)).packed();
        self.db
            .write_with(Lane::Short, Some(org.0), (new, said), move |conn, (new, said)| {
                Box::pin(async move {
                    let values = [
                        org.0.into(),
                        id.0.into(),
                        new.shop.0.into(),
                        new.range.map(|(from, _)| from.0).into(),
                        new.range.map(|(_, to)| to.0).into(),
                        new.by.person().map(|by| by.0).into(),
                        new.by.key().map(|by| by.0).into(),
                        now.0.into(),
                    ];
                    conn.execute(&INSERT, &values).await?;
                    insert_wanted(conn, org.0, id, &new.orders, now).await?;
                    audit::write(conn, org.0, said).await
                })
            })
            .await?;
        self.db.notify();
        Ok(id)
    }

    /// A person agrees to what a download would change: it is applied.
    ///
    /// # Errors
    /// The database's; [`Error::Refused`] when it does not stand ready any more.
    pub async fn agree_download(&self, org: OrgId, download: &Download, by: Giver) -> Result<()> {
        self.move_download(org, download, State::Applying, (by, "download.agree")).await
    }

    /// A person does not want a download any more; what was applied of it stays.
    ///
    /// # Errors
    /// The database's; [`Error::Refused`] when it has ended meanwhile.
    pub async fn drop_download(&self, org: OrgId, download: &Download, by: Giver) -> Result<()> {
        self.move_download(org, download, State::Dropped, (by, "download.drop")).await
    }

    /// Has the orders of a download read again that failed; what a person agreed to stays agreed.
    ///
    /// # Errors
    /// The database's; [`Error::Refused`] when it has moved on meanwhile.
    pub async fn retry_download(&self, org: OrgId, download: &Download, by: Giver) -> Result<()> {
        let agreed = download.agreed_at.is_some();
        let to = if agreed { State::Applying } else { State::Reading };
        self.move_download(org, download, to, (by, "download.retry")).await
    }

    async fn move_download(
        &self,
        org: OrgId,
        download: &Download,
        to: State,
        (by, act): (Giver, &'static str),
    ) -> Result<()> {
        let (id, from, now) = (download.id, download.state, self.now());
        let detail = format!("{} was {}", download.shop, from.as_str());
        let said = Trail::one(self, by, act, (&id.to_string(), &detail)).packed();
        let again = act == "download.retry";
        let moved = self
            .db
            .write_with(Lane::Short, Some(org.0), said, move |conn, said| {
                Box::pin(async move {
                    let agreed = (to == State::Applying).then_some(now.0);
                    let ended = (to == State::Dropped).then_some(now.0);
                    let values = [
                        org.0.into(),
                        id.0.into(),
                        from.as_str().into(),
                        to.as_str().into(),
                        agreed.into(),
                        ended.into(),
                    ];
                    if conn.execute(&MOVE, &values).await? == 0 {
                        return Ok(false);
                    }
                    if again {
                        conn.execute(&WANT_AGAIN, &[org.0.into(), id.0.into(), now.0.into()])
                            .await?;
                    }
                    audit::write(conn, org.0, said).await?;
                    Ok(true)
                })
            })
            .await?;
        self.db.notify();
        if moved {
            Ok(())
        } else {
            Err(Error::Refused("the download has moved on; look at it again".to_owned()))
        }
    }
}
