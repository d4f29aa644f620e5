//! What people download: seen before it is applied, one result for each order, whatever happens on
//! the way.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use dermaga_channel::{
    Call, Capabilities, Changes, Channel, Command, Credentials, Done, Error, Fetched,
    Interpretation, ListingPage, Message, Registry, ShopNamed, Token, Webhook,
};
use dermaga_domain::id::DownloadId;
use dermaga_domain::term::ChannelKind;
use dermaga_domain::time::Span;
use dermaga_engine::Wish;
use dermaga_store::command::Giver;
use dermaga_store::download::{Outcome, State};
use dermaga_store::read::Scope;
use dermaga_testkit::{App, Backend, Power, Setup, both};
use serde_json::{Value, json};
use tokio::sync::Notify;

const SKU: &str = "GAYO-250";
/// Orders of the story that is killed half-way.
const ORDERS: usize = 5_000;
/// Of these, so many are known before.
const KNOWN: usize = 200;

fn alone() -> Setup {
    Setup { webhooks: false, ..Setup::of("tokopedia") }
}

fn place_many(app: &App, count: usize) -> Vec<String> {
    let body = json!({"lines": [{"sku": SKU, "quantity": 1}], "count": count, "paid": true});
    let placed = app.channel("POST", "orders", &body).unwrap();
    let ids = placed["order_ids"].as_array().unwrap();
    ids.iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

/// The orders of a download as `1948 changed payment-paid`, failures first.
async fn told(app: &App, id: DownloadId) -> Vec<String> {
    let scope = Scope::all(app.org);
    let (orders, _) =
        app.engine.store().download_orders(&scope, id, None, None, 200).await.unwrap();
    let line = |order: dermaga_store::download::DownloadOrder| {
        let outcome = order.outcome.map_or("-", Outcome::as_str);
        let code = order.code.iter().cloned();
        let words = [order.channel_order_id, outcome.to_owned()].into_iter().chain(code);
        words.chain(order.changes).collect::<Vec<_>>().join(" ")
    };
    orders.into_iter().map(line).collect()
}

async fn rows(app: &App, table: &str) -> i64 {
    let counts = app.engine.store().row_counts(app.org).await.unwrap();
    counts.into_iter().find(|(name, _)| name == table).unwrap().1
}

#[tokio::test]
async fn what_would_change_is_shown_and_nothing_of_it_is_kept_before_a_person_agrees() {
    both(alone(), async |app| {
        app.stock(SKU, 10).await.unwrap();
        app.pause_tasks().await.unwrap();
        let ids = place_many(app, 3);
        let shop = app.shop(app.shops[0]).await.unwrap();
        let known = ids[..2].to_vec();
        app.engine.download(app.org, shop.id, &known).await.unwrap();
        app.hear().await.unwrap();
        app.advance(60);
        app.at_channel(&ids[0], "accept", &json!({})).unwrap();

        let before = (rows(app, "fact").await, rows(app, "orders").await, app.feed_end().await);
        let asked = [ids.clone(), vec!["404".to_owned(), ids[0].clone()]].concat();
        let id = app.begin_download(&shop, Wish::Orders(asked)).await.unwrap();
        assert_eq!(app.download(id).await.unwrap().state, State::Ready);
        let expected = [
            "404 not_found".to_owned(),
            format!("{} changed document-invoice tab-ready_to_ship", ids[0]),
            format!("{} new document-sales_order tab-new_order", ids[2]),
            format!("{} same", ids[1]),
        ];
        let seen: Vec<String> =
            told(app, id).await.iter().map(|line| line.replace(" content", "")).collect();
        assert_eq!(seen, expected);
        let after = (rows(app, "fact").await, rows(app, "orders").await, app.feed_end().await);
        assert_eq!((before.0, before.1, before.2.unwrap()), (after.0, after.1, after.2.unwrap()));
        assert_eq!(app.said(&ids[2]).await.unwrap(), "none");
        assert_eq!(app.level(SKU).await.unwrap(), (10, 0, 2, 0));

        let calls = app.calls_to("order_detail").unwrap();
        app.agree_download(id).await.unwrap();
        app.engine.settle().await.unwrap();
        assert_eq!(app.download(id).await.unwrap().state, State::Done);
        assert_eq!(app.calls_to("order_detail").unwrap(), calls, "nothing is read twice");
        let done: Vec<String> =
            told(app, id).await.iter().map(|line| line.replace(" content", "")).collect();
        assert_eq!(done, expected, "what was seen is what was done");
        assert_eq!(app.said(&ids[0]).await.unwrap(), "invoice unsent unpaid ready_to_ship");
        assert_eq!(app.level(SKU).await.unwrap(), (10, 1, 2, 0));
        assert!(app.facts(&ids[0]).await.unwrap().contains(&"400 download".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn what_failed_is_tried_again_and_what_was_dropped_is_not_applied() {
    both(alone(), async |app| {
        app.pause_tasks().await.unwrap();
        let ids = place_many(app, 2);
        let shop = app.shop(app.shops[0]).await.unwrap();
        app.set_faults(&json!({"probability": {"server_error": 1}})).unwrap();
        let id = app.begin_download(&shop, Wish::Orders(ids.clone())).await.unwrap();
        for _ in 0..6 {
            app.advance(1_801);
            app.engine.settle().await.unwrap();
        }
        let failed: Vec<String> = ids.iter().map(|id| format!("{id} failed DMG-0202")).collect();
        let mut seen = told(app, id).await;
        seen.sort();
        let mut expected = failed.clone();
        expected.sort();
        assert_eq!(seen, expected);

        app.set_faults(&json!({})).unwrap();
        let download = app.download(id).await.unwrap();
        assert_eq!(download.state, State::Ready);
        let by = Giver::Machine;
        app.engine.retry_download(app.org, &download, by).await.unwrap();
        app.engine.settle().await.unwrap();
        let counts = app.count_download(id).await.unwrap();
        assert_eq!((counts.of(Outcome::New), counts.of(Outcome::Failed)), (2, 0));

        let download = app.download(id).await.unwrap();
        app.engine.drop_download(app.org, &download, by).await.unwrap();
        let refused = app.engine.agree_download(app.org, &download, by).await;
        assert!(refused.is_err(), "it was dropped meanwhile");
        app.engine.settle().await.unwrap();
        assert_eq!(rows(app, "orders").await, 0);

        // The same content, asked for in another way, is not lost because it was only looked at.
        app.engine.download(app.org, shop.id, &ids).await.unwrap();
        app.hear().await.unwrap();
        assert_eq!(rows(app, "orders").await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_shop_that_takes_no_orders_is_not_downloaded() {
    both(alone(), async |app| {
        app.set_order_sync(false).await.unwrap();
        let shop = app.shop(app.shops[0]).await.unwrap();
        let wish = Wish::Orders(vec!["1".to_owned()]);
        let refused = app.engine.begin_download(app.org, &shop, wish, Giver::Machine).await;
        assert_eq!(refused.unwrap_err().code(), Some("DMG-0207"));
    })
    .await;
}

/// A channel that hangs when so many orders were read.
struct Hanging {
    channel: Arc<dyn Channel>,
    left: Arc<AtomicUsize>,
    hangs: Arc<Notify>,
}

#[async_trait]
impl Channel for Hanging {
    fn kind(&self) -> ChannelKind {
        self.channel.kind()
    }
    fn capabilities(&self) -> &Capabilities {
        self.channel.capabilities()
    }
    fn flow_file(&self) -> &'static str {
        self.channel.flow_file()
    }
    async fn authorise(&self, call: &Call<'_>) -> Result<Token, Error> {
        self.channel.authorise(call).await
    }
    fn verify(&self, webhook: &Webhook<'_>, credentials: &Credentials) -> bool {
        self.channel.verify(webhook, credentials)
    }
    fn shop_named(&self, webhook: &Webhook<'_>) -> ShopNamed {
        self.channel.shop_named(webhook)
    }
    fn interpret(
        &self,
        message: &Message<'_>,
        credentials: &Credentials,
    ) -> Result<Interpretation, Error> {
        self.channel.interpret(message, credentials)
    }
    async fn list_changes(&self, call: &Call<'_>, changes: &Changes) -> Result<Fetched, Error> {
        self.channel.list_changes(call, changes).await
    }
    async fn fetch_orders(&self, call: &Call<'_>, ids: &[String]) -> Result<Fetched, Error> {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 0 {
            self.hangs.notify_one();
            std::future::pending::<()>().await;
        }
        self.channel.fetch_orders(call, ids).await
    }
    async fn list_listings(
        &self,
        call: &Call<'_>,
        page: Option<&str>,
    ) -> Result<ListingPage, Error> {
        self.channel.list_listings(call, page).await
    }
    async fn execute(&self, call: &Call<'_>, command: &Command) -> Result<Done, Error> {
        self.channel.execute(call, command).await
    }
}

/// Every order gets exactly one result, and nothing is read or written twice, although the hub dies
/// half-way through reading and loses its power half-way through applying.
async fn killed_half_way(backend: Backend) {
    let (left, hangs) = (Arc::new(AtomicUsize::new(KNOWN + ORDERS / 2)), Arc::new(Notify::new()));
    let hanging = |channel: &Arc<dyn Channel>| -> Arc<dyn Channel> {
        let (channel, left) = (Arc::clone(channel), Arc::clone(&left));
        Arc::new(Hanging { channel, left, hangs: Arc::clone(&hangs) })
    };
    let power = Power::default();
    let registry =
        Registry::new(dermaga_channels::all().iter().map(|(_, channel)| hanging(channel)));
    let setup = Setup { registry, power: Some(power.clone()), ..alone() };
    let mut app = App::start_as(backend, setup).await.unwrap();
    app.stock(SKU, 10_000).await.unwrap();
    app.pause_tasks().await.unwrap();
    let ids = place_many(&app, ORDERS);
    let shop = app.shop(app.shops[0]).await.unwrap();
    app.engine.download(app.org, shop.id, &ids[..KNOWN]).await.unwrap();
    app.engine.settle().await.unwrap();
    for id in &ids[..KNOWN / 2] {
        app.at_channel(id, "accept", &json!({})).unwrap();
    }
    app.advance(60);

    let now = app.engine.now();
    let wish = Wish::Range { from: now.minus(Span::hours(1)), to: now };
    let by = Giver::Machine;
    let id = app.engine.begin_download(app.org, &shop, wish, by).await.unwrap();
    tokio::select! {
        () = hangs.notified() => {}
        ended = app.engine.settle() => panic!("all was read before half of it: {ended:?}"),
    }
    app.restart(dermaga_channels::all()).await.unwrap();
    // Past the leases of the one that died.
    app.advance(120);
    app.engine.settle().await.unwrap();
    assert_eq!(app.download(id).await.unwrap().state, State::Ready);
    let seen = app.count_download(id).await.unwrap();
    let of = |counts: &dermaga_store::download::Counts| {
        Outcome::ALL.map(|outcome| usize::try_from(counts.of(outcome)).unwrap())
    };
    let expected = [0, 0, KNOWN / 2, ORDERS - KNOWN, KNOWN / 2];
    assert_eq!(of(&seen), expected);
    assert_eq!(rows(&app, "orders").await, i64::try_from(KNOWN).unwrap(), "nothing is kept yet");

    app.agree_download(id).await.unwrap();
    while app.count_download(id).await.unwrap().ended * 2 < seen.total {
        app.engine.run_downloads(app.org).await.unwrap();
    }
    power.cut_at("before download.result");
    app.engine.run_downloads(app.org).await.unwrap_err();
    assert!(power.restore().1, "the power went out");
    app.restart(dermaga_channels::all()).await.unwrap();
    app.advance(120);
    app.engine.settle().await.unwrap();

    let done = app.count_download(id).await.unwrap();
    assert_eq!(app.download(id).await.unwrap().state, State::Done);
    assert_eq!((of(&done), done.total, done.ended), (expected, seen.total, seen.total));
    let all = i64::try_from(ORDERS).unwrap();
    assert_eq!((rows(&app, "orders").await, rows(&app, "document").await), (all, all));
    // The list, in stretches of a page and halves that were more than one, products and the few requests
    // that were under way at the end come on top.
    let read = app.channel("GET", "calls?limit=1", &Value::Null).unwrap()["total"].as_u64();
    let read = usize::try_from(read.unwrap()).unwrap();
    assert!(read < ORDERS + KNOWN + 400, "{read} calls");
    let found = app.engine.store().find_violations(app.org).await.unwrap();
    assert!(found.is_empty(), "invariants are broken: {found:?}");
}

#[tokio::test]
async fn a_download_that_is_killed_half_way_gives_each_order_one_result_on_sqlite() {
    killed_half_way(Backend::Sqlite).await;
}

#[tokio::test]
async fn a_download_that_is_killed_half_way_gives_each_order_one_result_on_postgres() {
    killed_half_way(Backend::Postgres).await;
}
