//! What torture asks of a hub beside the API: acts of people, the clock, and what only the inside shows.

use anyhow::{Context as _, Result, bail};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use dermaga_bench::control::DistantClock;
use dermaga_domain::command::{CommandLine, FieldKind, Words};
use dermaga_domain::id::{MessageId, OrgId};
use dermaga_domain::term::CommandKind;
use dermaga_domain::time::Span;
use dermaga_engine::Engine;
use dermaga_store::apply::NewAct;
use dermaga_store::command::Giver;
use dermaga_store::once::{Earlier, Once};
use dermaga_store::read::Scope;
use dermaga_store::stock::{Change, StockMove};
use dermaga_store::work::{FETCH, FILL, JUDGE, PUSH};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The hub behind the doors.
#[derive(Clone)]
struct Inside {
    engine: Engine,
    clock: DistantClock,
}

pub(super) fn routes(engine: Engine, clock: DistantClock) -> Router {
    Router::new()
        .route("/bench/act", post(act))
        .route("/bench/command", post(give).get(given))
        .route("/bench/receive", post(receive))
        .route("/bench/clock", post(set_clock))
        .route("/bench/doctor", get(doctor))
        .route("/bench/books", get(books))
        .route("/bench/kept", get(kept))
        .with_state(Inside { engine, clock })
}

type Answer = Result<Json<Value>, StatusCode>;

/// Tells an error in the log, and that there was one in the answer.
fn answer(told: Result<Option<Value>>) -> Answer {
    match told {
        Ok(Some(told)) => Ok(Json(told)),
        Ok(None) => Err(StatusCode::NOT_FOUND),
        Err(error) => {
            tracing::warn!(error = %error, "a door of torture failed");
            Err(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

async fn only_org(engine: &Engine) -> Result<OrgId> {
    engine.store().orgs().await?.first().copied().context("there is no org yet")
}

/// What a person does to an order.
#[derive(Deserialize)]
struct Act {
    channel_order_id: String,
    act: String,
}

async fn act(State(inside): State<Inside>, Json(asked): Json<Act>) -> Answer {
    answer(try_act(&inside.engine, &asked).await)
}

async fn try_act(engine: &Engine, asked: &Act) -> Result<Option<Value>> {
    let org = only_org(engine).await?;
    let number = &asked.channel_order_id;
    let found = crate::commands::find_order(engine.store(), org, number).await?;
    let Some(order) = found else { return Ok(None) };
    if asked.act == "download" {
        for (_, shop, number) in engine.store().orders_by_id(org, &[order]).await? {
            engine.download(org, shop, &[number]).await?;
        }
    } else {
        let kind = asked.act.parse()?;
        engine.act(org, order, NewAct { kind, by: Giver::Machine, note: None }).await?;
    }
    Ok(Some(json!({})))
}

/// What a person asks the channel to do with an order.
#[derive(Deserialize)]
struct Give {
    channel_order_id: String,
    kind: String,
}

async fn give(State(inside): State<Inside>, Json(asked): Json<Give>) -> Answer {
    answer(try_give(&inside.engine, &asked).await)
}

/// Gives it if the order allows it as the hub knows it.
async fn try_give(engine: &Engine, asked: &Give) -> Result<Option<Value>> {
    let org = only_org(engine).await?;
    let number = &asked.channel_order_id;
    let found = crate::commands::find_order(engine.store(), org, number).await?;
    let Some(order) = found else { return Ok(None) };
    let (kind, scope) = (asked.kind.parse()?, Scope::all(org));
    let offers = engine.offers(&scope, order).await?;
    let open = offers.iter().find(|of| of.offer.kind == kind && of.refusal.is_none());
    let Some(open) = open else { return Ok(None) };
    // The reason that asks for nothing more, where there is one.
    let reasons = &open.offer.reasons;
    let reason = reasons.iter().find(|reason| reason.fields.is_empty()).or(reasons.first());
    let asked_for = reason.map(|reason| reason.fields).unwrap_or_default();
    let fields = open.offer.fields.iter().chain(asked_for);
    let texts = fields.filter(|field| matches!(field.kind, FieldKind::Text(_)));
    let fields = texts.map(|field| (field.name.to_owned(), format!("CONTOH{number}")));
    let reason = reason.map(|reason| reason.code.to_owned());
    let mut words = Words { reason, fields: fields.collect(), lines: vec![] };
    if kind == CommandKind::Partial {
        let detail = engine.store().order_detail(&scope, order).await?;
        let lines = detail.map(|detail| detail.order.lines).unwrap_or_default();
        words.lines.extend(lines.into_iter().map(|line| CommandLine {
            key: line.id.to_string(),
            channel_product_id: String::new(),
            quantity: 1,
        }));
    }
    let given = engine.command(&scope, &[order], kind, &words, None).await?;
    Ok((given.waiting == 1).then(|| json!({})))
}

#[derive(Deserialize)]
struct OfOrder {
    channel_order_id: String,
}

/// The commands of an order, the newest first.
async fn given(State(inside): State<Inside>, Query(asked): Query<OfOrder>) -> Answer {
    answer(try_given(&inside.engine, &asked.channel_order_id).await)
}

async fn try_given(engine: &Engine, number: &str) -> Result<Option<Value>> {
    let org = only_org(engine).await?;
    let found = crate::commands::find_order(engine.store(), org, number).await?;
    let Some(order) = found else { return Ok(None) };
    let commands = engine.store().commands_of(org, order).await?.into_iter().map(|command| {
        json!({"kind": command.kind.as_str(), "state": command.state.as_str(),
               "attempts": command.attempts, "answer": command.answer})
    });
    Ok(Some(commands.collect()))
}

/// Goods that arrive.
#[derive(Deserialize)]
struct Receipt {
    /// What the one who brings them calls this receipt: told twice, it is taken in once.
    name: String,
    sku: String,
    warehouse: String,
    quantity: i64,
}

async fn receive(State(inside): State<Inside>, Json(asked): Json<Receipt>) -> Answer {
    answer(try_receive(&inside.engine, asked).await)
}

async fn try_receive(engine: &Engine, asked: Receipt) -> Result<Option<Value>> {
    let org = only_org(engine).await?;
    let warehouses = engine.store().warehouses(org).await?;
    let found = warehouses.into_iter().find(|found| found.name == asked.warehouse);
    let sku = engine.store().find_sku(org, &asked.sku).await?;
    let (Some(warehouse), Some(sku)) = (found, sku) else { return Ok(None) };
    let change = Change::Receipt(asked.quantity);
    let receipt = StockMove {
        sku: sku.id,
        warehouse: warehouse.id,
        change,
        note: None,
        by: Giver::Machine,
        seen: None,
    };
    let once = Once { by: Giver::Machine, body_hash: asked.name.clone(), name: asked.name };
    match engine.store().move_stock_once(org, vec![receipt], Some(once)).await? {
        Ok(_) | Err(Earlier::Same(_)) => Ok(Some(json!({}))),
        Err(Earlier::Other) => bail!("two receipts have one name"),
    }
}

#[derive(Deserialize)]
struct Off {
    off_seconds: i64,
}

async fn set_clock(State(inside): State<Inside>, Json(asked): Json<Off>) -> Json<Value> {
    inside.clock.set_off(Span::seconds(asked.off_seconds));
    Json(json!({}))
}

async fn doctor(State(inside): State<Inside>) -> Answer {
    answer(try_doctor(&inside.engine).await)
}

async fn try_doctor(engine: &Engine) -> Result<Option<Value>> {
    let org = only_org(engine).await?;
    crate::commands::doctor::findings(engine.store(), org).await.map(Some)
}

/// How many rows there are, and whether there is work that could be done now.
async fn books(State(inside): State<Inside>) -> Answer {
    answer(try_books(&inside.engine).await)
}

async fn try_books(engine: &Engine) -> Result<Option<Value>> {
    let org = only_org(engine).await?;
    let store = engine.store();
    let mut idle = store.pending(org, MessageId(i64::MIN), 1).await?.is_empty();
    for kind in [FETCH, JUDGE, FILL, PUSH] {
        idle = idle && store.due(org, kind, 1).await?.is_empty();
    }
    idle = idle && store.due_commands(org, 1).await?.is_empty();
    let now = engine.now();
    idle = idle && store.tasks(org, None).await?.iter().all(|task| task.next_run_at > now);
    let rows: serde_json::Map<String, Value> = store
        .row_counts(org)
        .await?
        .into_iter()
        .map(|(name, rows)| (name, Value::from(rows)))
        .collect();
    let commands = store.commands_under_way(org).await?;
    Ok(Some(json!({"idle": idle, "rows": rows, "commands_under_way": commands})))
}

#[derive(Deserialize)]
struct After {
    after: i64,
}

/// Messages told at once.
const KEPT: i64 = 500;

/// The SHA-256 of the body of each webhook that was kept, a page at a time.
async fn kept(State(inside): State<Inside>, Query(asked): Query<After>) -> Answer {
    answer(try_kept(&inside.engine, asked.after).await)
}

async fn try_kept(engine: &Engine, after: i64) -> Result<Option<Value>> {
    let org = only_org(engine).await?;
    let found = engine.store().kept_webhooks(org, MessageId(after), KEPT).await?;
    let next = found.last().map(|(id, _)| id.0);
    let bodies: Vec<String> =
        found.iter().map(|(_, body)| hex::encode(Sha256::digest(body))).collect();
    Ok(Some(json!({"next": next, "bodies": bodies})))
}
