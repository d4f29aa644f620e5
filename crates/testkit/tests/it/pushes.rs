//! Channels are told what is left, and not what they know.

use dermaga_domain::command::Words;
use dermaga_domain::id::ShopId;
use dermaga_domain::stock::Share;
use dermaga_domain::term::CommandKind;
use dermaga_engine::TaskKind;
use dermaga_store::command::Giver;
use dermaga_store::read::Scope;
use dermaga_store::stock::NewSku;
use dermaga_testkit::{App, Setup, both};
use serde_json::json;

const SKU: &str = "GAYO-250";
const BUNDLE: &str = "PAKET-NUSANTARA";

/// What a shop of the channel shows of a SKU.
fn shown(app: &App, shop: i64, sku: &str) -> i64 {
    let target = format!("stock/{sku}?shop_id={shop}");
    app.channel("GET", &target, &json!(null)).unwrap()["stock"].as_i64().unwrap()
}

fn told(app: &App) -> usize {
    app.calls_to("stock_update").unwrap()
}

/// What was sent of a SKU, the oldest first.
async fn sent(app: &App, shop: ShopId, sku: &str) -> Vec<String> {
    let log = app.engine.store().pushes(app.org, shop, None, 1_000).await.unwrap();
    let of_sku = log.into_iter().rev().filter(|entry| entry.channel_sku == sku);
    of_sku.map(|entry| format!("{} {}", entry.value, entry.outcome)).collect()
}

/// Both shops sell from one warehouse that holds so many, and the first is told what is left.
async fn told_of(app: &App, quantity: i64) {
    app.engine.run_tasks(app.org).await.unwrap();
    app.hear().await.unwrap();
    app.stock(SKU, quantity).await.unwrap();
    app.engine.store().set_shop_push(app.org, app.shops[0], true, Giver::Machine).await.unwrap();
    app.hear().await.unwrap();
    app.advance(600);
}

#[tokio::test]
async fn nothing_is_told_before_it_is_switched_on_and_the_preview_sends_nothing() {
    both(Setup::of("tokopedia"), async |app| {
        app.engine.run_tasks(app.org).await.unwrap();
        app.hear().await.unwrap();
        app.stock(SKU, 11).await.unwrap();
        app.hear().await.unwrap();
        assert_eq!(told(app), 0);

        let preview = app.engine.push_preview(app.org, app.shops[0]).await.unwrap();
        let gayo = preview.rows.iter().find(|row| row.listing.channel_sku == SKU).unwrap();
        assert_eq!((gayo.listing.wanted(), gayo.listing.channel_stock), (11, Some(400)));
        assert!(gayo.differs);
        assert_eq!(told(app), 0);

        app.engine
            .store()
            .set_shop_push(app.org, app.shops[0], true, Giver::Machine)
            .await
            .unwrap();
        app.hear().await.unwrap();
        assert_eq!(shown(app, 480_001, SKU), 11);
        assert_eq!(shown(app, 480_002, SKU), 60, "the other shop is not told");
        let calls = told(app);
        app.hear().await.unwrap();
        assert_eq!(told(app), calls, "told once");
    })
    .await;
}

#[tokio::test]
async fn a_change_here_is_told_and_its_own_sale_is_not() {
    both(Setup::of("tokopedia"), async |app| {
        told_of(app, 10).await;
        let calls = told(app);

        // Its own sale: the channel has lowered its stock itself.
        app.place(SKU, 3, true).unwrap();
        assert_eq!(shown(app, 480_001, SKU), 7);
        app.hear().await.unwrap();
        assert_eq!(told(app), calls, "its own sale is not told back");

        // A count: what it sold and what came are told together.
        app.advance(600);
        app.count(SKU, 22).await.unwrap();
        app.hear().await.unwrap();
        assert_eq!(shown(app, 480_001, SKU), 19);
        assert_eq!(told(app), calls + 1);
    })
    .await;
}

#[tokio::test]
async fn a_sale_that_may_be_older_than_the_last_word_is_told_again() {
    both(Setup::of("tokopedia"), async |app| {
        told_of(app, 10).await;
        // Sold while no webhook comes; meanwhile the shop is told of something else, so that the sale is
        // put back on its shelf.
        app.pause_tasks().await.unwrap();
        app.set_faults(&json!({"probability": {"webhook_drop": 1}})).unwrap();
        let id = app.place(SKU, 3, true).unwrap();
        app.advance(60);
        app.count(SKU, 9).await.unwrap();
        app.hear().await.unwrap();
        assert_eq!(shown(app, 480_001, SKU), 9);

        app.set_faults(&json!({})).unwrap();
        app.engine.download(app.org, app.shops[0], &[id]).await.unwrap();
        app.hear().await.unwrap();
        assert_eq!(shown(app, 480_001, SKU), 6, "taken off again");
    })
    .await;
}

#[tokio::test]
async fn a_cancelled_order_gives_its_units_back_to_the_shelf() {
    both(Setup::of("tokopedia"), async |app| {
        told_of(app, 10).await;
        let id = app.place(SKU, 4, true).unwrap();
        app.hear().await.unwrap();
        app.advance(600);
        let order = app.order(&id).await.unwrap().id;
        let words = Words { reason: Some("3".to_owned()), ..Words::default() };
        let scope = Scope::all(app.org);
        app.engine.command(&scope, &[order], CommandKind::Reject, &words, None).await.unwrap();
        app.hear().await.unwrap();
        assert_eq!(shown(app, 480_001, SKU), 10);
    })
    .await;
}

#[tokio::test]
async fn what_changes_while_a_shop_is_paused_is_told_once_it_goes_on() {
    both(Setup::of("tokopedia"), async |app| {
        told_of(app, 10).await;
        let mut shop =
            app.engine.store().shops(app.org, Some(app.shops[0])).await.unwrap().remove(0);
        shop.paused = true;
        app.engine.change_shop(app.org, &shop).await.unwrap();
        app.count(SKU, 4).await.unwrap();
        app.hear().await.unwrap();
        assert_eq!(shown(app, 480_001, SKU), 10, "paused");

        shop.paused = false;
        app.engine.change_shop(app.org, &shop).await.unwrap();
        app.advance(60);
        app.hear().await.unwrap();
        assert_eq!(shown(app, 480_001, SKU), 4);
    })
    .await;
}

#[tokio::test]
async fn what_somebody_changed_at_the_channel_is_told_again_after_two_looks() {
    both(Setup::of("tokopedia"), async |app| {
        told_of(app, 10).await;
        let target = format!("stock/{SKU}?shop_id=480001");
        app.channel("PUT", &target, &json!({"stock": 25})).unwrap();
        let pull = TaskKind::SkuPull;
        for shown_then in [25, 25, 10] {
            assert_eq!(shown(app, 480_001, SKU), shown_then);
            let task = app.task(app.shops[0], pull).await.unwrap();
            app.advance(u32::try_from(task.interval.0 / 1_000_000).unwrap());
            app.engine.run_tasks(app.org).await.unwrap();
            app.hear().await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_bundle_shows_whole_ones_of_what_its_parts_have() {
    both(Setup::of("tokopedia"), async |app| {
        told_of(app, 5).await;
        let store = app.engine.store();
        let part = store.find_sku(app.org, SKU).await.unwrap().unwrap().id;
        let (code, name) = (BUNDLE.to_owned(), BUNDLE.to_owned());
        store
            .create_sku(app.org, NewSku { code, name, components: vec![(part, 2)] })
            .await
            .unwrap();
        app.hear().await.unwrap();
        assert_eq!(shown(app, 480_001, BUNDLE), 2);
        app.count(SKU, 8).await.unwrap();
        app.hear().await.unwrap();
        assert_eq!((shown(app, 480_001, BUNDLE), shown(app, 480_001, SKU)), (4, 8));
    })
    .await;
}

#[tokio::test]
async fn a_listing_shows_its_share_only() {
    both(Setup::of("tokopedia"), async |app| {
        told_of(app, 10).await;
        let preview = app.engine.push_preview(app.org, app.shops[0]).await.unwrap();
        let gayo = preview.rows.iter().find(|row| row.listing.channel_sku == SKU).unwrap();
        let share = Share { percent: 50, buffer: 1, cap: Some(3) };
        let store = app.engine.store();
        store.set_listing_push(app.org, gayo.listing.listing, true, share).await.unwrap();
        app.hear().await.unwrap();
        assert_eq!(shown(app, 480_001, SKU), 3);
    })
    .await;
}

#[tokio::test]
async fn a_refused_row_is_told_again_and_so_is_what_got_no_answer() {
    both(Setup::of("tokopedia"), async |app| {
        told_of(app, 10).await;
        for (fault, quantity) in
            [("row_error", 11), ("cut_body", 12), ("server_error", 13), ("rate_limited", 14)]
        {
            let profile = json!({"probability": {fault: 1}, "limit": {fault: 1}});
            app.set_faults(&profile).unwrap();
            app.count(SKU, quantity).await.unwrap();
            app.hear().await.unwrap();
            let before = sent(app, app.shops[0], SKU).await;
            assert!(!before.last().unwrap().ends_with("taken"), "{fault}: {before:?}");
            app.advance(60);
            app.hear().await.unwrap();
            let after = sent(app, app.shops[0], SKU).await;
            assert!(after.last().unwrap().ends_with("taken"), "{fault}: {after:?}");
            assert_eq!(shown(app, 480_001, SKU), quantity, "{fault}");
        }
    })
    .await;
}
