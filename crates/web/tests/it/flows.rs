//! The flow of a shop: edited, tried on its orders, kept, restored.

use axum::http::StatusCode;
use dermaga_store::read::Scope;
use serde_json::json;

use crate::hub::Hub;

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The value of a hidden field of a page.
fn hidden(page: &str, name: &str) -> String {
    let start = page.find(&format!("name=\"{name}\" value=\"")).unwrap();
    let rest = &page[start..];
    let value = rest.split("value=\"").nth(1).unwrap().split('"').next().unwrap();
    value.replace("&#34;", "\"").replace("&quot;", "\"").replace("&#38;", "&").replace("&amp;", "&")
}

#[tokio::test]
async fn a_flow_is_tried_before_it_is_kept_and_an_older_one_comes_back() {
    let hub = Hub::start().await;
    let scope = Scope::all(hub.org);
    let shop = hub.store.shops(hub.org, None).await.unwrap().remove(0);
    let edit = hub.page(&format!("/flows/toy/edit?shop={}", shop.id)).await;
    assert_eq!(edit.status, StatusCode::OK, "{}", edit.body);
    assert!(!edit.body.contains('⟦'), "{}", edit.body);

    // Every rule of the form ensures nothing: both orders would lose their documents.
    let flow = hub.store.flow(hub.org, shop.flow_version).await.unwrap();
    let mut form = format!("shop={}&base={}", shop.id, shop.flow_version);
    for (at, rule) in flow.rules.iter().enumerate() {
        let tab = rule.tab.map_or("", dermaga_domain::term::Tab::as_str);
        form.push_str(&format!("&t{at}={tab}&r{at}=1&d{at}=1"));
    }
    let tried = hub.post("/flows/toy/try", "same-origin", &form).await;
    assert_eq!(tried.status, StatusCode::OK, "{}", tried.body);
    assert!(tried.body.contains(">7001<") && tried.body.contains(">8002<"), "{}", tried.body);
    let unchanged = hub.store.shops(hub.org, None).await.unwrap().remove(0);
    assert_eq!(unchanged.flow_version, shop.flow_version, "trying keeps nothing");

    let text = hidden(&tried.body, "text");
    let keep = format!(
        "shop={}&base={}&text={}&apply_to=open",
        shop.id,
        shop.flow_version,
        encoded(&text)
    );
    let kept = hub.post("/flows/toy/keep", "same-origin", &keep).await;
    assert!(kept.header("location").ends_with("told=kept.2"), "{}", kept.body);
    let order = hub.store.order(&scope, hub.order).await.unwrap().unwrap();
    assert_eq!(order.written(), dermaga_domain::term::Document::None);
    let twice = hub.post("/flows/toy/keep", "same-origin", &keep).await;
    assert!(twice.header("location").ends_with("told=kept.0"), "{}", twice.body);
    assert_eq!(hub.store.flow_versions(&scope).await.unwrap().len(), 2, "kept once");

    let page = hub.page(&format!("/flows/toy?shop={}", shop.id)).await.body;
    assert!(page.contains("Pemilik") && page.contains("name=\"version\""), "{page}");
    let back = format!("shop={}&version={}", shop.id, shop.flow_version);
    let back = hub.post("/flows/toy/try", "same-origin", &back).await;
    let now = hub.store.shops(hub.org, None).await.unwrap().remove(0).flow_version;
    let keep = format!(
        "shop={}&base={now}&text={}&apply_to=open",
        shop.id,
        encoded(&hidden(&back.body, "text"))
    );
    hub.post("/flows/toy/keep", "same-origin", &keep).await;
    let order = hub.store.order(&scope, hub.order).await.unwrap().unwrap();
    assert_eq!(order.written(), dermaga_domain::term::Document::Invoice);

    // Somebody else looked before that: nothing is kept.
    let late =
        format!("shop={}&base={}&text={}&apply_to=new", shop.id, shop.flow_version, encoded(&text));
    let late = hub.post("/flows/toy/keep", "same-origin", &late).await;
    assert!(late.header("location").ends_with("told=changed"), "{}", late.body);
    assert_eq!(hub.store.flow_versions(&scope).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_table_that_does_not_hold_together_comes_back_with_what_is_wrong() {
    let hub = Hub::start().await;
    let shop = hub.store.shops(hub.org, None).await.unwrap().remove(0);
    // Sent without an invoice.
    let form = format!("shop={}&base={}&e0=sent&r0=1&d0=1", shop.id, shop.flow_version);
    let wrong = hub.post("/flows/toy/try", "same-origin", &form).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.body);
    assert!(wrong.body.contains("DMG-0401") && wrong.body.contains("invoice"), "{}", wrong.body);
}

#[tokio::test]
async fn a_program_reads_versions_and_tries_a_flow() {
    let hub = Hub::start().await;
    let shop = hub.store.shops(hub.org, None).await.unwrap().remove(0);
    let versions = hub.api(&hub.key, &format!("/shops/{}/flow-versions", shop.id)).await.json();
    assert_eq!((&versions[0]["number"], &versions[0]["in_use"]), (&json!(1), &json!(true)));
    let toml = hub.store.flow(hub.org, shop.flow_version).await.unwrap().to_toml();
    let body = json!({"toml": toml}).to_string();
    let request = axum::http::Request::post(format!("/api/v1/shops/{}/flow-dry-run", shop.id))
        .header("authorization", format!("Bearer {}", hub.key));
    let tried = hub.send(request.body(axum::body::Body::from(body)).unwrap()).await;
    let tried = tried.json();
    assert_eq!((&tried["looked_at"], &tried["differ"]), (&json!(2), &json!([])), "{tried}");
}
