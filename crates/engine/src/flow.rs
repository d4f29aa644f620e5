//! Flows of shops: which orders another flow would change, and the change itself.

use std::collections::BTreeSet;

use dermaga_domain::flow::{Flow, FlowFile, Preset};
use dermaga_domain::id::{FlowVersionId, OrderId, OrgId};
use dermaga_domain::order::explain::{Outcome, dry_run};
use dermaga_domain::term::Attention;
use dermaga_domain::time::{Span, Time};
use dermaga_store::apply::{Batch, Heard};
use dermaga_store::command::Giver;
use dermaga_store::read::Scope;
use dermaga_store::read::orders::{Order, PAGE_MAX, Query, View};
use dermaga_store::{NewFlowVersion, Shop};

use crate::engine::Engine;
use crate::error::{Error, Result};

/// Orders judged again in one transaction.
const AT_ONCE: usize = 100;

/// How far a dry run looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Days of orders, back from now.
    pub days: u16,
    /// Orders, the newest; a page that people wait for cannot look at all of a large shop.
    pub orders_max: usize,
}

/// What a dry run found.
#[derive(Debug, Default)]
pub struct DryRun {
    /// How many orders it looked at.
    pub looked_at: usize,
    /// There were more than it was to look at.
    pub cut: bool,
    /// Those that would end elsewhere.
    pub differs: Vec<Ends>,
    /// Orders whose current status the flow they are judged by does not know: always judged again.
    pub unknown: BTreeSet<String>,
}

/// An order that would end elsewhere.
#[derive(Debug)]
pub struct Ends {
    /// The order.
    pub id: OrderId,
    /// The channel's number of it.
    pub channel_order_id: String,
    /// Where it stands.
    pub before: Outcome,
    /// Where it would.
    pub after: Outcome,
}

/// Which orders a new version judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApplyTo {
    /// New orders, and those whose status the flow did not know.
    New,
    /// Also the orders that the dry run lists.
    Open,
}

/// What keeping a flow came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// The version that the shop follows now.
    pub version: FlowVersionId,
    /// Orders that were judged again.
    pub judged: usize,
}

impl DryRun {
    /// The numbers of the orders to judge again: those of unknown status, and if wanted those listed.
    pub fn orders(&self, apply_to: ApplyTo) -> impl Iterator<Item = &str> {
        let listed = self.differs.iter().filter(move |_| apply_to == ApplyTo::Open);
        let listed = listed.map(|ends| ends.channel_order_id.as_str());
        let all: BTreeSet<&str> = listed.chain(self.unknown.iter().map(String::as_str)).collect();
        all.into_iter()
    }
}

fn is_unknown(order: &Order) -> bool {
    order.attentions.contains(&Attention::UnknownStatus)
}

impl Engine {
    /// Looks at the orders of the last days, and at every order that waits for a flow that knows its
    /// status, however old. Nothing is changed.
    ///
    /// # Errors
    /// The store's.
    pub async fn dry_run_flow(
        &self,
        org: OrgId,
        shop: &Shop,
        flow: &Flow,
        look: Look,
    ) -> Result<DryRun> {
        let mut found = DryRun::default();
        let since = self.now().minus(Span::days(i64::from(look.days)));
        let mut seen = BTreeSet::new();
        for (view, since) in [(View::All, since), (View::Action, Time(i64::MIN))] {
            let mut after = None;
            loop {
                let query =
                    Query { view, shop: Some(shop.id), after, limit: PAGE_MAX, ..Query::default() };
                let page = self.store().list_orders(&Scope::all(org), &query).await?;
                let recent = page.orders.iter().filter(|order| order.sort_at >= since);
                let mut wanted: Vec<&Order> = recent
                    .filter(|order| view == View::All || is_unknown(order))
                    .filter(|order| seen.insert(order.id))
                    .collect();
                let room = look.orders_max.saturating_sub(found.looked_at);
                found.cut |= wanted.len() > room;
                wanted.truncate(room);
                let ended = page.orders.last().is_none_or(|order| order.sort_at < since);
                self.look(org, flow, &wanted, &mut found).await?;
                after = page.next;
                if ended || found.cut || after.is_none() {
                    break;
                }
            }
        }
        Ok(found)
    }

    async fn look(
        &self,
        org: OrgId,
        flow: &Flow,
        orders: &[&Order],
        found: &mut DryRun,
    ) -> Result<()> {
        let mut cases = Vec::with_capacity(orders.len());
        for order in orders {
            if let Some(case) = self.store().order_case(&Scope::all(org), order.id).await? {
                cases.push((order, case));
            }
            if is_unknown(order) {
                found.unknown.insert(order.channel_order_id.clone());
            }
        }
        found.looked_at += cases.len();
        let judged = cases.iter().map(|(order, case)| (order, case.case()));
        found.differs.extend(dry_run(judged, flow).into_iter().map(|differs| Ends {
            id: differs.order.id,
            channel_order_id: differs.order.channel_order_id.clone(),
            before: differs.before,
            after: differs.after,
        }));
        Ok(())
    }

    /// Lets a shop follow a flow from now on, and judges orders again by it. The version that it
    /// follows is `base`, as the person saw it. Doing it again goes on where a crash ended it: what was
    /// judged again no longer differs.
    ///
    /// # Errors
    /// [`dermaga_store::Error::FlowChanged`] when the shop follows another version by now.
    pub async fn keep_flow(
        &self,
        org: OrgId,
        (shop, base): (&Shop, FlowVersionId),
        (file, flow): (&FlowFile, &Flow),
        (found, apply_to): (&DryRun, ApplyTo),
        by: Giver,
    ) -> Result<Kept> {
        if flow.channel.as_str() != shop.channel {
            let (of, at) = (flow.channel.as_str(), &shop.channel);
            return Err(Error::Refused(format!("the flow is of {of}, but the shop is at {at}")));
        }
        let same = *self.store().flow(org, base).await? == *flow;
        let version = if same {
            base
        } else {
            let preset = Preset::ALL.iter().find(|preset| file.flow(**preset) == *flow);
            let new = NewFlowVersion {
                channel: shop.channel.clone(),
                preset: preset.map(|preset| preset.as_str().to_owned()),
                body: flow.to_toml(),
                by: by.person(),
            };
            self.store().follow_flow(org, shop.id, base, new, by).await?
        };
        self.routes().clear();
        let orders: Vec<&str> = found.orders(apply_to).collect();
        for some in orders.chunks(AT_ONCE) {
            let mut batch = Batch::new(org);
            for order in some {
                let heard = Heard::of(shop.id, order);
                batch.heard.push(Heard { flow_version: Some(version), again: true, ..heard });
            }
            self.store().apply(batch).await?;
        }
        Ok(Kept { version, judged: orders.len() })
    }
}
