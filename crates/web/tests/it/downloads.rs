//! Downloads on pages and through the API: asked for, looked at, agreed to.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use dermaga_store::download::State;
use dermaga_store::read::Scope;
use serde_json::{Value, json};

use crate::hub::{Answer, Hub};

impl Hub {
    pub(crate) async fn tell(&self, key: &str, path: &str, body: &Value) -> Answer {
        let request = Request::post(format!("/api/v1{path}"))
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    pub(crate) async fn shop_id(&self) -> String {
        self.store.shops(self.org, None).await.unwrap()[0].id.to_string()
    }
}

#[tokio::test]
async fn a_person_asks_looks_and_agrees() {
    let hub = Hub::start().await;
    let shop = hub.shop_id().await;
    let form = format!("by=numbers&shop={shop}&numbers=7001%0A7002,7001");
    let strange = hub.post("/downloads", "cross-site", &form).await;
    assert_eq!(strange.status, StatusCode::FORBIDDEN);
    let asked = hub.post("/downloads", "same-origin", &form).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.body);
    let page = asked.header("location").split('?').next().unwrap().to_owned();
    let reading = hub.page(asked.header("location")).await;
    assert!(reading.body.contains("data-pending") && reading.body.contains("7002"));
    hub.engine.settle().await.unwrap();
    let ready = hub.page(&page).await;
    assert!(!ready.body.contains('⟦') && ready.body.contains(&format!("{page}/agree")));
    assert!(!ready.body.contains("data-pending"));
    let only = hub.page(&format!("{page}?show=not_found")).await;
    assert!(only.body.contains("7001") && only.body.contains("7002"));
    let none = hub.page(&format!("{page}?show=changed")).await;
    assert!(!none.body.contains("<th scope=\"row\">7001"));

    let agreed = hub.post(&format!("{page}/agree"), "same-origin", "").await;
    assert!(agreed.header("location").ends_with("told=agree"), "{}", agreed.body);
    hub.engine.settle().await.unwrap();
    let again = hub.post(&format!("{page}/agree"), "same-origin", "").await;
    assert!(again.header("location").ends_with("told=stale"));
    let list = hub.page("/downloads").await;
    assert!(list.body.contains(&page) && !list.body.contains('⟦'), "{}", list.body);
    let id = page.rsplit('/').next().unwrap().parse().unwrap();
    let kept = hub.store.download(&Scope::all(hub.org), id).await.unwrap().unwrap();
    assert_eq!(kept.state, State::Done);
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_said_at_the_field() {
    let hub = Hub::start().await;
    let shop = hub.shop_id().await;
    let wrong = [
        (format!("by=range&shop={shop}&from="), "#d-from"),
        (format!("by=range&shop={shop}&from=2027-01-01T00:00"), "#d-from"),
        (format!("by=numbers&shop={shop}&numbers=%20,"), "#d-numbers"),
        ("by=numbers&shop=shp_0000000000001&numbers=1".to_owned(), "#d-shop"),
    ];
    for (form, field) in wrong {
        let answer = hub.post("/downloads", "same-origin", &form).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{form}");
        assert!(answer.body.contains(field) && !answer.body.contains('⟦'), "{form}");
    }
    assert!(hub.store.downloads(&Scope::all(hub.org), None, 10).await.unwrap().0.is_empty());
}

#[tokio::test]
async fn a_program_does_what_a_person_does() {
    let hub = Hub::start().await;
    let shop = hub.shop_id().await;
    let wanted = json!({"shop": shop, "orders": ["9", "8"]});
    let refused = hub.tell(&hub.key, "/downloads", &wanted).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "a key that only reads");
    let begun = hub.tell(&hub.loading, "/downloads", &wanted).await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.body);
    let (id, state) = (begun.json()["id"].clone(), begun.json()["state"].clone());
    let id = id.as_str().unwrap();
    assert_eq!(state, json!("reading"));
    let early = hub.tell(&hub.loading, &format!("/downloads/{id}/agree"), &json!({})).await;
    assert_eq!(early.status, StatusCode::BAD_REQUEST, "{}", early.body);
    hub.engine.settle().await.unwrap();
    let ready = hub.api(&hub.key, &format!("/downloads/{id}")).await.json();
    assert_eq!((&ready["state"], &ready["outcomes"]["not_found"]), (&json!("ready"), &json!(2)));
    let orders = hub.api(&hub.key, &format!("/downloads/{id}/orders?limit=1")).await.json();
    assert_eq!(orders["items"][0]["channel_order_id"], json!("8"));
    let next = orders["next"].as_str().unwrap();
    let orders = hub.api(&hub.key, &format!("/downloads/{id}/orders?after={next}")).await.json();
    assert_eq!(orders["items"][0]["channel_order_id"], json!("9"));
    assert_eq!(orders["next"], Value::Null);
    let agreed = hub.tell(&hub.loading, &format!("/downloads/{id}/agree"), &json!({})).await;
    assert_eq!(agreed.json()["state"], json!("applying"));
    for path in [format!("/downloads/{id}"), format!("/downloads/{id}/orders")] {
        let other = hub.api(&hub.other_key, &path).await;
        assert_eq!(other.status, StatusCode::NOT_FOUND, "{path}");
    }
    for bad in [
        json!({"shop": shop}),
        json!({"shop": shop, "from": "yesterday"}),
        json!({"shop": shop, "from": "2026-11-20T00:00:00Z", "orders": ["1"]}),
        json!({"shop": "nobody", "orders": ["1"]}),
    ] {
        let answer = hub.tell(&hub.loading, "/downloads", &bad).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad}: {}", answer.body);
    }
}
