//! Judging again: orders that lost a hold, and SKUs whose shorts can be filled.

use dermaga_domain::id::{OrderId, OrgId, SkuId};
use dermaga_domain::planted::{Bug, planted};
use dermaga_store::apply::{Batch, Heard, TakenMark};
use dermaga_store::work::{FILL, JUDGE, Taken};

use crate::engine::Engine;
use crate::error::Result;

/// Orders judged again in one transaction.
const ORDERS: i64 = 200;
/// SKUs filled in one round, a transaction each.
const SKUS: i64 = 16;

impl Engine {
    /// Judges marked orders again. Says how many.
    ///
    /// # Errors
    /// The store's.
    pub async fn judge_marked(&self, org: OrgId) -> Result<usize> {
        let marks = self.store().due(org, JUDGE, ORDERS).await?;
        if marks.is_empty() {
            return Ok(0);
        }
        let ids: Vec<OrderId> =
            marks.iter().filter_map(|mark| mark.subject.parse().ok()).map(OrderId).collect();
        let found = self.store().orders_by_id(org, &ids).await?;
        let mut batch = Batch::new(org);
        for (_, shop, order) in found {
            batch.heard.push(Heard { again: true, ..Heard::of(shop, &order) });
        }
        batch.marks = marks.iter().map(|mark| taken(JUDGE, mark)).collect();
        self.apply_or_unmark(batch).await?;
        Ok(marks.len())
    }

    /// Gives stock that came free to those who are short of it, earliest ship-by first. Says for how
    /// many SKUs.
    ///
    /// # Errors
    /// The store's.
    pub async fn fill_marked(&self, org: OrgId) -> Result<usize> {
        let marks = self.store().due(org, FILL, SKUS).await?;
        for mark in &marks {
            let Some(sku) = mark.subject.parse().ok().map(SkuId) else { continue };
            let mut batch = Batch::new(org);
            let at_most = if planted(Bug::FillSwallowed) { 0 } else { ORDERS };
            for (shop, order) in self.store().fill_candidates(org, sku, at_most).await? {
                batch.heard.push(Heard { again: true, ..Heard::of(shop, &order) });
            }
            batch.fill = Some(sku);
            batch.marks = vec![taken(FILL, mark)];
            self.apply_or_unmark(batch).await?;
        }
        Ok(marks.len())
    }

    async fn apply_or_unmark(&self, batch: Batch) -> Result<()> {
        if batch.heard.is_empty() {
            self.store().unmark(batch.org, batch.marks).await?;
            return Ok(());
        }
        self.apply(batch).await.map(drop)
    }
}

fn taken(kind: &'static str, mark: &Taken) -> TakenMark {
    TakenMark {
        kind,
        scope: mark.scope,
        subject: mark.subject.clone(),
        generation: mark.generation,
    }
}
