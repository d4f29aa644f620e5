//! Many commands given together, at the channel's own rate, while some fail and the hub dies half-way.

use std::collections::HashMap;
use std::time::Duration;

use dermaga_domain::command::Words;
use dermaga_domain::id::OrderId;
use dermaga_domain::term::{CommandKind, CommandState};
use dermaga_engine::Settings;
use dermaga_sandbox::Rates;
use dermaga_store::command::BatchCount;
use dermaga_store::read::Scope;
use dermaga_testkit::{App, Backend, Setup};
use serde_json::{Value, json};

use super::{alone, begin, calls, of_order};

/// How many when nothing else is asked.
const ORDERS: usize = 200;
/// Where more are asked for.
const ORDERS_ASKED: &str = "DERMAGA_BULK_ORDERS";

#[expect(clippy::disallowed_methods, reason = "a proof that takes minutes is asked for by hand")]
fn orders() -> usize {
    std::env::var(ORDERS_ASKED).ok().map_or(ORDERS, |asked| asked.parse().unwrap())
}

/// How many accepts have had their effect, and the endpoints of calls that came too soon.
fn accepted(app: &App) -> (usize, Vec<String>) {
    let told = app.channel("GET", "calls", &Value::Null).unwrap();
    let calls = told["calls"].as_array().unwrap();
    let of_kind = calls.iter().filter(|call| call["endpoint"] == json!("ack"));
    let effects = of_kind.filter(|call| call["effect"] == json!(true)).count();
    let early = calls.iter().filter(|call| call["status"] == json!(429));
    (effects, early.map(|call| format!("{} {}", call["number"], call["endpoint"])).collect())
}

async fn in_bulk(backend: Backend) {
    // The channel grants ten times what it documents, and counts each call. On a machine that does much
    // else a call may come late by more than the one at once that is kept back.
    let rates = vec!["tokopedia=40/40".parse().unwrap()];
    let settings = Settings { unpaced: false, rates, ..Settings::default() };
    let setup = Setup { settings, rates: Rates::Times(10), clock_speed: 1, ..alone() };
    let mut app = App::start_as(backend, setup).await.unwrap();
    begin(&app).await;
    let body = json!({"lines": [{"sku": super::SKU, "quantity": 1}], "count": orders()});
    let placed = app.channel("POST", "orders", &body).unwrap();
    let placed: Vec<String> = serde_json::from_value(placed["order_ids"].clone()).unwrap();
    app.engine.download(app.org, app.shops[0], &placed).await.unwrap();
    app.engine.settle().await.unwrap();
    let mut ids: Vec<OrderId> = Vec::new();
    for id in &placed {
        ids.push(app.order(id).await.unwrap().id);
    }

    let a_tenth = json!({"probability": {
        "server_error": 0.03, "server_error_after": 0.03, "cut_body": 0.02, "connect_drop": 0.02,
    }});
    app.set_faults(&a_tenth).unwrap();
    let (scope, words) = (Scope::all(app.org), Words::default());
    let given = app.engine.command(&scope, &ids, CommandKind::Accept, &words, None).await.unwrap();
    assert_eq!(given.waiting, ids.len());
    tokio::select! {
        () = half_way(&app, ids.len()) => {}
        ended = app.engine.settle() => panic!("all was done before half of it: {ended:?}"),
    }
    app.restart(dermaga_channels::all()).await.unwrap();
    // Past the leases of the one that died.
    app.advance(61);
    let wanted = vec![BatchCount { state: CommandState::Done, commands: count(ids.len()) }];
    // Longer than the whole of the schedule on which a command is tried again.
    for _ in 0..60 {
        app.engine.settle().await.unwrap();
        if results(&app, &given).await == wanted {
            break;
        }
        app.advance(61);
    }
    assert_eq!(results(&app, &given).await, wanted);
    assert_eq!(accepted(&app), (ids.len(), vec![]), "effects, calls beyond the rate");
    let calls = calls(&app, 0);
    let mut of: HashMap<&str, Vec<&Value>> = HashMap::new();
    for call in &calls {
        of.entry(call["order_id"].as_str().unwrap_or_default()).or_default().push(call);
    }
    for id in &placed {
        let theirs = of.remove(id.as_str()).unwrap_or_default();
        let told = of_order(theirs, id, CommandKind::Accept);
        assert_eq!((told.effects, told.blind), (1, 0), "order {id}: {told:?}");
    }
    let fired = app.channel("GET", "faults", &Value::Null).unwrap();
    assert_ne!(fired["fired"]["server_error_after"], json!(0), "no answer was lost: {fired}");
}

async fn results(app: &App, given: &dermaga_engine::Given) -> Vec<BatchCount> {
    app.engine.store().count_batch(&Scope::all(app.org), given.batch).await.unwrap()
}

fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap()
}

async fn half_way(app: &App, orders: usize) {
    while accepted(app).0 < orders / 2 {
        // The sandbox tells nobody when it is called, so it is asked.
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn each_of_many_is_accepted_once_at_the_channels_rate_on_sqlite() {
    in_bulk(Backend::Sqlite).await;
}

#[tokio::test]
async fn each_of_many_is_accepted_once_at_the_channels_rate_on_postgres() {
    in_bulk(Backend::Postgres).await;
}
