//! The system page and what is held about a buyer, on the page and over the API.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use dermaga_domain::time::Time;
use dermaga_store::LastBackup;
use dermaga_store::access::{BearerToken, READ};
use serde_json::{Value, json};

use crate::hub::{Answer, Hub};

async fn send(hub: &Hub, key: &str, path: &str, body: &str) -> Answer {
    let request = Request::post(format!("/api/v1{path}"))
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", "application/json");
    hub.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

#[tokio::test]
async fn the_system_page_and_the_api_tell_the_same() {
    let hub = Hub::start().await;
    let before = hub.api(&hub.key, "/system").await;
    assert_eq!(before.status, StatusCode::OK, "{}", before.body);
    let before = before.json();
    assert!(before["database"].as_str().unwrap().starts_with("SQLite 3"), "{before}");
    assert!(before["size_bytes"].as_i64().unwrap() > 10_000, "{before}");
    assert_eq!((&before["backup"], &before["retention_ran_at"]), (&Value::Null, &Value::Null));
    assert_eq!(before["look"], json!(["backup", "retention"]));
    let page = hub.page("/system").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.body.matches("class=\"look\"").count(), 2, "{}", page.body);

    let now = hub.engine.now();
    let backup = LastBackup { at: now, bytes: 7_654_321, rows: 42 };
    hub.store.note_backup(backup).await.unwrap();
    hub.engine.retain(hub.org).await.unwrap();
    let until = now.plus(dermaga_domain::time::Span::minutes(3));
    hub.store.node_works(5, "uji:8600", now, until).await.unwrap();
    hub.store.node_works(6, "uji:8601", now, Time(1)).await.unwrap();
    let after = hub.api(&hub.key, "/system").await.json();
    assert_eq!(after["backup"]["bytes"], 7_654_321);
    assert!(after["retention_ran_at"].is_string(), "{after}");
    let nodes: Vec<&str> =
        after["nodes"].as_array().unwrap().iter().map(|n| n["name"].as_str().unwrap()).collect();
    assert_eq!(nodes, ["uji:8600", "uji:8601"]);
    assert_eq!(after["look"], json!(["nodes"]));
    let page = hub.page("/system").await.body;
    for text in ["7.474 KiB", "uji:8600", "SQLite 3"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert_eq!(page.matches("class=\"look\"").count(), 1, "{page}");
    let stranger = hub.send(Request::get("/system").body(Body::empty()).unwrap()).await;
    assert_eq!(stranger.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn only_a_key_for_it_sees_and_erases_what_is_held_about_a_buyer() {
    let hub = Hub::start().await;
    let token = BearerToken::new(hub.org, [5; 32]);
    hub.store.create_api_key(&token, "privasi", &format!("{READ} privacy")).await.unwrap();
    let keeper = token.reveal();
    let of_order = json!({"order": hub.order.to_string()}).to_string();
    for path in ["/buyers/export", "/buyers/erase"] {
        for key in [&hub.key, &hub.acting] {
            let refused = send(&hub, key, path, &of_order).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
        }
        let nobody = send(&hub, "dmg_x_y", path, &of_order).await;
        assert_eq!(nobody.status, StatusCode::UNAUTHORIZED, "{path}");
        for body in
            ["", "{}", r#"{"phone":"6281200000777","email":"a@b.example"}"#, r#"{"name":"x"}"#]
        {
            let bad = send(&hub, &keeper, path, body).await;
            assert_eq!(bad.status, StatusCode::BAD_REQUEST, "{path} {body}");
            assert!(!bad.body.contains("6281200000777"), "{}", bad.body);
        }
        let unknown = send(&hub, &keeper, path, r#"{"phone":"6281200000777"}"#).await;
        assert_eq!(unknown.status, StatusCode::NOT_FOUND, "{path}");
    }
    let told = send(&hub, &keeper, "/buyers/export", &of_order).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.body);
    let told = told.json();
    assert_eq!(told["orders"][0]["channel_order_id"], "7001");
    assert_eq!(told["orders"][0]["buyer"], Value::Null);
    let erased = send(&hub, &keeper, "/buyers/erase", &of_order).await.json();
    assert_eq!(erased["orders"], 1, "{erased}");
    let kept = hub.store.erasures(hub.org).await.unwrap();
    assert_eq!(kept.iter().map(|one| one.order.as_str()).collect::<Vec<_>>(), ["7001"]);
}
