//! The shop of each channel is missed when it falls silent, against how often it is heard.

use dermaga_domain::silence::{Silence, silence};
use dermaga_domain::time::Span;
use dermaga_store::read::Scope;
use dermaga_testkit::{App, Backend, Setup};

/// Every channel with a client.
const CHANNELS: [&str; 5] = ["lazada", "shopee", "tiktok", "tokopedia", "woocommerce"];
const SKU: &str = "GAYO-250";
/// Orders that are heard of, one every five minutes: enough that something is usual.
const ORDERS: usize = 24;
const APART_SECONDS: u32 = 300;

/// What the shop's card says of its silence.
async fn seen(app: &App) -> Silence {
    let shop = app.shops[0];
    let health = app.engine.store().shops_health(&Scope::all(app.org), &[shop]).await.unwrap();
    silence(&health[&shop].heard, app.engine.now()).unwrap()
}

#[tokio::test]
async fn the_shop_of_each_channel_is_missed_when_it_falls_silent() {
    assert!(dermaga_channels::all().iter().all(|(name, _)| CHANNELS.contains(&name)));
    for channel in CHANNELS {
        let app = App::start_as(Backend::Sqlite, Setup::of(channel)).await.unwrap();
        app.pause_tasks().await.unwrap();
        for _ in 0..ORDERS {
            app.advance(APART_SECONDS);
            app.place(SKU, 1, true).unwrap();
            // Some shops send what waits when their clock moves.
            app.advance(1);
            app.delivered().await.unwrap();
        }
        app.engine.settle().await.unwrap();
        let now = seen(&app).await;
        assert!(!now.is_strange && now.usual.is_some(), "{channel}: {now:?}");
        assert!(now.usual.unwrap() <= Span::minutes(6), "{channel}: {now:?}");
        app.advance(20 * 60);
        assert!(!seen(&app).await.is_strange, "{channel}: twenty minutes are not long");
        app.advance(20 * 60);
        let silent = seen(&app).await;
        assert!(silent.is_strange && silent.since == now.since, "{channel}: {silent:?}");
        app.place(SKU, 1, true).unwrap();
        app.advance(1);
        app.delivered().await.unwrap();
        assert!(!seen(&app).await.is_strange, "{channel}: it is heard again");
    }
}
