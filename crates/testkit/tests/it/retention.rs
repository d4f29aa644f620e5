//! Buyers go when their time is over, or when somebody asks: from rows, raw messages, kept answers,
//! labels, and from what still lies on the disk and could be opened with the root key.

use dermaga_domain::command::Words;
use dermaga_domain::term::{CommandKind, CommandState};
use dermaga_engine::Whose;
use dermaga_store::command::Giver;
use dermaga_store::read::Scope;
use dermaga_store::retention::{Erasure, Kind};
use dermaga_store::{Aim, Answer, NewExchange};
use dermaga_testkit::canaries::search;
use dermaga_testkit::{App, ROOT_KEY, Setup, both, remnants};
use serde_json::{Value, json};
use tempfile::TempDir;

const SKU: &str = "GAYO-250";
const DAY: u32 = 86_400;

/// Two people who buy.
const GONE: [&str; 5] = [
    "Kenari Satu",
    "6281200000771",
    "satu@pembeli.example.test",
    "Jl. Contoh 71",
    "titip di warung Bu Satu",
];
const STAYS: [&str; 5] = [
    "Kenari Dua",
    "6281200000772",
    "dua@pembeli.example.test",
    "Jl. Contoh 72",
    "titip di warung Bu Dua",
];

/// Somebody buys; the hub reads the order.
async fn buys(app: &App, who: [&str; 5]) -> String {
    let [name, phone, email, address, note] = who;
    let buyer = json!({"name": name, "phone": phone, "email": email, "address": address});
    let lines = json!([{"sku": SKU, "quantity": 1, "note": note}]);
    let placed = app.channel("POST", "orders", &json!({"lines": lines, "buyer": buyer})).unwrap();
    let id = placed["order_id"].as_str().unwrap().to_owned();
    app.hear().await.unwrap();
    app.pull().await.unwrap();
    id
}

/// The order is accepted here and its label fetched.
async fn is_packed(app: &App, id: &str) {
    let order = app.order(id).await.unwrap().id;
    for kind in [CommandKind::Accept, CommandKind::Label] {
        let scope = Scope::all(app.org);
        let words = Words::default();
        app.engine.command(&scope, &[order], kind, &words, Giver::Machine).await.unwrap();
        app.advance(10);
        app.hear().await.unwrap();
        let newest = app.engine.store().commands_of(app.org, order).await.unwrap().remove(0);
        assert_eq!(newest.state, CommandState::Done, "{newest:?}");
    }
}

/// A refusal of the channel that repeats who bought is kept.
async fn is_refused(app: &App, who: [&str; 5]) {
    let connection = app.engine.store().connections(app.org, None).await.unwrap().remove(0).id;
    let exchange = NewExchange {
        interface: "orders".to_owned(),
        request: "GET /v2/order/list".to_owned(),
        status: Some(400),
        outcome: "rejected".to_owned(),
        at: app.engine.now(),
        duration_us: 1,
        brought: None,
        answer: Some(who.join("; ").into_bytes()),
        aim: Aim::default(),
    };
    let answer = Answer {
        org: app.org,
        connection,
        shop: None,
        exchanges: vec![exchange],
        messages: Vec::new(),
        done: Vec::new(),
        marks: Vec::new(),
        progress: None,
        pushed: Vec::new(),
        commands: Vec::new(),
        download: None,
        lease: None,
    };
    app.engine.store().record(answer).await.unwrap();
}

/// Order and courier come to their end.
async fn is_completed(app: &App, id: &str) {
    for act in ["ship", "deliver", "complete"] {
        app.advance(60);
        app.at_channel(id, act, &json!({})).unwrap();
    }
    app.hear().await.unwrap();
    app.pull().await.unwrap();
    assert_eq!(app.said(id).await.unwrap(), "invoice sent paid completed");
}

/// Where any of the texts lies, in clear or in what the root key still opens.
fn traces(app: &App, texts: &[&str]) -> (Vec<String>, Vec<String>) {
    let (left, opened) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    app.leave(left.path()).unwrap();
    let count = remnants::open(left.path(), opened.path(), ROOT_KEY, app.org).unwrap();
    assert!(count > 0, "the credentials of the connection are always there to be opened");
    let clear = search(left.path(), texts.iter().copied()).unwrap();
    (clear, search(opened.path(), texts.iter().copied()).unwrap())
}

fn is_in(places: &[String], text: &str) -> bool {
    places.iter().any(|place| place.ends_with(text))
}

#[tokio::test]
async fn after_ninety_one_days_nothing_of_a_buyer_can_be_read() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = buys(app, GONE).await;
        is_packed(app, &id).await;
        is_completed(app, &id).await;
        is_refused(app, GONE).await;
        let (clear, opened) = traces(app, &GONE);
        assert_eq!(clear, Vec::<String>::new());
        // The search finds what there is to be found.
        for text in GONE {
            assert!(is_in(&opened, text), "{text}: {opened:?}");
        }
        let order = app.order(&id).await.unwrap().id;
        assert_eq!(app.engine.store().held_labels(app.org, &[order]).await.unwrap().len(), 1);

        // The pull's window is past the order before time is.
        app.advance(DAY);
        app.pull().await.unwrap();
        app.advance(88 * DAY);
        app.engine.settle().await.unwrap();
        let held = app.engine.store().buyers(&Scope::all(app.org), &[order]).await.unwrap();
        assert_eq!(held.len(), 1, "not before its time");
        app.advance(2 * DAY);
        app.engine.settle().await.unwrap();
        let (clear, opened) = traces(app, &GONE);
        assert_eq!((clear, opened), (Vec::new(), Vec::new()));

        let removed = app.engine.store().retention(app.org).await.unwrap();
        for kind in [Kind::Bodies, Kind::Answers, Kind::Labels, Kind::Buyers] {
            let found = removed.iter().find(|retained| retained.kind == kind.as_str()).unwrap();
            assert!(found.removed > 0, "{found:?}");
        }
        assert_eq!(app.said(&id).await.unwrap(), "invoice sent paid completed");
        let lines = app.order(&id).await.unwrap().lines;
        assert_eq!((lines.len(), lines[0].quantity), (1, 1), "the order stays");
    })
    .await;
}

#[tokio::test]
async fn a_buyer_who_asks_is_erased_and_does_not_come_back() {
    let outside = TempDir::new().unwrap();
    let list = outside.path().join("erasures");
    let mut setup = Setup::of("tokopedia");
    setup.settings.erasures = Some(list.clone());
    both(setup, async |app| {
        app.stock(SKU, 10).await.unwrap();
        let first = buys(app, GONE).await;
        let second = buys(app, GONE).await;
        let other = buys(app, STAYS).await;
        is_packed(app, &first).await;
        is_refused(app, GONE).await;
        app.pull().await.unwrap();

        // Who is asked for by a number written in another way.
        let phone = Whose::Phone("+62 812-0000-0771".to_owned());
        let told =
            app.engine.export_buyer(app.org, &phone, Giver::Machine).await.unwrap().to_json();
        let orders = told["orders"].as_array().unwrap();
        assert_eq!(orders.len(), 2, "{told}");
        assert_eq!(orders[0]["buyer"]["email"], GONE[2]);
        assert_eq!(orders[0]["labels"].as_array().unwrap().len(), 1);
        assert!(!told["raw_messages"].as_array().unwrap().is_empty());

        let older = TempDir::new().unwrap();
        let backup = older.path().join("backup");
        app.back_up(&backup).await.unwrap();
        let order = app.order(&first).await.unwrap().id;
        let whose = Whose::Order(order);
        let erased = app.engine.erase_buyer(app.org, &whose, Giver::Machine).await.unwrap();
        assert_eq!((erased.orders, erased.labels), (2, 1), "{erased:?}");
        assert!(erased.messages > 0 && erased.answers == 1, "{erased:?}");
        let (clear, opened) = traces(app, &GONE);
        assert_eq!((clear, opened), (Vec::new(), Vec::new()));
        let (_, opened) = traces(app, &STAYS);
        assert!(is_in(&opened, STAYS[0]), "the other buyer is still here");

        // The order goes on, and the channel tells of its buyer again.
        app.at_channel(&first, "ship", &json!({})).unwrap();
        app.hear().await.unwrap();
        app.engine.download(app.org, app.shops[0], &[first.clone(), second]).await.unwrap();
        app.engine.settle().await.unwrap();
        assert_eq!(app.said(&first).await.unwrap(), "invoice sent unpaid in_delivery");
        let ids = [order, app.order(&other).await.unwrap().id];
        let held = app.engine.store().buyers(&Scope::all(app.org), &ids).await.unwrap();
        assert_eq!(held.keys().copied().collect::<Vec<_>>(), [ids[1]]);
        let asked = app.engine.export_buyer(app.org, &phone, Giver::Machine).await.unwrap_err();
        assert!(matches!(asked, dermaga_engine::Error::Store(_)), "{asked}");

        // Outside of the database stands of which orders, and of nobody's data.
        let kept = std::fs::read_to_string(&list).unwrap();
        let lines: Vec<Value> =
            kept.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(lines.iter().any(|line| line["order"] == json!(first)), "{kept}");
        assert_eq!(search(outside.path(), GONE).unwrap(), Vec::<String>::new());

        // A backup that is older knows nothing of it; the list does.
        let erasures: Vec<Erasure> =
            kept.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let restored = TempDir::new().unwrap();
        let engine = app.restored(&backup, &restored.path().join("hub.db")).await.unwrap();
        engine.store().remember_erasures(app.org, &erasures).await.unwrap();
        assert_eq!(engine.erase_again(app.org).await.unwrap(), 2);
        assert_eq!(engine.erase_again(app.org).await.unwrap(), 0);
        let held = engine.store().buyers(&Scope::all(app.org), &ids).await.unwrap();
        assert_eq!(held.keys().copied().collect::<Vec<_>>(), [ids[1]]);
        let opened = TempDir::new().unwrap();
        remnants::open(restored.path(), opened.path(), ROOT_KEY, app.org).unwrap();
        assert_eq!(search(opened.path(), GONE).unwrap(), Vec::<String>::new());
        assert!(is_in(&search(opened.path(), STAYS).unwrap(), STAYS[0]));
        engine.store().close().await;
    })
    .await;
}

#[tokio::test]
async fn an_erased_buyer_of_an_order_unknown_so_far_goes_with_the_next_retention() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = buys(app, GONE).await;
        let order = app.order(&id).await.unwrap().id;
        let erasure = Erasure {
            channel: "tokopedia".to_owned(),
            shop: "480001".to_owned(),
            order: id.clone(),
            at: 0,
        };
        let elsewhere = Erasure { shop: "1".to_owned(), ..erasure.clone() };
        let store = app.engine.store();
        store.remember_erasures(app.org, &[elsewhere, erasure.clone()]).await.unwrap();
        assert_eq!(store.erasures(app.org).await.unwrap(), [erasure]);
        assert_eq!(store.buyers(&Scope::all(app.org), &[order]).await.unwrap().len(), 1);
        app.advance(DAY);
        app.engine.settle().await.unwrap();
        assert!(store.buyers(&Scope::all(app.org), &[order]).await.unwrap().is_empty());
    })
    .await;
}
