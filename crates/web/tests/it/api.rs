//! The API.

use axum::http::StatusCode;

use crate::hub::Hub;

#[tokio::test]
async fn an_order_has_the_promised_shape_and_is_found() {
    let hub = Hub::start().await;
    let found = hub.api(&hub.key, "/orders?channel=toy&channel_order_id=7001").await;
    assert_eq!(found.status, StatusCode::OK, "{}", found.body);
    let found = found.json();
    let order = &found["items"][0];
    assert_eq!(order["id"], hub.order.to_string());
    for (name, value) in [
        ("channel", "toy"),
        ("channel_order_id", "7001"),
        ("channel_status", "accepted"),
        ("document", "invoice"),
        ("delivery", "unsent"),
        ("payment", "unpaid"),
        ("tab", "ready_to_ship"),
    ] {
        assert_eq!(order[name], value, "{name}");
    }
    assert_eq!(order["bin"], false);
    assert_eq!(order["lines"][0]["quantity"], 2);
    assert_eq!(order["money"]["total"], 119_000);
    assert_eq!(order["documents"][0]["number"], "INV-000001");
    let one = hub.api(&hub.key, &format!("/orders/{}", hub.order)).await.json();
    assert_eq!(&one, order);
    let none = hub.api(&hub.key, "/orders?channel=toy&channel_order_id=7002").await.json();
    assert_eq!(none["items"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn everything_needs_a_key_and_shows_only_its_org() {
    let hub = Hub::start().await;
    let id = hub.order;
    let paths = [
        "/orders".to_owned(),
        format!("/orders/{id}"),
        format!("/orders/{id}/documents"),
        format!("/orders/{id}/explain"),
        format!("/orders/{id}/offers"),
        format!("/orders/{id}/commands"),
        "/stock-levels".to_owned(),
        "/exchanges".to_owned(),
        "/flows/toy".to_owned(),
        "/feed?after=0".to_owned(),
    ];
    for path in &paths {
        let mine = hub.api(&hub.key, path).await;
        assert_eq!(mine.status, StatusCode::OK, "{path}: {}", mine.body);
        let nobody = hub.api("dmg_x_y", path).await;
        assert_eq!(nobody.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(nobody.header("content-type"), "application/problem+json");
        let theirs = hub.api(&hub.other_key, path).await;
        assert!(!theirs.body.contains("7001") && !theirs.body.contains("INV-"), "{path}");
    }
    let foreign = hub.api(&hub.other_key, &format!("/orders/{id}")).await;
    let missing = hub.api(&hub.other_key, "/orders/ord_0000000000001").await;
    let nonsense = hub.api(&hub.other_key, "/orders/1").await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    assert_eq!((&foreign.body, &foreign.body), (&missing.body, &nonsense.body));
    for bad in ["tab=nowhere", "sort=cheapest"] {
        let bad = hub.api(&hub.key, &format!("/orders?{bad}")).await;
        assert_eq!(
            (bad.status, bad.json()["code"].as_str()),
            (StatusCode::BAD_REQUEST, Some("DMG-0603"))
        );
    }
    let deadline = hub.api(&hub.key, "/orders?sort=deadline").await.json();
    assert_eq!(deadline["items"][0]["id"], hub.order.to_string());
    let newest = hub.api(&hub.key, "/orders?sort=newest").await.json();
    let ids = newest["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap());
    assert!(ids.clone().is_sorted_by(|a, b| a > b) && ids.count() > 0, "{newest}");
}

#[tokio::test]
async fn explain_tells_every_axis_in_both_languages_and_the_description_names_every_path() {
    let hub = Hub::start().await;
    for language in ["en", "id"] {
        let path = format!("/orders/{}/explain?language={language}", hub.order);
        let told = hub.api(&hub.key, &path).await;
        assert!(!told.body.contains('⟦'), "{}", told.body);
        assert_eq!(told.json()["reasons"].as_array().unwrap().len(), 6);
        assert_eq!(told.json()["facts"].as_array().unwrap().len(), 2);
    }
    let explain = format!("/orders/{}/explain", hub.order);
    assert!(hub.api(&hub.key, &explain).await.json()["what_if"].is_null());
    let other = hub.api(&hub.key, &format!("{explain}?what_if=recommended")).await.json();
    let said = "Under the recommended flow this order would be otherwise: Payment: Paid.";
    assert_eq!(other["what_if"]["said"], said);
    assert_eq!(other["what_if"]["same"], false);
    let same = hub.api(&hub.key, &format!("{explain}?what_if=classic")).await.json();
    assert_eq!(same["what_if"]["same"], true, "{same}");
    let bad = hub.api(&hub.key, &format!("{explain}?what_if=mine")).await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
    let page = hub.page(&format!("/orders/{}", hub.order)).await;
    assert!(page.body.contains("id=\"what-if\""), "{}", page.body);
    let api = hub.api(&hub.key, "/openapi.json").await.json();
    assert!(api["openapi"].as_str().unwrap().starts_with("3.1"));
    for path in [
        "orders",
        "orders/{id}/explain",
        "stock-levels",
        "exchanges",
        "feed",
        "commands",
        "commands/{batch}",
        "orders/{id}/offers",
        "buyers/export",
        "buyers/erase",
        "system",
    ] {
        assert!(api["paths"].get(format!("/api/v1/{path}")).is_some(), "{path}");
    }
}
