//! Retention, run by itself: what is to be kept no longer is removed once a day.

use std::collections::BTreeMap;

use dermaga_domain::id::OrgId;
use dermaga_domain::time::{Span, Time};
use dermaga_store::retention::Kind;
use dermaga_store::work::LeaseHeld;

use crate::engine::Engine;
use crate::error::Result;

/// How often it runs.
const INTERVAL: Span = Span::hours(24);
/// How often it is looked whether it is to run.
const LOOK: Span = Span::minutes(1);
/// How long a node may be silent while it removes before another takes over.
const LEASE: Span = Span::seconds(60);

impl Engine {
    /// Removes what is to be kept no longer, if the last time is a day ago.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn retain_in_time(&self, org: OrgId) -> Result<()> {
        let now = self.now();
        if !self.is_time_to_look(org, now) {
            return Ok(());
        }
        let last = self.store().retention(org).await?.into_iter().map(|kind| kind.ran_at).max();
        // A clock that was put back stands before the last time.
        let due = last.is_none_or(|last| now.since(last) >= INTERVAL || last > now);
        if due {
            self.retain(org).await?;
        }
        Ok(())
    }

    /// Every wake-up passes here: the database is asked once a minute only.
    fn is_time_to_look(&self, org: OrgId, now: Time) -> bool {
        let mut looks = self.retention_looks();
        let last = looks.get(&org).copied();
        let due = last.is_none_or(|last| now.since(last) >= LOOK || last > now);
        if due {
            looks.insert(org, now);
        }
        due
    }

    /// Removes what is to be kept no longer, now. Says how many of each kind; nothing when another node
    /// is at it.
    ///
    /// # Errors
    /// The store's.
    pub async fn retain(&self, org: OrgId) -> Result<BTreeMap<Kind, u64>> {
        let store = self.store();
        let lease = store.take_lease(org, "retention", self.holder(), LEASE).await?;
        let Some(lease) = lease else { return Ok(BTreeMap::new()) };
        let removed = self.retain_under(org, &lease).await;
        store.end_lease(org, &lease).await?;
        let removed = removed?;
        let total: u64 = removed.values().sum();
        if total > 0 {
            store.forget_log().await?;
        }
        store.retention_ran(org, removed.clone()).await?;
        tracing::info!(retention.removed = total, org.id = %org, "what is kept no longer was removed");
        Ok(removed)
    }

    async fn retain_under(&self, org: OrgId, lease: &LeaseHeld) -> Result<BTreeMap<Kind, u64>> {
        let mut removed = BTreeMap::new();
        for kind in Kind::ALL {
            let (mut count, mut after) = (0, Some(i64::MIN));
            while let Some(from) = after {
                if !self.store().renew_lease(org, lease).await? {
                    // Somebody else does the rest.
                    return Ok(removed);
                }
                let step = self.store().retain(org, kind, &self.settings().retention, from).await?;
                count += step.count;
                after = step.next;
            }
            metrics::counter!("dermaga_retention_removed_total", "kind" => kind.as_str())
                .increment(count);
            removed.insert(kind, count);
        }
        self.erase_again(org).await?;
        Ok(removed)
    }
}
