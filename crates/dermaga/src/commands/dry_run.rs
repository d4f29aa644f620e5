//! A dry run: which of a shop's orders would end elsewhere under another flow.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::Result;
use dermaga_domain::flow::Flow;
use dermaga_domain::id::{OrderId, OrgId};
use dermaga_domain::order::explain::{Outcome, dry_run};
use dermaga_domain::term::{Attention, Document, Tab};
use dermaga_domain::time::{Span, Time};
use dermaga_store::Shop;
use dermaga_store::read::Scope;
use dermaga_store::read::orders::{Order, PAGE_MAX, Query, View};

use super::asked::Desk;
use super::shown::{columns, head};

/// What a dry run found.
#[derive(Debug, Default)]
pub(super) struct DryRun {
    looked_at: usize,
    differs: Vec<Ends>,
    /// Orders whose current status the flow they are judged by does not know: always judged again.
    unknown: BTreeSet<String>,
}

/// An order that would end elsewhere.
#[derive(Debug)]
struct Ends {
    id: OrderId,
    channel_order_id: String,
    before: Outcome,
    after: Outcome,
}

/// Looks at the orders of the last days, and at every order that waits for a flow that knows its
/// status, however old.
pub(super) async fn run(
    desk: Desk<'_>,
    org: OrgId,
    shop: &Shop,
    flow: &Flow,
    days: u16,
) -> Result<DryRun> {
    let mut found = DryRun::default();
    let since = desk.engine.now().minus(Span::days(i64::from(days)));
    let mut seen = BTreeSet::new();
    for (view, since) in [(View::All, since), (View::Action, Time(i64::MIN))] {
        let mut after = None;
        loop {
            let query =
                Query { view, shop: Some(shop.id), after, limit: PAGE_MAX, ..Query::default() };
            let page = desk.store().list_orders(&Scope::all(org), &query).await?;
            let recent = page.orders.iter().filter(|order| order.sort_at >= since);
            let wanted: Vec<&Order> = recent
                .filter(|order| view == View::All || is_unknown(order))
                .filter(|order| seen.insert(order.id))
                .collect();
            let ended = page.orders.last().is_none_or(|order| order.sort_at < since);
            look(desk, org, flow, &wanted, &mut found).await?;
            after = page.next;
            if ended || after.is_none() {
                break;
            }
        }
    }
    Ok(found)
}

fn is_unknown(order: &Order) -> bool {
    order.attentions.contains(&Attention::UnknownStatus)
}

async fn look(
    desk: Desk<'_>,
    org: OrgId,
    flow: &Flow,
    orders: &[&Order],
    found: &mut DryRun,
) -> Result<()> {
    let mut cases = Vec::with_capacity(orders.len());
    for order in orders {
        if let Some(case) = desk.store().order_case(&Scope::all(org), order.id).await? {
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

impl DryRun {
    /// The numbers of the orders to judge again: those of unknown status, and if wanted those listed.
    pub(super) fn orders(&self, also_listed: bool) -> impl Iterator<Item = &str> {
        let listed = self.differs.iter().filter(move |_| also_listed);
        let listed = listed.map(|ends| ends.channel_order_id.as_str());
        let all: BTreeSet<&str> = listed.chain(self.unknown.iter().map(String::as_str)).collect();
        all.into_iter()
    }

    /// Tells what was found.
    pub(super) fn tell(&self, days: u16, out: &mut String) -> std::fmt::Result {
        let (differ, looked_at) = (self.differs.len(), self.looked_at);
        writeln!(
            out,
            "{differ} of {looked_at} orders of the last {days} days would end elsewhere."
        )?;
        if differ > 0 {
            let mut lines = vec![head(["order", "id", "now", "then"])];
            for ends in &self.differs {
                lines.push([
                    ends.channel_order_id.clone(),
                    ends.id.to_string(),
                    told(&ends.before),
                    told(&ends.after),
                ]);
            }
            out.push_str(&columns(&lines));
        }
        if !self.unknown.is_empty() {
            let unknown = self.unknown.len();
            writeln!(out, "{unknown} of them wait for a flow that knows their status.")?;
        }
        Ok(())
    }
}

fn told(outcome: &Outcome) -> String {
    let mut parts = vec![outcome.document.to_string()];
    if outcome.document > Document::None {
        parts.push(outcome.delivery.to_string());
        parts.push(outcome.payment.to_string());
    }
    if outcome.bin {
        parts.push("bin".to_owned());
    }
    parts.push(format!("tab {}", outcome.tab.map_or("none", Tab::as_str)));
    parts.extend(outcome.attentions.iter().map(ToString::to_string));
    parts.join(", ")
}
