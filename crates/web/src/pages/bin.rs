//! The recycle bin: what is in it, why, and how it comes out again.

use axum::extract::{Query, State};
use axum::response::Response;
use dermaga_domain::access::Permission;
use dermaga_domain::id::OrderId;
use dermaga_domain::order::ActKind;
use dermaga_domain::time::Span;
use dermaga_store::read::bin::Voided;
use dermaga_store::read::orders::{Order, View};
use dermaga_ui::{Actor, BinPage, BinRow, Sentence};

use super::lists::{Asked, BIN, row};
use super::order;
use crate::App;
use crate::explain::status_link;
use crate::givers::Givers;
use crate::person::Person;
use crate::refusal::{Refusal, shown};

pub(super) async fn show(
    State(app): State<App>,
    person: Person,
    Query(mut asked): Query<Asked>,
) -> Result<Response, Refusal> {
    asked.tab.clear();
    let page = page(&app, &person, &asked).await;
    let failed = |error: dermaga_store::Error| {
        Refusal::of_store(&error, person.locale.clone(), person.here.clone())
    };
    Ok(shown(&page.map_err(failed)?))
}

async fn page(app: &App, person: &Person, asked: &Asked) -> dermaga_store::Result<BinPage> {
    let (store, scope) = (app.store(), &person.scope);
    let frame = person.frame(app, &asked.q).await?;
    let found = store.list_orders(scope, &asked.query(View::Bin)).await?;
    let ids: Vec<OrderId> = found.orders.iter().map(|order| order.id).collect();
    let buyers = store.buyers(scope, &ids).await?;
    let voided = store.voided_by_hand(scope, &ids).await?;
    let givers = voided.values().map(|voided| voided.by);
    let givers = Givers::of(app, person.reads(), givers).await?;
    let kept = app.engine().settings().retention.buyers;
    let may = person.may(Permission::to_act(ActKind::Restore));
    let mut rows = Vec::with_capacity(found.orders.len());
    for order in &found.orders {
        let flow = store.flow(scope.org, order.flow_version).await?;
        let row = row(app, order, Some(&flow), buyers.get(&order.id), &frame);
        let by_hand = voided.get(&order.id);
        let live: i64 = order.lines.iter().map(|line| line.live.max(line.quantity)).sum();
        let restores = may.then(|| Sentence::new("act-does-restore").with("n", live));
        let erased_at = row.binned_at.filter(|_| buyers.contains_key(&order.id));
        rows.push(BinRow {
            why: why(order, &flow, by_hand, &givers),
            note: by_hand.map_or_else(
                || order.cancelled_reason.clone().unwrap_or_default(),
                |voided| voided.note.clone().unwrap_or_default(),
            ),
            erased_at: erased_at.map(|at| at.saturating_add(kept.0)),
            restores,
            revision: order.updated_at.0,
            order: row,
        });
    }
    Ok(BinPage {
        filters: asked.filters(app, BIN, (&frame, &person.locale)),
        notice: order::notice(&asked.told),
        kept_days: kept.0 / Span::days(1).0,
        rows,
        newer: (!asked.after.is_empty()).then(|| asked.href(BIN, &[])),
        older: found.next.map(|next| asked.href(BIN, &[("after", &next.to_string())])),
        locale: person.locale.clone(),
        frame,
    })
}

/// Why a document is in the bin: a person's act outranks what the channel said.
fn why(
    order: &Order,
    flow: &dermaga_domain::flow::Flow,
    by_hand: Option<&Voided>,
    givers: &Givers,
) -> Sentence {
    if let Some(voided) = by_hand {
        return Sentence::new("bin-why-person").with("person", givers.name(voided.by));
    }
    let link = order.status.as_ref().map(|(_, status)| {
        let shop = dermaga_ui::ShopLink {
            id: order.shop.to_string(),
            name: String::new(),
            channel: crate::person::channel_link(&order.channel, &order.channel),
        };
        status_link(&shop, flow, status)
    });
    let status = link.map_or_else(String::new, |link| {
        if link.meaning.is_empty() || link.meaning == link.status {
            link.status
        } else {
            format!("{} {}", link.status, link.meaning)
        }
    });
    let actor = order.cancelled_by.and_then(|actor| Actor::from_key(actor.as_str()));
    match actor {
        Some(actor) => Sentence::new("bin-why-channel").with_name("actor", actor),
        None => Sentence::new("bin-why-by"),
    }
    .with("status", status)
}
