//! Shops on pages: connected step by step, kept, tried, disconnected; their tasks and their stock.

use axum::http::StatusCode;
use dermaga_store::Shop;
use dermaga_store::command::Giver;
use serde_json::json;

use crate::hub::Hub;

async fn shop(hub: &Hub) -> Shop {
    hub.store.shops(hub.org, None).await.unwrap().remove(0)
}

async fn audited(hub: &Hub) -> Vec<String> {
    let all = dermaga_store::audit::Query { limit: 200, ..Default::default() };
    let (entries, _) = hub.store.audit(hub.org, &all).await.unwrap();
    let acts = entries.into_iter().map(|entry| entry.act);
    acts.filter(|act| act.starts_with("shop.") || act.starts_with("task.")).collect()
}

#[tokio::test]
async fn a_shop_is_connected_looked_at_and_begun() {
    let hub = Hub::start().await;
    let choose = hub.page("/shops/connect").await;
    assert!(choose.body.contains("/shops/connect?channel=toy"), "{}", choose.body);
    let form = hub.page("/shops/connect?channel=toy").await;
    for word in ["Ask the toymaker first.", "Under the lid.", "On the box.", "set.secret"] {
        assert!(form.body.contains(word), "{word}");
    }
    let filled = |shop: &str, secret: &str| {
        format!(
            "channel=toy&connection=&set.secret={secret}&channel_shop_id={shop}&name=Baru\
             &warehouse=Gudang&zone=Asia/Jakarta&preset=classic&from=&channel_warehouse="
        )
    };
    let wrong = [
        (filled("tiga", ""), "#c-secret"),
        (filled("tiga", "salah"), "T-3"),
        (filled("satu", "x"), "#channel_shop_id"),
        (filled("tiga", "x").replace("Gudang", ""), "#s-warehouse"),
        (filled("tiga", "x").replace("Asia/Jakarta", "Mars"), "#s-zone"),
    ];
    for (form, told) in wrong {
        let answer = hub.post("/shops/connect", "same-origin", &form).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{form}");
        assert!(answer.body.contains(told) && !answer.body.contains('⟦'), "{told}");
        assert!(!answer.body.contains("value=\"salah\""), "a secret is never shown");
    }
    assert_eq!(hub.store.shops(hub.org, None).await.unwrap().len(), 1);

    let done = hub.post("/shops/connect", "same-origin", &filled("tiga", "x")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let first = hub.page(done.header("location")).await;
    assert!(first.body.contains("/orders\"") && !first.body.contains('⟦'), "{}", first.body);
    let page = done.header("location").trim_end_matches("/first").to_owned();
    let id = page.trim_start_matches("/shops/").parse().unwrap();
    let kept = hub.store.shops(hub.org, Some(id)).await.unwrap().remove(0);
    assert!(!kept.order_sync && !kept.push, "nothing is taken before a person begins it");
    assert_eq!(hub.store.listings(hub.org, id, "", 10).await.unwrap().len(), 1);
    let begun = hub.post(&format!("{page}/orders"), "same-origin", "on=yes").await;
    assert!(begun.header("location").ends_with("told=shop-orders-on"));
    assert!(hub.store.shops(hub.org, Some(id)).await.unwrap()[0].order_sync);
    assert_eq!(audited(&hub).await[..2], ["shop.change", "shop.connect"]);
}

#[tokio::test]
async fn a_shop_rests_goes_on_and_is_tried() {
    let hub = Hub::start().await;
    let here = format!("/shops/{}", shop(&hub).await.id);
    for path in ["/shops", here.as_str(), &format!("{here}/settings"), "/tasks"] {
        let page = hub.page(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.body);
        assert!(!page.body.contains('⟦') && page.body.contains("satu"), "{path}");
    }
    let strange = hub.post(&format!("{here}/pause"), "cross-site", "").await;
    assert_eq!(strange.status, StatusCode::FORBIDDEN);
    hub.post(&format!("{here}/pause"), "same-origin", "").await;
    assert!(shop(&hub).await.paused);
    hub.post(&format!("{here}/resume"), "same-origin", "").await;
    assert!(!shop(&hub).await.paused);
    let tested = hub.post(&format!("{here}/test"), "same-origin", "").await;
    assert!(tested.header("location").ends_with("told=shop-tested"), "{}", tested.body);
    for path in ["/shops/shp_0000000000001", "/shops/nothing/settings"] {
        assert_eq!(hub.page(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_shop_that_is_heard_all_the_time_is_not_heard_every_0_minutes() {
    let hub = Hub::start().await;
    let here = format!("/shops/{}", shop(&hub).await.id);
    for order in 0..30 {
        let body = format!("{{\"shop\":\"satu\",\"order\":\"{order}\"}}");
        let answer = crate::webhooks::send(&hub, "route-satu", body.as_bytes(), true).await;
        assert_eq!(answer, StatusCode::OK);
    }
    let page = hub.page(&here).await;
    assert!(page.body.contains("Biasanya lebih dari satu tiap menit"), "{}", page.body);
    assert!(!page.body.contains("tiap 0 menit"), "{}", page.body);
}

#[tokio::test]
async fn settings_are_kept_or_refused_whole() {
    let hub = Hub::start().await;
    let before = shop(&hub).await;
    let here = format!("/shops/{}/settings", before.id);
    let refused = "name=&warehouse=Bandung&zone=Asia/Jakarta&from=";
    let refused = hub.post(&here, "same-origin", refused).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.body.contains("#s-name"));
    assert_eq!(shop(&hub).await, before);
    let form = "name=Kopi&warehouse=Medan&channel_warehouse=77&zone=Asia/Makassar\
                &from=2026-11-19T08:00";
    let kept = hub.post(&here, "same-origin", form).await;
    assert!(kept.header("location").ends_with("told=shop-kept"), "{}", kept.body);
    let after = shop(&hub).await;
    assert_eq!((after.name.as_str(), after.zone.as_str()), ("Kopi", "Asia/Makassar"));
    assert_eq!(after.order_sync_from.unwrap().0, 1_795_046_400_000_000);
    let source = hub.store.sources(hub.org, after.id).await.unwrap().remove(0);
    assert_eq!((source.name.as_str(), source.channel_warehouse.as_deref()), ("Medan", Some("77")));
    assert_eq!(audited(&hub).await[..2], ["shop.sources", "shop.change"]);
}

#[tokio::test]
async fn a_shop_is_disconnected_its_secrets_go_and_its_orders_stay() {
    let hub = Hub::start().await;
    let before = shop(&hub).await;
    let here = format!("/shops/{}", before.id);
    let wrong = hub.post(&format!("{here}/disconnect"), "same-origin", "confirm=dua").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert_eq!(shop(&hub).await.disconnected_at, None);
    let done = hub.post(&format!("{here}/disconnect"), "same-origin", "confirm=satu").await;
    assert!(done.header("location").ends_with("told=shop-disconnected"), "{}", done.body);
    let after = shop(&hub).await;
    assert!(after.disconnected_at.is_some() && after.paused && !after.order_sync);
    let kept = hub.store.connections(hub.org, Some(before.connection)).await.unwrap();
    assert_eq!((kept[0].credentials.0.as_str(), kept[0].token.is_none()), ("{}", true));
    let order = hub.page(&format!("/orders/{}", hub.order)).await;
    assert_eq!(order.status, StatusCode::OK);
    let page = hub.page(&here).await;
    assert!(page.body.contains("/shops/connect?channel=toy"), "{}", page.body);
    let again = hub.post(&format!("{here}/resume"), "same-origin", "").await;
    assert!(again.header("location").ends_with("told=shop-refused"));

    // Connected again it is the same shop, with its orders.
    let form = "channel=toy&connection=&set.secret=x&channel_shop_id=satu&name=satu\
                &warehouse=Bandung&zone=Asia/Jakarta&preset=classic&from=";
    let again = hub.post("/shops/connect", "same-origin", form).await;
    assert_eq!(again.header("location"), format!("{here}/first"), "{}", again.body);
    assert_eq!(shop(&hub).await.disconnected_at, None);
}

#[tokio::test]
async fn credentials_are_tried_before_they_are_kept() {
    let hub = Hub::start().await;
    let connection = shop(&hub).await.connection;
    let here = format!("/shops/{}/credentials", shop(&hub).await.id);
    let secret = async || {
        let found = hub.store.connections(hub.org, Some(connection)).await.unwrap().remove(0);
        found.credentials.0
    };
    let before = secret().await;
    let refused = hub.post(&here, "same-origin", "set.secret=salah").await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.body.contains("T-3") && !refused.body.contains("salah"), "{}", refused.body);
    assert_eq!(secret().await, before);
    let kept = hub.post(&here, "same-origin", "set.secret=baru").await;
    assert!(kept.header("location").ends_with("told=shop-credentials"), "{}", kept.body);
    assert_eq!(secret().await, json!({"secret": "baru"}).to_string());
}

#[tokio::test]
async fn tasks_are_steered() {
    let hub = Hub::start().await;
    let shop = shop(&hub).await;
    let task = dermaga_store::work::Task {
        shop: shop.id,
        kind: "order_pull".to_owned(),
        interval: dermaga_domain::time::Span::minutes(5),
        paused: false,
        next_run_at: dermaga_domain::time::Time(9_000_000_000_000_000),
        last_run_at: None,
        cursor_at: Some(dermaga_domain::time::Time(1)),
        window_to: None,
        page: None,
        outcome: None,
        succeeded: 0,
        failed: 0,
    };
    hub.store.set_task(hub.org, &task).await.unwrap();
    let act = async |act: &str| {
        let form = format!("shop={}&task=order_pull&{act}", shop.id);
        let answer = hub.post("/tasks", "same-origin", &form).await;
        let task = hub.store.tasks(hub.org, None).await.unwrap().remove(0);
        (answer.header("location").to_owned(), task)
    };
    let (told, after) = act("act=run").await;
    assert_eq!(told, "/tasks?told=task-run.order_pull");
    assert_eq!((after.next_run_at, after.cursor_at), (hub.engine.now(), task.cursor_at));
    assert!(act("act=pause").await.1.paused);
    assert!(!act("act=resume&back=shop").await.1.paused);
    assert_eq!(act("act=every&minutes=7").await.1.interval.0, 420_000_000);
    let (told, after) = act("act=every&minutes=0").await;
    assert_eq!((told.as_str(), after.interval.0), ("/tasks?told=task-refused", 420_000_000));
    let steered = audited(&hub).await.into_iter().filter(|act| act == "task.steer").count();
    assert_eq!(steered, 4);
}

#[tokio::test]
async fn stock_is_told_only_by_who_has_seen_what_that_changes() {
    let hub = Hub::start().await;
    let before = shop(&hub).await;
    let here = format!("/shops/{}", before.id);
    let page = hub.page(&format!("{here}/stock")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let blind = hub.post(&format!("{here}/push"), "same-origin", "on=yes&seen=").await;
    assert!(blind.header("location").ends_with("told=push-not-seen"), "{}", blind.body);
    assert!(!shop(&hub).await.push);
    let seen = hub.engine.push_preview(hub.org, before.id).await.unwrap().seen;
    let form = format!("on=yes&seen={seen}");
    let agreed = hub.post(&format!("{here}/push"), "same-origin", &form).await;
    assert!(agreed.header("location").ends_with("told=push-on"), "{}", agreed.body);
    assert!(shop(&hub).await.push);
    hub.engine.set_push(hub.org, &shop(&hub).await, (false, Giver::Machine), None).await.unwrap();
    assert_eq!(audited(&hub).await[..2], ["shop.push", "shop.push"]);
}
