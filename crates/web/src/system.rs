//! How the installation stands, for the page and for the API.

use dermaga_domain::id::OrgId;
use dermaga_domain::time::{Span, Time};
use dermaga_store::retention::Retained;
use dermaga_store::{Backlog, LastBackup, Node, Result, Size};

use crate::App;

/// A backup or a retention that is older than this wants a look.
const LATE: Span = Span::days(2);
/// A message that waits longer than this wants a look.
const WAITING: Span = Span::minutes(15);

/// Everything that is known.
pub(crate) struct Standing {
    pub(crate) now: Time,
    pub(crate) size: Size,
    pub(crate) schema: i64,
    pub(crate) backlog: Backlog,
    pub(crate) backup: Option<LastBackup>,
    pub(crate) retention: Vec<Retained>,
    /// When the data keys were made, the oldest first.
    pub(crate) keys: Vec<Time>,
    pub(crate) nodes: Vec<Node>,
}

impl Standing {
    /// Reads everything.
    pub(crate) async fn of(app: &App, org: OrgId) -> Result<Self> {
        let store = app.store();
        Ok(Self {
            now: app.engine().now(),
            size: store.size().await?,
            schema: store.schema().await?.applied,
            backlog: store.backlog(org).await?,
            backup: store.last_backup().await?,
            retention: store.retention(org).await?,
            keys: store.data_keys(org).await?,
            nodes: store.nodes().await?,
        })
    }

    /// When retention last ran.
    pub(crate) fn retained_at(&self) -> Option<Time> {
        self.retention.iter().map(|kind| kind.ran_at).max()
    }

    /// Whether messages wait longer than they should.
    pub(crate) fn waits_long(&self) -> bool {
        self.backlog.messages.oldest.is_some_and(|oldest| self.now.since(oldest) > WAITING)
    }

    /// Whether something is due again.
    pub(crate) fn is_late(&self, last: Option<Time>) -> bool {
        last.is_none_or(|last| self.now.since(last) > LATE)
    }
}
