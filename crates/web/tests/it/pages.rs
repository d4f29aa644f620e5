//! Pages, log-in and what guards them.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use dermaga_store::read::Scope;

use crate::hub::Hub;

fn paths(hub: &Hub) -> Vec<String> {
    let mut paths: Vec<String> = [
        "/orders",
        "/orders?tab=ready_to_ship&q=70",
        "/bin",
        "/stock",
        "/stock/opening",
        "/stock?unmapped=1",
        "/flows/toy",
        "/log",
    ]
    .map(str::to_owned)
    .to_vec();
    paths.push(format!("/orders/{}", hub.order));
    paths
}

#[tokio::test]
async fn every_page_shows_and_changes_nothing() {
    let hub = Hub::start().await;
    let scope = Scope::all(hub.org);
    let before = hub.store.feed_end(&scope).await.unwrap();
    for path in paths(&hub) {
        let page = hub.page(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.body);
        assert!(!page.body.contains('⟦'), "{path}: a word is missing");
        assert!(!page.body.contains("<Gayo>"), "{path}: markup from outside");
        assert!(page.header("content-security-policy").contains("default-src 'self'"), "{path}");
        let request = Request::get(&path).body(Body::empty()).unwrap();
        let stranger = hub.send(request).await;
        assert_eq!(stranger.status, StatusCode::SEE_OTHER, "{path}");
        assert!(stranger.header("location").starts_with("/login?next="), "{path}");
    }
    assert_eq!(hub.store.feed_end(&scope).await.unwrap(), before);
    for path in ["/orders/ord_0000000000001", "/flows/none", "/nowhere"] {
        assert_eq!(hub.page(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["/healthz", "/readyz", "/metrics", "/login"] {
        assert_eq!(hub.page(path).await.status.is_success(), path != "/login", "{path}");
    }
}

#[tokio::test]
async fn an_act_is_recorded_once_and_only_from_our_own_page() {
    let hub = Hub::start().await;
    let scope = Scope::all(hub.org);
    let order = hub.store.order(&scope, hub.order).await.unwrap().unwrap();
    let path = format!("/orders/{}/act", hub.order);
    let form = format!("verb=void&revision={}&reason=salah", order.updated_at.0);
    assert_eq!(hub.post(&path, "cross-site", &form).await.status, StatusCode::FORBIDDEN);
    assert!(!hub.store.order(&scope, hub.order).await.unwrap().unwrap().bin);
    let stale = hub.post(&path, "same-origin", "verb=void&revision=1").await;
    assert!(stale.header("location").ends_with("told=stale"));
    let done = hub.post(&path, "same-origin", &form).await;
    assert!(done.header("location").ends_with("told=done.void"), "{}", done.body);
    assert!(hub.store.order(&scope, hub.order).await.unwrap().unwrap().bin);
    let page = hub.page(done.header("location")).await;
    assert!(!page.body.contains('⟦') && page.body.contains("salah"), "{}", page.body);
}

#[tokio::test]
async fn logging_in_gives_a_session_and_logging_out_ends_it() {
    let hub = Hub::start().await;
    let wrong = hub.post("/login", "same-origin", "account=pemilik&password=x").await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    let nobody = hub.post("/login", "same-origin", "account=orang&password=x").await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    let right = "account=pemilik&password=sandi-contoh&next=//evil.example";
    let right = hub.post("/login", "same-origin", right).await;
    assert_eq!((right.status, right.header("location")), (StatusCode::SEE_OTHER, "/orders"));
    let cookie = right.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let replaced = hub.page("/orders").await;
    assert_eq!(replaced.status, StatusCode::SEE_OTHER, "the session of before has ended");
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let ask = || Request::get("/orders").header("cookie", &cookie).body(Body::empty()).unwrap();
    assert_eq!(hub.send(ask()).await.status, StatusCode::OK);
    let out = Request::post("/logout").header("cookie", &cookie).body(Body::empty()).unwrap();
    assert_eq!(hub.send(out).await.status, StatusCode::SEE_OTHER);
    assert_eq!(hub.send(ask()).await.status, StatusCode::SEE_OTHER);
}
