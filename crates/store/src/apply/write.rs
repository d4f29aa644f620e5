//! Writing what a batch came to: one statement a table.

use std::collections::BTreeMap;

use dermaga_domain::id::{OrderId, SkuId};
use dermaga_domain::order::{Buyer, Package, Part, cause};
use dermaga_domain::term::{Actor, Attention, Tab};
use dermaga_domain::time::Time;

use super::case::Case;
use super::documents::{self, Numbers};
use super::input::{Applied, Batch, Fetch};
use super::load::{Loaded, give};
use super::rows::{components_text, package_lines_text, units_text};
use super::{counts, facts, marks, orders, stamp, statements as sql, stock, told};
use crate::Store;
use crate::audit::Trail;
use crate::db::{self, Conn, Packed, Rows, Statement};
use crate::download::write_results;
use crate::error::{Error, Result};
use crate::stock::incident;
use crate::vault::Place;

/// Writes everything; gives what the batch came to.
pub(super) async fn write(
    store: &Store,
    conn: &mut Conn,
    batch: &Batch,
    loaded: Loaded,
    now: Time,
) -> db::Result<Result<Applied>> {
    let writer = Writer { store, org: batch.org.0, now };
    let asked = stock::asked_to_fill(&loaded, batch.fill);
    let Loaded { cases, books } = loaded;
    let (changed, unchanged): (Vec<Case>, Vec<Case>) =
        cases.into_iter().partition(|case| case.changed);

    orders::write(conn, writer.org, &changed, |case, rows| order_row(case, now, rows)).await?;
    facts::write_first(conn, writer.org, &changed, now).await?;
    writer.trail(conn, changed.iter().chain(&unchanged)).await?;
    writer.rows(conn, &sql::UPSERT_LINES, line_rows(&changed)).await?;
    writer.rows(conn, &sql::UPSERT_PACKAGES, package_rows(store, &changed, now)).await?;
    give!(writer.buyers(conn, &changed, batch).await?);

    books.write(store, conn, writer.org, now).await?;
    writer.open_incidents(conn, &changed).await?;
    writer.rows(conn, &sql::INSERT_TRANSITIONS, writer.transition_rows(&changed)).await?;
    writer.rows(conn, &sql::INSERT_TERMS, term_rows(&changed)).await?;

    let mut wanted = books.marks(conn, writer.org, asked, now).await?;
    wanted.extend(batch.wanted.iter().cloned());
    for case in changed.iter().chain(&unchanged) {
        let news = case.new_facts || case.fresh;
        if case.heard.fetch == Fetch::Always || (case.heard.fetch == Fetch::IfNews && news) {
            wanted.push(marks::fetch(
                case.row.shop_id,
                &case.row.channel_order_id,
                case.heard.modes,
                now,
            ));
        }
    }
    marks::write(conn, writer.org, &wanted, &batch.marks).await?;
    if let Some(download) = batch.download {
        let told = told::of(changed.iter().chain(&unchanged));
        write_results(conn, writer.org, download, &told).await?;
    }
    writer.rows(conn, &sql::FINISH_MESSAGES, marks::message_rows(&batch.messages)).await?;
    writer.rows(conn, &sql::ADD_TAB_COUNTS, counts::rows(&changed)).await?;
    let named = counts::sub_platform_rows(&changed);
    writer.rows(conn, &sql::ADD_SUB_PLATFORM_COUNTS, named).await?;
    give!(writer.documents_and_feed(conn, &changed).await?);

    Ok(Ok(Applied {
        new_facts: changed.iter().filter(|case| case.new_facts).count(),
        at_unknown_status: changed
            .iter()
            .filter(|case| case.raises(Attention::UnknownStatus))
            .map(|case| OrderId(case.row.id))
            .collect(),
        unchanged: unchanged.len(),
        changed: changed.iter().map(|case| OrderId(case.row.id)).collect(),
        statements: conn.statements(),
    }))
}

struct Writer<'a> {
    store: &'a Store,
    org: i64,
    now: Time,
}

impl Writer<'_> {
    /// Runs a statement over rows, unless there are none.
    async fn rows(
        &self,
        conn: &mut Conn,
        statement: &'static Statement,
        rows: Rows,
    ) -> db::Result<()> {
        if !rows.is_empty() {
            conn.execute(statement, &[self.org.into(), rows.into()]).await?;
        }
        Ok(())
    }

    /// What people did, for those who look at who did what.
    async fn trail<'c>(
        &self,
        conn: &mut Conn,
        cases: impl Iterator<Item = &'c Case>,
    ) -> db::Result<()> {
        let mut trail = Trail::default();
        for case in cases {
            let order = OrderId(case.row.id).to_string();
            for act in &case.heard.acts {
                let (name, note) = (format!("order.{}", act.kind.as_str()), act.note.as_deref());
                let told = (order.as_str(), note.unwrap_or_default());
                trail.push(self.store, self.now, act.by, &name, told);
            }
        }
        trail.write(conn, self.org).await
    }

    async fn buyers(
        &self,
        conn: &mut Conn,
        cases: &[Case],
        batch: &Batch,
    ) -> db::Result<Result<()>> {
        let (mut rows, mut sealed) = (Rows::default(), Packed::default());
        for case in cases {
            let Some(stamp) = case.buyer else { continue };
            let Some(Part { content, .. }) = &case.heard.snapshot.buyer else { continue };
            let row = case.row.id.to_string();
            let place = Place { org: batch.org, table: "buyer", row: &row, column: "sealed" };
            let plain = give!(buyer_text(content));
            let body = give!(self.store.vault.seal(&place, self.now, plain.as_bytes()));
            rows.push(&[&case.row.id, &stamp::to_text(&stamp), &sealed.push(&body)]);
        }
        if !rows.is_empty() {
            let values = [self.org.into(), rows.into(), sealed.into()];
            conn.execute(&sql::UPSERT_BUYERS, &values).await?;
        }
        Ok(Ok(()))
    }

    fn transition_rows(&self, cases: &[Case]) -> Rows {
        let mut rows = Rows::default();
        for case in cases {
            let act = case.newest_act();
            for transition in &case.transitions {
                let cause = cause(transition.verb, &case.after.evidence)
                    .filter(|_| act.is_none())
                    .and_then(|index| case.facts.get(index));
                rows.push(&[
                    &case.row.id,
                    &self.store.ids.next(self.now),
                    &transition.verb.as_str(),
                    &transition.attention.map(Attention::as_str),
                    &cause.map(|fact| fact.key.status.as_str()),
                    &cause.map(|fact| fact.key.mode.as_str()),
                    &act,
                    &case.row.flow_version_id,
                    &self.now.0,
                ]);
            }
        }
        rows
    }

    /// The SKUs that a channel found gone.
    async fn open_incidents(&self, conn: &mut Conn, cases: &[Case]) -> db::Result<()> {
        let found = cases
            .iter()
            .flat_map(|case| case.found_gone().into_iter().map(move |sku| (sku, case.row.id)));
        let found: BTreeMap<SkuId, i64> = found.collect();
        let opened = found.into_iter().map(|(sku, order)| incident::Opened {
            sku,
            warehouse: None,
            order: Some(order),
        });
        incident::open(self.store, conn, self.org, incident::Kind::OutOfStock, opened, self.now)
            .await
    }

    /// Last: the counter is locked as short as can be.
    async fn documents_and_feed(&self, conn: &mut Conn, cases: &[Case]) -> db::Result<Result<()>> {
        if cases.is_empty() {
            return Ok(Ok(()));
        }
        let wanted = documents::wanted(cases);
        let feed = i64::try_from(cases.len()).unwrap_or(i64::MAX);
        let asked = Numbers::count(&wanted);
        let taken: Option<Numbers> = conn
            .optional(
                &sql::TAKE_NUMBERS,
                &[
                    self.org.into(),
                    feed.into(),
                    asked.sales_order.into(),
                    asked.invoice.into(),
                    asked.delivery.into(),
                    asked.payment.into(),
                ],
            )
            .await?;
        let Some(taken) = taken else { return Ok(Err(Error::NotFound("org"))) };
        let rows = documents::rows(self.store, wanted, &taken, &asked, self.now);
        self.rows(conn, &sql::UPSERT_DOCUMENTS, rows).await?;
        let mut rows = Rows::default();
        for (position, case) in (taken.feed - feed + 1..).zip(cases) {
            rows.push(&[&position, &"order", &case.row.id, &self.now.0]);
        }
        self.rows(conn, &sql::INSERT_FEED, rows).await?;
        Ok(Ok(()))
    }
}

/// Its last three cells are for an order that is new; the others are read by either statement.
fn order_row(case: &Case, now: Time, rows: &mut Rows) {
    let state = &case.after;
    let money = case.parts.money.as_ref().map(|part| part.content);
    let head = case.parts.head.as_ref().map(|part| &part.content);
    let sold_under = case.parts.sub_platform.as_ref();
    let status = state.status.as_ref();
    let attentions =
        state.attentions.iter().map(|word| word.as_str()).collect::<Vec<_>>().join(" ");
    let stamps = stamp::parts_to_text([
        case.parts.lines.as_ref().map(|part| &part.stamp),
        case.parts.money.as_ref().map(|part| &part.stamp),
        case.parts.head.as_ref().map(|part| &part.stamp),
        sold_under.map(|part| &part.stamp),
    ]);
    let ordered_at = head.and_then(|head| head.ordered_at);
    let sort_at = ordered_at.map_or(case.row.created_at, |at| at.0);
    rows.push(&[
        &case.row.id,
        &head.and_then(|head| head.channel_invoice.as_deref()),
        &case.row.flow_version_id,
        &status.map(|(_, status)| status.as_str()),
        &status.map(|(about, _)| about.as_str()),
        &state.status_at.map(|at| at.0),
        &state.document.as_str(),
        &state.delivery.as_str(),
        &state.payment.as_str(),
        &state.cancelled.as_str(),
        &state.returned.as_str(),
        &state.bin,
        &state.tab.map(Tab::as_str),
        &attentions,
        &state.documented,
        &state.cancelled_by.map(Actor::as_str),
        &state.cancelled_reason.as_deref(),
        &money.as_ref().map(|money| money.currency.as_str()),
        &money.map(|money| money.goods),
        &money.map(|money| money.shipping),
        &money.map(|money| money.fees),
        &money.map(|money| money.discount),
        &money.map(|money| money.total),
        &ordered_at.map(|at| at.0),
        &head.and_then(|head| head.ship_by).map(|at| at.0),
        &head.and_then(|head| head.accept_by).map(|at| at.0),
        &head.and_then(|head| head.channel_warehouse.as_deref()),
        &head.and_then(|head| head.carrier.as_deref()),
        &head.and_then(|head| head.service.as_deref()),
        &sold_under.map(|part| part.content.as_str()),
        &head.is_some_and(|head| head.cash_on_delivery),
        &head.is_some_and(|head| head.cancel_requested),
        &newest_awb(case),
        &stamps,
        &sort_at,
        &state.due_at(head).map_or(i64::MAX - sort_at, |at| at.0),
        &state.reread_until(head, now).0,
        &now.0,
        &case.row.shop_id,
        &case.row.channel_order_id,
        &case.row.created_at,
    ]);
}

/// The AWB of the newest package that has one; a booking code never is.
fn newest_awb(case: &Case) -> Option<&str> {
    let with_awb = case.parts.packages.iter().filter(|part| part.content.awb.is_some());
    with_awb.max_by_key(|part| part.stamp).and_then(|part| part.content.awb.as_deref())
}

fn line_rows(cases: &[Case]) -> Rows {
    let mut rows = Rows::default();
    for case in cases {
        for (position, line) in (0_i64..).zip(&case.lines) {
            let shown = case.parts.lines.iter().flat_map(|part| &part.content);
            let shown = shown.clone().find(|shown| shown.key == line.key);
            if !(line.moved() || (case.parts_changed && shown.is_some())) {
                continue;
            }
            let components =
                (!line.components.is_empty()).then(|| components_text(&line.components));
            // A line that is no longer shown keeps what was last seen of it, with nothing living.
            rows.push(&[
                &case.row.id,
                &&*line.key.0,
                &line.id.0,
                &position,
                &shown.map_or("", |shown| &shown.channel_product_id),
                &shown.map_or("", |shown| &shown.channel_sku),
                &shown.map_or("", |shown| &shown.name),
                &shown.map_or(0, |shown| shown.quantity),
                &shown.map_or(0, |shown| shown.cancelled),
                &line.live,
                &shown.map_or(0, |shown| shown.unit_price),
                &shown.map_or_else(String::new, |shown| units_text(&shown.units)),
                &line.sku.map(|sku| sku.0),
                &components,
                &line.gone,
            ]);
        }
    }
    rows
}

fn package_rows(store: &Store, cases: &[Case], now: Time) -> Rows {
    let mut rows = Rows::default();
    for case in cases.iter().filter(|case| case.parts_changed) {
        for Part { stamp, content } in &case.parts.packages {
            let Package { key, carrier, booking_code, awb, .. } = content;
            rows.push(&[
                &case.row.id,
                &&*key.0,
                &store.ids.next(now),
                carrier,
                booking_code,
                awb,
                &package_lines_text(content),
                &stamp::to_text(stamp),
            ]);
        }
    }
    rows
}

/// What an order is found by: its numbers, in the form of [`crate::search::normalised`].
fn term_rows(cases: &[Case]) -> Rows {
    let mut rows = Rows::default();
    for case in cases {
        let mut terms = Vec::new();
        if case.fresh {
            terms.push(case.row.channel_order_id.as_str());
        }
        if case.parts_changed {
            let head = case.parts.head.as_ref();
            terms.extend(head.and_then(|head| head.content.channel_invoice.as_deref()));
            for package in &case.parts.packages {
                terms.extend(package.content.awb.as_deref());
                terms.extend(package.content.booking_code.as_deref());
            }
        }
        for term in terms {
            rows.push(&[&crate::search::normalised(term), &case.row.id]);
        }
    }
    rows
}

fn buyer_text(buyer: &Buyer) -> Result<String> {
    serde_json::to_string(&crate::buyer::Stored::from(buyer))
        .map_err(|_| Error::Refused("the buyer cannot be written".to_owned()))
}
