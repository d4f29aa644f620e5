//! The list of orders; the recycle bin shows its filters and rows as well.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use dermaga_domain::access::Permission;
use dermaga_domain::flow::Flow;
use dermaga_domain::id::{FlowVersionId, OrderId};
use dermaga_domain::order::Buyer;
use dermaga_store::masked_name;
use dermaga_store::read::orders::{self, Order, Sort, View};
use dermaga_ui::{
    Attention, Chip, Choice, CommandForm, Filters, Frame, Keyed as _, Locale, Money, OrderRow,
    OrdersPage, RowLine, ShopLink, Tab, TabCount,
};
use serde::Deserialize;

use super::{command_forms, commands, query_of};
use crate::App;
use crate::explain::{keyed, status_link};
use crate::person::Person;
use crate::refusal::{Refusal, shown};
use crate::sub_platforms;

/// Orders on a page.
const PAGE: i64 = 50;
/// What `sort` says for the newest first; otherwise the soonest deadline is.
const NEWEST: &str = "newest";
/// The page of the recycle bin, which has no deadlines.
pub(super) const BIN: &str = "/bin";
/// Lines of goods that a row shows.
const LINES: usize = 2;

#[derive(Deserialize, Default)]
pub(super) struct Asked {
    #[serde(default)]
    pub(super) tab: String,
    /// Of those that need action: for which reason.
    #[serde(default)]
    attention: String,
    #[serde(default)]
    channel: String,
    #[serde(default)]
    shop: String,
    #[serde(default)]
    sub_platform: String,
    #[serde(default)]
    pub(super) q: String,
    #[serde(default)]
    sort: String,
    #[serde(default)]
    pub(super) after: String,
    /// What came of a command for several orders.
    #[serde(default)]
    pub(super) told: String,
}

impl Asked {
    /// The list that a form was posted from.
    pub(super) fn of(pairs: &[(String, String)]) -> Self {
        let value = |name: &str| {
            let found = pairs.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        Self {
            tab: value("tab"),
            attention: value("attention"),
            channel: value("channel"),
            shop: value("shop"),
            sub_platform: value("sub_platform"),
            q: value("q"),
            ..Self::default()
        }
    }

    /// What the list holds.
    pub(super) fn of_view(&self) -> orders::Query {
        let view = dermaga_ui::View::from_key(&self.tab).unwrap_or(dermaga_ui::View::All);
        self.query(view_of(view))
    }

    /// The list, saying what came of it.
    pub(super) fn told(&self, what: &str) -> String {
        let list = self.href("/orders", &[]);
        let sign = if list.contains('?') { '&' } else { '?' };
        format!("{list}{sign}told={what}")
    }

    /// Its filters as a form keeps them, with the moment up to which it is shown.
    fn kept(&self, view: dermaga_ui::View, now: i64) -> Vec<(&'static str, String)> {
        vec![
            ("tab", view.key().to_owned()),
            ("attention", self.attention.clone()),
            ("channel", self.channel.clone()),
            ("shop", self.shop.clone()),
            ("sub_platform", self.sub_platform.clone()),
            ("q", self.q.clone()),
            ("until", now.to_string()),
        ]
    }

    pub(super) fn query(&self, view: View) -> orders::Query {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let reason = self.attention.parse().ok().filter(|_| view == View::Action);
        orders::Query {
            view: reason.map_or(view, View::Attention),
            channel: some(&self.channel),
            shop: self.shop.parse().ok(),
            sub_platform: some(&self.sub_platform),
            channel_order_id: None,
            search: some(&self.q),
            sort: if self.sort == NEWEST { Sort::Newest } else { Sort::Deadline },
            after: self.after.parse().ok(),
            limit: PAGE,
        }
    }

    /// The address of the same list with some parts replaced.
    pub(super) fn href(&self, path: &str, replaced: &[(&str, &str)]) -> String {
        let mine = [
            ("tab", self.tab.as_str()),
            ("attention", self.attention.as_str()),
            ("channel", self.channel.as_str()),
            ("shop", self.shop.as_str()),
            ("sub_platform", self.sub_platform.as_str()),
            ("q", self.q.as_str()),
            ("sort", self.sort.as_str()),
            ("after", ""),
        ];
        let pairs: Vec<(&str, &str)> = mine
            .into_iter()
            .map(|(name, value)| {
                let other = replaced.iter().find(|(replaced, _)| *replaced == name);
                (name, other.map_or(value, |(_, value)| value))
            })
            .collect();
        query_of(path, &pairs)
    }

    pub(super) fn filters(
        &self,
        app: &App,
        path: &str,
        (frame, locale): (&Frame, &Locale),
    ) -> Filters {
        let sub_platforms = sub_platforms::choices(app, &self.sub_platform);
        let sold_on = sub_platforms.iter().find(|choice| choice.value == self.sub_platform);
        let shop = frame.shops.iter().find(|shop| shop.id == self.shop);
        let channel = frame.channels.iter().find(|channel| channel.key == self.channel);
        let reason = Attention::from_key(&self.attention).map(|reason| locale.name(reason));
        let chips = [
            ("filter-attention", "attention", reason),
            ("filter-channel", "channel", channel.map(|channel| channel.name.clone())),
            ("filter-shop", "shop", shop.map(|shop| shop.name.clone())),
            ("filter-sub-platform", "sub_platform", sold_on.map(|sold| sold.label.clone())),
            ("filter-query", "q", (!self.q.is_empty()).then(|| self.q.clone())),
            ("filter-newest", "sort", (self.sort == NEWEST).then(String::new)),
        ];
        Filters {
            channel: self.channel.clone(),
            shop: self.shop.clone(),
            sub_platform: self.sub_platform.clone(),
            query: self.q.clone(),
            newest: (path != BIN).then(|| self.sort == NEWEST),
            channels: frame
                .channels
                .iter()
                .map(|channel| Choice { value: channel.key.clone(), label: channel.name.clone() })
                .collect(),
            shops: frame
                .shops
                .iter()
                .map(|shop| Choice { value: shop.id.clone(), label: shop.name.clone() })
                .collect(),
            sub_platforms,
            chips: chips
                .into_iter()
                .filter_map(|(kind, name, value)| {
                    let without = self.href(path, &[(name, "")]);
                    value.map(|value| Chip { kind, value, without })
                })
                .collect(),
        }
    }
}

/// The view of the store behind one of a page.
fn view_of(view: dermaga_ui::View) -> View {
    match view {
        dermaga_ui::View::All => View::All,
        dermaga_ui::View::ActionNeeded => View::Action,
        dermaga_ui::View::Unpaid
        | dermaga_ui::View::NewOrder
        | dermaga_ui::View::ReadyToShip
        | dermaga_ui::View::InDelivery
        | dermaga_ui::View::Completed
        | dermaga_ui::View::Cancelled
        | dermaga_ui::View::Complained
        | dermaga_ui::View::FailedDelivery => view.key().parse().map_or(View::All, View::Tab),
    }
}

/// A page of rows, as both lists show it.
struct Rows {
    frame: Frame,
    filters: Filters,
    rows: Vec<OrderRow>,
    forms: Vec<CommandForm>,
    newer: Option<String>,
    older: Option<String>,
}

async fn rows(
    app: &App,
    person: &Person,
    asked: &Asked,
    (path, view): (&str, View),
) -> dermaga_store::Result<Rows> {
    let frame = person.frame(app, &asked.q).await?;
    let page = app.store().list_orders(&person.scope, &asked.query(view)).await?;
    let ids: Vec<OrderId> = page.orders.iter().map(|order| order.id).collect();
    let buyers = app.store().buyers(&person.scope, &ids).await?;
    let mut flows: HashMap<FlowVersionId, Arc<Flow>> = HashMap::new();
    let (mut can, forms) = command_forms::bulk(app, person, &ids).await?;
    let mut rows = Vec::with_capacity(page.orders.len());
    for order in &page.orders {
        if let std::collections::hash_map::Entry::Vacant(missing) = flows.entry(order.flow_version)
        {
            missing.insert(app.store().flow(person.scope.org, order.flow_version).await?);
        }
        let flow = flows.get(&order.flow_version);
        let mut row = row(app, order, flow.map(|flow| &**flow), buyers.get(&order.id), &frame);
        row.can = can.remove(&order.id).unwrap_or_default();
        rows.push(row);
    }
    let older = page.next.map(|next| asked.href(path, &[("after", &next.to_string())]));
    Ok(Rows {
        filters: asked.filters(app, path, (&frame, &person.locale)),
        frame,
        rows,
        forms,
        newer: (!asked.after.is_empty()).then(|| asked.href(path, &[])),
        older,
    })
}

/// The link of an order's shop.
pub(super) fn shop_link(order: &Order, frame: &Frame) -> ShopLink {
    let id = order.shop.to_string();
    frame.shops.iter().find(|shop| shop.id == id).cloned().unwrap_or_else(|| ShopLink {
        id,
        name: String::new(),
        channel: crate::person::channel_link(&order.channel, &order.channel),
    })
}

pub(super) fn row(
    app: &App,
    order: &Order,
    flow: Option<&Flow>,
    buyer: Option<&Buyer>,
    frame: &Frame,
) -> OrderRow {
    let shop = shop_link(order, frame);
    let has = order.written() > dermaga_domain::term::Document::None;
    let sale = order
        .documents
        .iter()
        .find(|document| matches!(document.kind.as_str(), "sales_order" | "invoice"));
    let lines = order.lines.iter().filter(|line| !line.gone);
    let more = lines.clone().count().saturating_sub(LINES);
    let status = order.status.as_ref().zip(flow);
    OrderRow {
        id: order.id.to_string(),
        number: order.channel_order_id.clone(),
        channel: shop.channel.name.clone(),
        sub_platform: sub_platforms::beside_channel(app, order),
        shop: shop.name.clone(),
        document: sale.map(|document| document.number.clone()),
        status: status.map(|((_, status), flow)| status_link(&shop, flow, status)),
        tab: order.tab.and_then(|tab| Tab::from_key(tab.as_str())),
        buyer: buyer.map(|buyer| masked_name(&buyer.name)).unwrap_or_default(),
        city: buyer.map(|buyer| buyer.city.clone()).unwrap_or_default(),
        lines: lines
            .take(LINES)
            .map(|line| RowLine {
                name: line.name.clone(),
                sku: line.sku.clone(),
                quantity: line.quantity,
                short: line.holdings.iter().map(|holding| holding.short).sum(),
            })
            .collect(),
        more: i64::try_from(more).unwrap_or(i64::MAX),
        total: order
            .money
            .map(|money| Money { amount: money.total, currency: money.currency.to_string() }),
        carrier: order.carrier.clone().unwrap_or_default(),
        awb: order.awb.clone(),
        due: order.deadline.map(|at| at.0),
        payment: has.then(|| keyed(order.payment.as_str(), dermaga_ui::Payment::ALL)).flatten(),
        delivery: has.then(|| keyed(order.delivery.as_str(), dermaga_ui::Delivery::ALL)).flatten(),
        in_bin: order.bin,
        binned_at: sale.filter(|document| document.state == "bin").map(|it| it.changed_at.0),
        attentions: order
            .attentions
            .iter()
            .filter_map(|word| Attention::from_key(word.as_str()))
            .collect(),
        can: Vec::new(),
    }
}

pub(super) async fn orders(
    State(app): State<App>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let view = dermaga_ui::View::from_key(&asked.tab).unwrap_or(dermaga_ui::View::All);
    let refusal = |error: dermaga_store::Error| {
        Refusal::of_store(&error, person.locale.clone(), person.here.clone())
    };
    let read = rows(&app, &person, &asked, ("/orders", view_of(view))).await.map_err(refusal)?;
    if read.rows.is_empty()
        && let Some(sku) = named_sku(&app, &person, &asked).await.map_err(refusal)?
    {
        return Ok(sku.into_response());
    }
    let counts = app.store().view_counts(&person.scope, &asked.query(View::All)).await;
    let counts = counts.map_err(refusal)?;
    let tabs = dermaga_ui::View::ALL.iter().map(|&each| TabCount {
        view: each,
        count: counts.of(view_of(each)),
        href: asked.href("/orders", &[("tab", each.key()), ("attention", "")]),
    });
    let whole = asked.q.is_empty() && asked.attention.is_empty();
    let count = whole.then(|| counts.of(view_of(view)));
    let bulk = command_forms::bar(read.forms, asked.kept(view, person.locale.now), count);
    let whole = asked.channel.is_empty() && asked.shop.is_empty() && asked.sub_platform.is_empty();
    let first_run = counts.of(View::All) == 0 && whole;
    Ok(shown(&OrdersPage {
        locale: person.locale.clone(),
        view,
        tabs: tabs.collect(),
        filters: read.filters,
        frame: read.frame,
        rows: read.rows,
        newer: read.newer,
        older: read.older,
        bulk,
        notice: commands::notice(&asked.told),
        first_run,
    }))
}

/// The page of the SKU whose code was looked for: its ledger leads to the orders.
async fn named_sku(
    app: &App,
    person: &Person,
    asked: &Asked,
) -> dermaga_store::Result<Option<Redirect>> {
    if asked.q.is_empty() || !person.may(Permission::SeeStock) {
        return Ok(None);
    }
    let found = app.store().find_sku(person.scope.org, asked.q.trim()).await?;
    Ok(found.map(|sku| Redirect::to(&format!("/stock/{}", sku.id))))
}
