//! The work on downloads: what is wanted next, and what came of it.

use dermaga_domain::id::{DownloadId, MessageId, OrgId};
use dermaga_domain::time::Time;

use super::{Download, DownloadRow, Outcome, State};
use crate::apply::Told;
use crate::db::{self, Conn, Lane, Rows, Statement, statements};
use crate::error::Result;
use crate::inbox::Brought;
use crate::open::Store;

/// Orders of a download that one statement adds, at most.
const TOGETHER: usize = 1_000;
/// The standing of an order that was not read yet.
const UNKNOWN: i64 = 5;

static OPEN: Statement = Statement::org(
    "download.open",
    "SELECT id, shop_id, state, range_from, range_to, list_from, list_window_to, list_page, trouble,
            attempts, due_at, asked_by, asked_key, asked_at, agreed_at, ended_at
     FROM download WHERE org_id = $1 AND id > 0 AND state IN ('reading', 'applying') ORDER BY id",
);

static WANT: Statement = Statement::org(
    "download.want",
    "INSERT INTO download_order (org_id, download_id, channel_order_id, state, standing, changes,
        attempts, due_at)
     SELECT $1, download_id, channel_order_id, 'wanted', 5, '', 0, due_at
     FROM ({rows $2: download_id bigint, channel_order_id text, due_at bigint}) AS v WHERE true
     ON CONFLICT (org_id, download_id, channel_order_id) DO NOTHING",
);

static WORK: Statement = Statement::org(
    "download.work",
    "SELECT channel_order_id, message_id, attempts FROM download_order
     WHERE org_id = $1 AND download_id = $2 AND state = $3 AND due_at <= $4
     ORDER BY due_at LIMIT $5",
);

static LEFT: Statement = Statement::org(
    "download.left",
    "SELECT state, COUNT(*) AS orders FROM download_order
     WHERE org_id = $1 AND download_id = $2 AND state IN ('wanted', 'read') GROUP BY state",
);

static LIST_AT: Statement = Statement::org(
    "download.list_at",
    "UPDATE download SET list_from = $3, list_window_to = $4, list_page = $5
     WHERE org_id = $1 AND id = $2",
);

static TROUBLE: Statement = Statement::org(
    "download.trouble",
    "UPDATE download SET trouble = $3, due_at = $4,
        attempts = CASE WHEN COALESCE($3, '') = '' THEN 0 ELSE attempts + 1 END
     WHERE org_id = $1 AND id = $2 AND (trouble IS NOT NULL OR COALESCE($3, '') <> '')",
);

/// What has its result keeps it.
static READ: Statement = Statement::org(
    "download.read",
    "WITH v AS MATERIALIZED ({rows $2: download_id bigint, channel_order_id text, state text,
        standing bigint, changes text, message_id bigint, attempts bigint, due_at bigint, code text,
        reason text})
     UPDATE download_order SET state = v.state, standing = v.standing, changes = v.changes,
        message_id = v.message_id, attempts = v.attempts, due_at = v.due_at, code = v.code,
        reason = v.reason
     FROM v WHERE download_order.org_id = $1 AND download_order.download_id = v.download_id
        AND download_order.channel_order_id = v.channel_order_id
        AND download_order.state <> 'done'",
);

static RESULT: Statement = Statement::org(
    "download.result",
    "WITH v AS MATERIALIZED ({rows $2: download_id bigint, channel_order_id text, standing bigint,
        changes text, order_id bigint})
     UPDATE download_order SET state = 'done', standing = v.standing, changes = v.changes,
        order_id = v.order_id
     FROM v WHERE download_order.org_id = $1 AND download_order.download_id = v.download_id
        AND download_order.channel_order_id = v.channel_order_id
        AND download_order.state <> 'done'",
);

/// Only what is still under way moves on by itself.
static FINISH: Statement = Statement::org(
    "download.finish",
    "UPDATE download SET state = $4, trouble = NULL, ended_at = $5
     WHERE org_id = $1 AND id = $2 AND state = $3",
);

statements![OPEN, WANT, WORK, LEFT, LIST_AT, TROUBLE, READ, RESULT, FINISH];

/// Where the list of a range goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListAt {
    /// Where the window begins.
    pub from: Time,
    /// Where the window ends that it is in the middle of.
    pub window_to: Option<Time>,
    /// The page of that window that comes next.
    pub page: Option<String>,
}

/// Where an order of a download stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowState {
    /// To be read.
    Wanted,
    /// It was read, and what would become of it is known.
    Read,
    /// It has its result.
    Done,
}

impl RowState {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Wanted => "wanted",
            Self::Read => "read",
            Self::Done => "done",
        }
    }
}

/// What came of trying to read an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderStep {
    /// The channel's id of it.
    pub channel_order_id: String,
    /// Where it stands now.
    pub state: RowState,
    /// What would become of it, or its result; none = not known yet.
    pub outcome: Option<Outcome>,
    /// What would be otherwise.
    pub changes: Vec<String>,
    /// Which of the messages of the same [`crate::Answer`] tells of it, by its place there.
    pub message: Option<usize>,
    /// Tries that failed.
    pub attempts: i64,
    /// When it is tried again.
    pub due_at: Time,
    /// The code of its failure.
    pub code: Option<String>,
    /// Why it failed.
    pub reason: Option<String>,
}

/// What an answer of the channel does to a download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownloadStep {
    /// The download.
    pub download: DownloadId,
    /// Orders that the list named.
    pub listed: Vec<String>,
    /// Where the list goes on, when a page of it was read: none inside = that was its end.
    pub list: Option<Option<ListAt>>,
    /// What came of reading orders.
    pub orders: Vec<OrderStep>,
    /// Why it does not go on for now.
    pub trouble: Option<Trouble>,
}

/// Why a download does not go on for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The code of its page.
    pub code: String,
    /// When it goes on.
    pub again_at: Time,
}

impl DownloadStep {
    /// The places of the messages that its orders name.
    pub(crate) fn places(&self) -> impl Iterator<Item = usize> {
        self.orders.iter().filter_map(|order| order.message)
    }
}

/// An order that is to be read, or was and is to be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The channel's id of it.
    pub channel_order_id: String,
    /// The message that tells of it, once it was read.
    pub message: Option<MessageId>,
    /// Tries that failed.
    pub attempts: i64,
}

#[derive(sqlx::FromRow)]
struct WorkRow {
    channel_order_id: String,
    message_id: Option<i64>,
    attempts: i64,
}

/// What is left to do of a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// Orders to be read.
    pub wanted: i64,
    /// Orders that were read and not applied.
    pub read: i64,
}

#[derive(sqlx::FromRow)]
struct LeftRow {
    state: String,
    orders: i64,
}

/// Orders that a download wants, each once.
pub(super) async fn insert_wanted(
    conn: &mut Conn,
    org: i64,
    download: DownloadId,
    orders: &[String],
    now: Time,
) -> db::Result<()> {
    for some in orders.chunks(TOGETHER) {
        let mut rows = Rows::default();
        for order in some {
            rows.push(&[&download.0, order, &now.0]);
        }
        conn.execute(&WANT, &[org.into(), rows.into()]).await?;
    }
    Ok(())
}

/// Keeps what an answer of the channel did to a download.
pub(crate) async fn write_step(
    conn: &mut Conn,
    org: OrgId,
    step: &DownloadStep,
    (brought, now): (&Brought, Time),
) -> db::Result<()> {
    let org = org.0;
    insert_wanted(conn, org, step.download, &step.listed, now).await?;
    if let Some(list) = &step.list {
        let values = [
            org.into(),
            step.download.0.into(),
            list.as_ref().map(|list| list.from.0).into(),
            list.as_ref().and_then(|list| list.window_to).map(|to| to.0).into(),
            list.as_ref().and_then(|list| list.page.as_deref()).into(),
        ];
        conn.execute(&LIST_AT, &values).await?;
    }
    let mut rows = Rows::default();
    for order in &step.orders {
        rows.push(&[
            &step.download.0,
            &order.channel_order_id,
            &order.state.as_str(),
            &order.outcome.map_or(UNKNOWN, Outcome::standing),
            &order.changes.join(" "),
            &order.message.and_then(|place| brought.get(&place).copied()),
            &order.attempts,
            &order.due_at.0,
            &order.code,
            &order.reason,
        ]);
    }
    if !rows.is_empty() {
        conn.execute(&READ, &[org.into(), rows.into()]).await?;
    }
    let trouble = step.trouble.as_ref();
    let values = [
        org.into(),
        step.download.0.into(),
        trouble.map(|trouble| trouble.code.as_str()).into(),
        trouble.map_or(0, |trouble| trouble.again_at.0).into(),
    ];
    conn.execute(&TROUBLE, &values).await.map(drop)
}

/// Gives orders that were applied their result.
pub(crate) async fn write_results(
    conn: &mut Conn,
    org: i64,
    download: DownloadId,
    told: &[Told],
) -> db::Result<()> {
    let mut rows = Rows::default();
    for told in told {
        let changes = told.changes.join(" ");
        let standing = told.outcome.standing();
        rows.push(&[&download.0, &told.channel_order_id, &standing, &changes, &told.order.0]);
    }
    if !rows.is_empty() {
        conn.execute(&RESULT, &[org.into(), rows.into()]).await?;
    }
    Ok(())
}

impl Store {
    /// The downloads of which something happens by itself, the oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn open_downloads(&self, org: OrgId) -> Result<Vec<Download>> {
        let rows: Vec<DownloadRow> = self.all(org, &OPEN, vec![org.0.into()]).await?;
        rows.into_iter().map(DownloadRow::download).collect()
    }

    /// Orders of a download that are due in a state.
    ///
    /// # Errors
    /// The database's.
    pub async fn download_work(
        &self,
        org: OrgId,
        download: DownloadId,
        state: RowState,
        limit: i64,
    ) -> Result<Vec<Wanted>> {
        let values = vec![
            org.0.into(),
            download.0.into(),
            state.as_str().into(),
            self.now().0.into(),
            limit.into(),
        ];
        let rows: Vec<WorkRow> = self.all(org, &WORK, values).await?;
        Ok(rows
            .into_iter()
            .map(|row| Wanted {
                channel_order_id: row.channel_order_id,
                message: row.message_id.map(MessageId),
                attempts: row.attempts,
            })
            .collect())
    }

    /// What is left to do of a download.
    ///
    /// # Errors
    /// The database's.
    pub async fn download_left(&self, org: OrgId, download: DownloadId) -> Result<Left> {
        let rows: Vec<LeftRow> =
            self.all(org, &LEFT, vec![org.0.into(), download.0.into()]).await?;
        let of = |state: RowState| {
            let of = rows.iter().filter(|row| row.state == state.as_str());
            of.map(|row| row.orders).sum()
        };
        Ok(Left { wanted: of(RowState::Wanted), read: of(RowState::Read) })
    }

    /// A download that was read becomes ready; one that was applied is done.
    ///
    /// # Errors
    /// The database's.
    pub async fn finish_download(&self, org: OrgId, download: &Download) -> Result<()> {
        let to = if download.state == State::Reading { State::Ready } else { State::Done };
        let ended = (to == State::Done).then(|| self.now().0);
        let values = vec![
            org.0.into(),
            download.id.0.into(),
            download.state.as_str().into(),
            to.as_str().into(),
            ended.into(),
        ];
        self.run(org, &FINISH, values).await
    }

    /// Orders of a download that could not be applied: each has failed, or is read once more.
    ///
    /// # Errors
    /// The database's.
    pub async fn set_aside(
        &self,
        org: OrgId,
        download: DownloadId,
        orders: Vec<OrderStep>,
    ) -> Result<()> {
        let now = self.now();
        let step = DownloadStep { download, listed: Vec::new(), list: None, orders, trouble: None };
        self.db
            .write_with(Lane::Short, Some(org.0), step, move |conn, step| {
                Box::pin(
                    async move { write_step(conn, org, step, (&Brought::default(), now)).await },
                )
            })
            .await?;
        Ok(())
    }
}
