//! A hub that dies in the middle of a window goes on where it was.

use std::sync::Arc;

use async_trait::async_trait;
use dermaga_channel::{
    Call, Capabilities, Changes, Channel, Command, Credentials, Done, Error, Fetched,
    Interpretation, ListingPage, Message, Registry, ShopNamed, Token, Webhook, What,
};
use dermaga_domain::term::ChannelKind;
use dermaga_engine::TaskKind;
use dermaga_testkit::{App, Setup, both};
use serde_json::{Value, json};
use tokio::sync::Notify;

/// A channel that hangs when a second page of orders is asked for.
struct Hanging {
    channel: Arc<dyn Channel>,
    asked: Arc<Notify>,
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
        if changes.what == What::Orders && changes.page.is_some() {
            self.asked.notify_one();
            std::future::pending::<()>().await;
        }
        self.channel.list_changes(call, changes).await
    }
    async fn fetch_orders(&self, call: &Call<'_>, ids: &[String]) -> Result<Fetched, Error> {
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

/// From when on orders of the first shop were asked for, call by call.
fn starts(app: &App) -> Vec<i64> {
    let calls = app.channel("GET", "calls?limit=10000", &Value::Null).unwrap();
    let calls = calls["calls"].as_array().unwrap();
    let lists = calls.iter().filter(|call| call["endpoint"] == json!("order_list"));
    let of_shop = lists.filter(|call| call["shop_id"] == json!(480_001));
    let start = |call: &Value| {
        let (_, rest) = call["target"].as_str().unwrap().split_once("from_date=").unwrap();
        rest.split('&').next().unwrap().parse().unwrap()
    };
    of_shop.map(start).collect()
}

#[tokio::test]
async fn a_pull_goes_on_at_the_page_that_was_not_stored() {
    let asked = Arc::new(Notify::new());
    let hang = |channel: &Arc<dyn Channel>| -> Arc<dyn Channel> {
        Arc::new(Hanging { channel: Arc::clone(channel), asked: Arc::clone(&asked) })
    };
    let registry = Registry::new(dermaga_channels::all().iter().map(|(_, channel)| hang(channel)));
    let setup = Setup { webhooks: false, registry, ..Setup::of("tokopedia") };
    both(setup, async |app| {
        let body = json!({"lines": [{"sku": "MUG-BATIK", "quantity": 1}], "count": 150});
        let placed = app.channel("POST", "orders", &body).unwrap();
        app.advance(60);
        tokio::select! {
            () = asked.notified() => {}
            ended = app.engine.settle() => panic!("the second page was not asked for: {ended:?}"),
        }
        let task = app.task(app.shops[0], TaskKind::OrderPull).await.unwrap();
        assert!(task.page.is_some() && task.window_to.is_some(), "{task:?}");
        let first = starts(app);

        app.restart(dermaga_channels::all()).await.unwrap();
        // Past the leases of the one that died.
        app.advance(120);
        app.engine.settle().await.unwrap();
        let ids = placed["order_ids"].as_array().unwrap();
        assert_eq!(ids.len(), 150);
        for id in ids {
            let id = id.as_str().unwrap();
            assert_eq!(app.orders(id).await.unwrap().len(), 1, "order {id}");
        }
        assert!(starts(app)[first.len()] > first[0], "what was kept is not asked for again");
        let task = app.task(app.shops[0], TaskKind::OrderPull).await.unwrap();
        assert_eq!((task.page, task.window_to), (None, None));
    })
    .await;
}
