//! A shop on the seller's own server: whoever runs it may set any status, webhooks are hints, and
//! what was cancelled may come back.

use std::sync::Arc;

use dermaga_channel::Rate;
use dermaga_channel::http::{Client, Http, Pacer};
use dermaga_channel::reach::this_machine;
use dermaga_domain::command::Words;
use dermaga_domain::term::{CommandKind, Returned};
use dermaga_engine::TaskKind;
use dermaga_store::command::Giver;
use dermaga_store::read::Scope;
use dermaga_testkit::{App, SandboxClock, Setup, both, said_of};
use serde_json::{Value, json};

const SKU: &str = "GAYO-250";

async fn now(app: &App, id: &str) -> (String, (i64, i64, i64, i64)) {
    (app.said(id).await.unwrap(), app.level(SKU).await.unwrap())
}

fn seen(said: &str, level: (i64, i64, i64, i64)) -> (String, (i64, i64, i64, i64)) {
    (said.to_owned(), level)
}

/// Asks the shop as its own administrator would, over TLS.
async fn at_shop(app: &App, method: &str, target: &str, body: &Value) -> Value {
    let clock = Arc::new(SandboxClock(app.sandbox.clock()));
    let rate = Rate { per_second: 1_000, burst: 1_000 };
    let http = Http::new(
        Client::reaching(&this_machine()).unwrap(),
        Arc::new(Pacer::default()),
        rate,
        clock,
    );
    let url = app.sandbox.secure_channel_url("woocommerce").unwrap();
    let url = format!("{url}/wp-json/wc/v3/{target}");
    let authority = app.sandbox.certificate_authority();
    let request = http.request_entered(authority, method.parse().unwrap(), &url).unwrap();
    let request = request.basic_auth("ck_sandbox_580001", Some("cs_sandbox_not_a_real_one"));
    let answer = http.send("shop", request.body(body.to_string())).await.unwrap();
    serde_json::from_slice(&answer.body).unwrap()
}

#[tokio::test]
async fn an_order_is_paid_before_it_is_sent_and_comes_back_after_a_cancellation() {
    both(Setup::of("woocommerce"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = app.place(SKU, 2, false).unwrap();
        app.hear().await.unwrap();
        assert_eq!(now(app, &id).await, seen("none unsent unpaid unpaid", (10, 0, 0, 0)));
        let steps = [
            ("on-hold", "invoice unsent unpaid new_order", (10, 2, 0, 0)),
            ("cancelled", "invoice unsent unpaid bin cancelled", (10, 0, 0, 0)),
            ("processing", "invoice unsent paid ready_to_ship", (10, 2, 0, 0)),
            ("cancelled", "invoice unsent paid bin cancelled", (10, 0, 0, 0)),
            ("trash", "invoice unsent paid bin cancelled", (10, 0, 0, 0)),
            ("processing", "invoice unsent paid ready_to_ship", (10, 2, 0, 0)),
            ("completed", "invoice sent paid completed", (8, 0, 0, 0)),
        ];
        for (status, said, level) in steps {
            app.advance(60);
            app.set_status(&id, status).unwrap();
            app.hear().await.unwrap();
            assert_eq!(now(app, &id).await, seen(said, level), "{status}");
        }
        assert_eq!(app.orders(&id).await.unwrap().len(), 1);
    })
    .await;
}

/// No webhook comes, ever: the list of what changed brings everything, the bin too.
#[tokio::test]
async fn an_order_that_is_only_pulled_ends_the_same() {
    both(Setup { webhooks: false, ..Setup::of("woocommerce") }, async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = app.place(SKU, 2, true).unwrap();
        app.pull().await.unwrap();
        let ready = seen("invoice unsent paid ready_to_ship", (10, 2, 0, 0));
        assert_eq!(now(app, &id).await, ready);
        for (status, said) in [
            ("trash", "invoice unsent paid bin cancelled"),
            ("processing", "invoice unsent paid ready_to_ship"),
            ("completed", "invoice sent paid completed"),
        ] {
            app.set_status(&id, status).unwrap();
            app.pull().await.unwrap();
            assert_eq!(app.said(&id).await.unwrap(), said, "{status}");
        }
        assert_eq!(app.pushed().await.unwrap(), Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_status_that_was_missed_is_known_by_its_time() {
    both(Setup { webhooks: false, ..Setup::of("woocommerce") }, async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = app.place(SKU, 2, true).unwrap();
        for status in ["completed", "cancelled"] {
            app.advance(60);
            app.set_status(&id, status).unwrap();
        }
        app.pull().await.unwrap();
        let said = "invoice sent paid cancelled !cancelled_after_sent";
        assert_eq!(now(app, &id).await, seen(said, (8, 0, 0, 0)));
    })
    .await;
}

#[tokio::test]
async fn a_status_of_the_shops_own_waits_for_a_rule() {
    both(Setup::of("woocommerce"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = app.place(SKU, 2, true).unwrap();
        app.hear().await.unwrap();
        app.advance(60);
        app.set_status(&id, "packing").unwrap();
        app.hear().await.unwrap();
        let said = "invoice unsent paid ready_to_ship !unknown_status";
        assert_eq!(app.said(&id).await.unwrap(), said);
        app.advance(60);
        app.set_status(&id, "completed").unwrap();
        app.hear().await.unwrap();
        assert_eq!(app.said(&id).await.unwrap(), "invoice sent paid completed");
    })
    .await;
}

#[tokio::test]
async fn a_refund_of_a_part_flags_the_order_and_leaves_it_where_it_is() {
    both(Setup::of("woocommerce"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = app.place(SKU, 2, true).unwrap();
        app.hear().await.unwrap();
        app.advance(60);
        let part = json!({"sku": SKU, "quantity_deliver": 1});
        app.at_channel(&id, "partial", &part).unwrap();
        app.hear().await.unwrap();
        let said = "invoice unsent paid ready_to_ship !return_edit";
        assert_eq!(now(app, &id).await, seen(said, (10, 2, 0, 0)));
        assert_eq!(app.order(&id).await.unwrap().returned, Returned::Open);

        // The money of a cancelled order goes back without the order's coming back.
        let other = app.place(SKU, 1, true).unwrap();
        app.hear().await.unwrap();
        app.advance(60);
        app.set_status(&other, "cancelled").unwrap();
        app.hear().await.unwrap();
        let line = at_shop(app, "GET", &format!("orders/{other}"), &Value::Null).await;
        let line = line["line_items"][0]["id"].clone();
        app.advance(60);
        let refund = json!({"amount": "1000.00", "api_refund": false, "api_restock": false,
            "line_items": [{"id": line, "quantity": 0}]});
        at_shop(app, "POST", &format!("orders/{other}/refunds"), &refund).await;
        app.hear().await.unwrap();
        let said = "invoice unsent paid bin cancelled !return_edit";
        assert_eq!(app.said(&other).await.unwrap(), said);
        let given = app.channel("GET", "credentials", &Value::Null).unwrap();
        assert_eq!(given["gateway_refunds"], 0);
    })
    .await;
}

#[tokio::test]
async fn a_webhook_that_was_switched_off_is_switched_on_and_nothing_was_missed() {
    both(Setup::of("woocommerce"), async |app| {
        app.pull().await.unwrap();
        let hooks = at_shop(app, "GET", "webhooks?per_page=100", &Value::Null).await;
        let hooks: Vec<u64> =
            hooks.as_array().unwrap().iter().map(|hook| hook["id"].as_u64().unwrap()).collect();
        assert_eq!(hooks.len(), 4);
        for id in &hooks {
            let off = json!({"status": "disabled"});
            at_shop(app, "PUT", &format!("webhooks/{id}"), &off).await;
        }
        let id = app.place(SKU, 1, true).unwrap();
        app.advance(2);
        app.delivered().await.unwrap();
        assert_eq!(app.said(&id).await.unwrap(), "none", "nobody told of it");

        // The look alone: it makes the pull due, and that brings what nobody told of.
        let watch = app.task(app.shops[0], TaskKind::WebhookWatch).await.unwrap();
        app.engine.run_task(app.org, &watch).await.unwrap();
        let pull = app.task(app.shops[0], TaskKind::OrderPull).await.unwrap();
        assert!(pull.next_run_at <= app.engine.now());
        app.engine.run_task(app.org, &pull).await.unwrap();
        app.engine.settle().await.unwrap();
        assert!(app.said(&id).await.unwrap().starts_with("invoice"), "the pull brought it");
        let hooks = at_shop(app, "GET", "webhooks?per_page=100", &Value::Null).await;
        let hooks = hooks.as_array().unwrap();
        assert!(hooks.iter().all(|hook| hook["status"] == "active") && hooks.len() == 4);
        let task = app.task(app.shops[0], TaskKind::WebhookWatch).await.unwrap();
        assert_eq!(task.outcome.as_deref(), Some("registered again"));
        let notices = app.engine.store().notices(&Scope::all(app.org)).await.unwrap();
        assert_eq!(notices.iter().filter(|notice| notice.code == "DMG-0206").count(), 1);

        app.pause_tasks().await.unwrap();
        let id = app.place(SKU, 1, true).unwrap();
        app.hear().await.unwrap();
        assert!(app.said(&id).await.unwrap().starts_with("invoice"), "told again");
    })
    .await;
}

#[tokio::test]
async fn a_shop_that_is_disconnected_sends_nothing_here_any_more() {
    both(Setup::of("woocommerce"), async |app| {
        let other = json!({"topic": "order.updated", "secret": "rahasia-orang-lain",
            "delivery_url": "http://127.0.0.1:9/orang-lain"});
        let other = at_shop(app, "POST", "webhooks", &other).await;
        let shop = app.shop(app.shops[0]).await.unwrap();
        app.engine.disconnect_shop(app.org, &shop, Giver::Machine).await.unwrap();
        let left = at_shop(app, "GET", "webhooks?per_page=100", &Value::Null).await;
        let left: Vec<&Value> = left.as_array().unwrap().iter().map(|hook| &hook["id"]).collect();
        assert_eq!(left, [&other["id"]], "only somebody else's is left");
    })
    .await;
}

#[tokio::test]
async fn a_shop_that_does_not_answer_is_disconnected_all_the_same() {
    both(Setup::of("woocommerce"), async |app| {
        app.set_faults(&json!({"probability": {"server_error": 1}})).unwrap();
        let shop = app.shop(app.shops[0]).await.unwrap();
        app.engine.disconnect_shop(app.org, &shop, Giver::Machine).await.unwrap();
        assert!(app.shop(shop.id).await.unwrap().disconnected_at.is_some());
        app.set_faults(&json!({})).unwrap();
        let hooks = at_shop(app, "GET", "webhooks?per_page=100", &Value::Null).await;
        assert_eq!(hooks.as_array().unwrap().len(), 4, "nobody could take them away");
    })
    .await;
}

#[tokio::test]
async fn a_ping_is_answered_and_leaves_nothing() {
    both(Setup::of("woocommerce"), async |app| {
        app.delivered().await.unwrap();
        let sent = app.channel("GET", "webhooks", &Value::Null).unwrap();
        let sent = sent["webhooks"].as_array().unwrap();
        assert_eq!(sent.len(), 4, "one for each topic");
        for ping in sent {
            assert_eq!(
                (&ping["kind"], &ping["attempts"][0]["status"]),
                (&json!("ping"), &json!(200))
            );
        }
        assert_eq!(app.pushed().await.unwrap(), Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_webhook_that_names_no_shop_is_heard_of_the_only_one() {
    both(Setup::of("woocommerce"), async |app| {
        app.place(SKU, 1, true).unwrap();
        app.hear().await.unwrap();
        let health = app.engine.store().shops_health(&Scope::all(app.org), &app.shops).await;
        let heard: Vec<usize> = health.unwrap().values().map(|shop| shop.heard.len()).collect();
        assert_eq!(heard.len(), 1);
        assert!(heard[0] > 0, "the shop's card would say that nothing came");
    })
    .await;
}

#[tokio::test]
async fn what_was_commanded_is_done_and_its_echo_is_no_news() {
    both(Setup::of("woocommerce"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = app.place(SKU, 2, true).unwrap();
        app.hear().await.unwrap();
        app.advance(60);
        let order = app.order(&id).await.unwrap().id;
        let scope = Scope::all(app.org);
        let fields = [("awb".to_owned(), "JNE0001112223".to_owned())].into();
        let words = Words { fields, ..Words::default() };
        app.engine.command(&scope, &[order], CommandKind::Ship, &words, None).await.unwrap();
        // Done and read again, before the shop tells of it.
        app.engine.settle().await.unwrap();
        assert_eq!(now(app, &id).await, seen("invoice sent paid completed", (8, 0, 0, 0)));
        let order = app.order(&id).await.unwrap();
        let facts = app.facts(&id).await.unwrap();
        app.hear().await.unwrap();
        assert_eq!(app.facts(&id).await.unwrap(), facts, "the echo is the same fact");
        assert_eq!(said_of(&app.order(&id).await.unwrap()), said_of(&order));
        let notes = at_shop(app, "GET", &format!("orders/{id}/notes"), &Value::Null).await;
        let notes = notes.as_array().unwrap();
        assert_eq!((notes.len(), &notes[0]["customer_note"]), (1, &json!(true)));
    })
    .await;
}

#[tokio::test]
async fn every_kind_of_product_shows_what_is_left() {
    both(Setup::of("woocommerce"), async |app| {
        app.engine.run_tasks(app.org).await.unwrap();
        app.hear().await.unwrap();
        let skus = [(SKU, 11), ("BATIK-MEGA-M", 7), ("KAUS-KOPI-M", 6), ("TOTE-KOPI-P", 5)];
        for (sku, quantity) in skus {
            app.stock(sku, quantity).await.unwrap();
        }
        let store = app.engine.store();
        store.set_shop_push(app.org, app.shops[0], true, Giver::Machine).await.unwrap();
        app.hear().await.unwrap();
        let shown = |sku: &str| {
            let target = format!("stock/{sku}");
            app.channel("GET", &target, &Value::Null).unwrap()["stock"].as_i64().unwrap()
        };
        assert_eq!(skus.map(|(sku, _)| shown(sku)), [11, 7, 0, 5]);
        let counting = at_shop(app, "GET", "products?sku=KAUS-KOPI", &Value::Null).await;
        assert_eq!(counting[0]["stock_quantity"], 6, "the product counts for its variations");

        // Its own sale is lowered there already, and is not told back.
        app.advance(600);
        let told = app.calls_to("stock_update").unwrap();
        app.place("BATIK-MEGA-M", 3, true).unwrap();
        assert_eq!(shown("BATIK-MEGA-M"), 4);
        app.hear().await.unwrap();
        assert_eq!(app.calls_to("stock_update").unwrap(), told);
    })
    .await;
}

/// Every pair of statuses, and some walks through more of them, set by the shop's people and heard by
/// webhook: the documents are those of the golden table.
#[tokio::test]
async fn any_status_after_any_other_makes_the_documents_of_the_table() {
    const WALKS: usize = 16;
    const STEPS: usize = 12;
    let text = include_str!("../../../../tests/golden/woocommerce.walk.csv");
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    // What a person sets; the last column is the money that goes back beside it.
    let statuses = &rows[0][6..rows[0].len() - 1];
    let row = |state: &str| rows.iter().find(|row| row[0] == state).unwrap();
    let pairs = statuses.iter().flat_map(|a| statuses.iter().map(move |b| vec![*a, *b]));
    // A walk begins at each status in turn and goes on in strides of its own.
    let walks = (0..WALKS).map(|walk| {
        let stride = 1 + walk / statuses.len();
        (0..STEPS).map(|step| statuses[(walk + step * stride) % statuses.len()]).collect()
    });
    let ways: Vec<Vec<&str>> = pairs.chain(walks).collect();
    both(Setup::of("woocommerce"), async |app| {
        app.stock(SKU, 1_000).await.unwrap();
        let orders: Vec<String> = ways.iter().map(|_| app.place(SKU, 1, false).unwrap()).collect();
        app.hear().await.unwrap();
        let mut states = vec!["nothing"; ways.len()];
        for step in 0..STEPS {
            app.advance(60);
            for ((way, order), state) in ways.iter().zip(&orders).zip(&mut states) {
                let Some(status) = way.get(step) else { continue };
                app.set_status(order, status).unwrap();
                let at = rows[0].iter().position(|name| name == status).unwrap();
                *state = row(state)[at];
            }
            app.hear().await.unwrap();
            for ((way, order), state) in ways.iter().zip(&orders).zip(&states) {
                if step >= way.len() {
                    continue;
                }
                let said = app.said(order).await.unwrap();
                let [document, delivery, payment, bin, after_sent] = row(state)[1..6] else {
                    panic!("{state} has too few cells");
                };
                let begins = format!("{document} {delivery} {payment} ");
                assert!(said.starts_with(&begins), "{state}, not {said}, after {way:?}");
                assert_eq!(said.contains(" bin "), bin == "true", "{state}, {said}, {way:?}");
                let flagged = said.contains("!cancelled_after_sent");
                assert_eq!(flagged, after_sent == "true", "{state}, {said}, {way:?}");
            }
        }
    })
    .await;
}
