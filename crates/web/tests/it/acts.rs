//! Acts on documents, tabs, warehouses and notices over the API.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use dermaga_store::access::{ACT, BearerToken, READ};
use serde_json::{Value, json};

use crate::hub::{Answer, Hub};

async fn send(hub: &Hub, key: &str, path: &str, body: &Value) -> Answer {
    let request = Request::post(format!("/api/v1{path}"))
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", "application/json");
    hub.send(request.body(Body::from(body.to_string())).unwrap()).await
}

async fn acting(hub: &Hub) -> String {
    let token = BearerToken::new(hub.org, [8; 32]);
    hub.store.create_api_key(&token, "kasir", &format!("{READ} {ACT}")).await.unwrap();
    token.reveal()
}

fn of_tab(told: &Value, tab: &str) -> i64 {
    let found = told.as_array().unwrap().iter().find(|row| row["tab"] == tab);
    found.unwrap()["orders"].as_i64().unwrap()
}

#[tokio::test]
async fn a_program_voids_and_restores_and_is_written_down() {
    let hub = Hub::start().await;
    let (key, path) = (acting(&hub).await, format!("/orders/{}/acts", hub.order));
    let before = hub.api(&key, &path).await.json();
    assert_eq!(before, json!({"open": ["void", "paid", "sent"], "done": []}));
    assert_eq!(of_tab(&hub.api(&key, "/tabs").await.json(), "bin"), 0);

    let void = json!({"act": "void", "note": "salah harga"});
    assert_eq!(send(&hub, &hub.key, &path, &void).await.status, StatusCode::FORBIDDEN);
    let done = send(&hub, &key, &path, &void).await;
    assert_eq!(done.json(), json!({"changed": true, "open": ["restore", "release"]}));
    let again = send(&hub, &key, &path, &void).await;
    assert_eq!(again.json()["changed"], false, "said twice, done once");
    let paid = send(&hub, &key, &path, &json!({"act": "paid"})).await;
    assert_eq!((paid.status, &paid.json()["code"]), (StatusCode::CONFLICT, &json!("DMG-0610")));
    let counts = hub.api(&key, "/tabs").await.json();
    assert_eq!((of_tab(&counts, "bin"), of_tab(&counts, "all")), (1, 2));

    let after = hub.api(&key, &path).await.json();
    assert_eq!(after["done"].as_array().unwrap().len(), 1);
    let by = after["done"][0]["by"].as_str().unwrap();
    assert!(by.starts_with("key_") && after["done"][0]["note"] == "salah harga", "{after}");
    let page = hub.page("/bin").await;
    assert!(
        page.body.contains("Kunci kasir") && page.body.contains("salah harga"),
        "{}",
        page.body
    );
    let restored = send(&hub, &key, &path, &json!({"act": "restore"})).await;
    assert_eq!(restored.json()["open"], json!(["void", "paid", "sent", "release"]));

    for wrong in
        [json!({"act": "burn"}), json!({}), json!({"act": "void", "note": "x".repeat(201)})]
    {
        let told = send(&hub, &key, &path, &wrong).await;
        assert_eq!(told.status, StatusCode::BAD_REQUEST, "{}", told.body);
    }
}

#[tokio::test]
async fn notices_are_listed_and_closed_once() {
    let hub = Hub::start().await;
    let key = acting(&hub).await;
    let shop = hub.store.shops(hub.org, None).await.unwrap()[0].id;
    hub.store.raise_notice(hub.org, Some(shop), "DMG-0205", "86400 172800").await.unwrap();
    let open = hub.api(&key, "/notices").await.json();
    assert_eq!(
        (&open[0]["code"], &open[0]["shop"]),
        (&json!("DMG-0205"), &json!(shop.to_string()))
    );
    let path = format!("/notices/{}/close", open[0]["id"].as_str().unwrap());
    assert_eq!(send(&hub, &hub.key, &path, &json!({})).await.status, StatusCode::FORBIDDEN);
    assert_eq!(send(&hub, &key, &path, &json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(send(&hub, &key, &path, &json!({})).await.status, StatusCode::NOT_FOUND);
    assert_eq!(hub.api(&key, "/notices").await.json(), json!([]));
    let warehouses = hub.api(&key, "/warehouses").await.json();
    assert!(
        warehouses.as_array().unwrap().iter().any(|it| it["name"] == "Bandung"),
        "{warehouses}"
    );
}
