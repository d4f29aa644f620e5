//! How far back a channel lists: never a silent loss.

use dermaga_domain::time::{Span, Time};
use dermaga_engine::{Error, TaskKind, Wish};
use dermaga_store::Shop;
use dermaga_store::command::Giver;
use dermaga_store::read::Scope;
use dermaga_testkit::{App, Setup, both};
use serde_json::json;

const DAY: u32 = 86_400;

async fn set_from(app: &App, from: Time) -> Result<(), Error> {
    let shop = app.shop(app.shops[0]).await.unwrap();
    app.engine.change_shop(app.org, &Shop { order_sync_from: Some(from), ..shop }).await
}

async fn notices(app: &App) -> Vec<String> {
    let notices = app.engine.store().notices(&Scope::all(app.org)).await.unwrap();
    notices.into_iter().map(|notice| format!("{} {}", notice.code, notice.detail)).collect()
}

#[tokio::test]
async fn a_from_date_that_is_too_old_is_refused_with_the_earliest() {
    both(Setup { webhooks: false, ..Setup::of("tokopedia") }, async |app| {
        let old = app
            .channel(
                "POST",
                "orders",
                &json!({"lines": [{"sku": "GAYO-250", "quantity": 1}], "seconds_ago": DAY * 2}),
            )
            .unwrap();
        let old = old["order_id"].as_str().unwrap().to_owned();
        app.hear().await.unwrap();
        assert!(app.orders(&old).await.unwrap().is_empty(), "pulled from now on only");

        let refused = set_from(app, app.engine.now().minus(Span::days(4))).await.unwrap_err();
        assert_eq!(refused.code(), Some("DMG-0204"));
        let Error::TooOld { days: 3, earliest } = refused else { panic!("{refused}") };
        assert_eq!(app.shop(app.shops[0]).await.unwrap().order_sync_from, None);

        // The date it names is accepted, and nothing since then is lost.
        set_from(app, earliest).await.unwrap();
        app.hear().await.unwrap();
        assert_eq!(app.said(&old).await.unwrap(), "sales_order unsent unpaid new_order !unmapped");
        let facts = app.facts(&old).await.unwrap();
        assert!(facts.iter().all(|heard| heard.ends_with(" download")), "first sync: {facts:?}");
        app.pull().await.unwrap();
        assert_eq!(notices(app).await, Vec::<String>::new());

        let shop = app.shop(app.shops[0]).await.unwrap();
        let from = app.engine.now().minus(Span::days(4));
        let wish = Wish::Range { from, to: app.engine.now() };
        let refused = app.engine.begin_download(app.org, &shop, wish, Giver::Machine).await;
        assert_eq!(refused.unwrap_err().code(), Some("DMG-0204"));
    })
    .await;
}

#[tokio::test]
async fn an_outage_longer_than_the_window_names_the_gap() {
    both(Setup { webhooks: false, ..Setup::of("tokopedia") }, async |app| {
        app.pull().await.unwrap();
        let seen = app.task(app.shops[0], TaskKind::OrderPull).await.unwrap().cursor_at.unwrap();
        let lost = app.place("GAYO-250", 1, true).unwrap();
        app.advance(5 * DAY);
        let new = app.place("GAYO-250", 1, true).unwrap();
        app.pull().await.unwrap();
        let earliest = app.engine.now().minus(Span::days(3));
        let day = |time: Time| time.as_seconds() / i64::from(DAY) * i64::from(DAY);
        let gap = format!("DMG-0205 {} {}", day(seen), day(earliest));
        // One for each shop, however often the task runs.
        assert_eq!(notices(app).await, [gap.clone(), gap.clone()]);
        assert!(app.orders(&lost).await.unwrap().is_empty());
        assert_eq!(app.orders(&new).await.unwrap().len(), 1);
        app.pull().await.unwrap();
        assert_eq!(notices(app).await, [gap.clone(), gap]);

        // The order in the gap can still be downloaded by its number.
        app.engine.download(app.org, app.shops[0], std::slice::from_ref(&lost)).await.unwrap();
        app.hear().await.unwrap();
        assert_eq!(app.orders(&lost).await.unwrap().len(), 1);
    })
    .await;
}

/// An outage shorter than the window loses nothing and says nothing.
#[tokio::test]
async fn an_outage_within_the_window_is_caught_up() {
    both(Setup { webhooks: false, ..Setup::of("tokopedia") }, async |app| {
        app.pull().await.unwrap();
        let mut ids = Vec::new();
        for _ in 0..5 {
            ids.push(app.place("GAYO-250", 1, true).unwrap());
            app.advance(DAY / 2);
        }
        app.pull().await.unwrap();
        for id in ids {
            assert_eq!(app.orders(&id).await.unwrap().len(), 1);
        }
        assert_eq!(notices(app).await, Vec::<String>::new());
    })
    .await;
}

/// Our clock is ahead, and the list is late with an order: it is listed by the next pull.
#[tokio::test]
async fn an_order_that_is_listed_late_is_pulled_although_clocks_differ() {
    both(Setup { webhooks: false, ..Setup::of("tokopedia") }, async |app| {
        app.set_off(Span::minutes(10));
        app.pull().await.unwrap();
        app.advance(1_700);
        let lag = json!({"probability": {"list_lag": 1.0}, "list_lag_seconds": 240});
        app.channel("PUT", "faults", &lag).unwrap();
        let late = app.place("GAYO-250", 1, true).unwrap();
        app.channel("PUT", "faults", &json!({})).unwrap();
        app.advance(200);
        app.hear().await.unwrap();
        assert!(app.orders(&late).await.unwrap().is_empty(), "not listed yet");
        app.pull().await.unwrap();
        assert_eq!(app.orders(&late).await.unwrap().len(), 1);
    })
    .await;
}

/// A clock that was ahead is put right, and further: nothing is asked for the wrong way round, nothing
/// is lost, nothing counts as asked for by a person, and the tasks do not wait for the old time.
#[tokio::test]
async fn a_clock_that_jumps_back_loses_nothing() {
    both(Setup { webhooks: false, ..Setup::of("tokopedia") }, async |app| {
        app.set_off(Span::minutes(10));
        app.pull().await.unwrap();
        let before = app.place("GAYO-250", 1, true).unwrap();
        app.set_off(Span::minutes(-10));
        app.pull().await.unwrap();
        let after = app.place("GAYO-250", 1, true).unwrap();
        app.pull().await.unwrap();
        for order in [before, after] {
            assert_eq!(app.orders(&order).await.unwrap().len(), 1);
            let facts = app.facts(&order).await.unwrap();
            assert!(facts.iter().all(|heard| heard.ends_with(" realtime")), "{facts:?}");
        }
        let task = app.task(app.shops[0], TaskKind::OrderPull).await.unwrap();
        assert_eq!(task.failed, 0, "{:?}", task.outcome);
    })
    .await;
}
