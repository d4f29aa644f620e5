//! Orders of a channel that sells under several names: shown beside the channel, and found by the name.

use axum::http::StatusCode;
use dermaga_domain::id::OrderId;
use dermaga_domain::order::{Fact, Part, SubPlatform};
use dermaga_domain::term::Mode;
use dermaga_store::apply::{Batch, Heard};
use dermaga_store::read::Scope;

use crate::hub::{Hub, look};

/// The badge of a name, as rows and the order's page show it.
fn badge(name: &str) -> String {
    format!(r#"title="Dijual di {name}">{name}</span>"#)
}

/// A paid order that was sold under a name.
async fn sold(hub: &Hub, number: &str, name: &str) -> OrderId {
    let scope = Scope::all(hub.org);
    let shop = hub.store.order(&scope, hub.order).await.unwrap().unwrap().shop;
    let mut heard = Heard::of(shop, number);
    heard.facts = vec![Fact::of_order("paid", None, Mode::Realtime)];
    heard.snapshot = look();
    let name = SubPlatform::new(name).unwrap();
    heard.snapshot.sub_platform = Some(Part::seen(name, true, None, true));
    let batch = Batch { heard: vec![heard], ..Batch::new(hub.org) };
    hub.store.apply(batch).await.unwrap().changed[0]
}

#[tokio::test]
async fn the_name_stands_beside_the_channel_and_is_a_filter() {
    let hub = Hub::start().await;
    let second = sold(&hub, "9001", "second").await;
    sold(&hub, "9002", "toy_own").await;
    let strange = sold(&hub, "9003", "Never <Heard>").await;

    let all = hub.page("/orders?tab=all").await.body;
    assert!(all.contains(&badge("Second Name")), "{all}");
    assert!(all.contains("Never &#60;Heard&#62;") && !all.contains("<Heard>"), "{all}");
    assert!(!all.contains(&badge("toy")), "what the channel's badge says already");
    assert!(all.contains(r#"<option value="second">Second Name · toy</option>"#), "{all}");
    assert!(all.contains(r#"<option value="toy_own">toy</option>"#), "{all}");
    assert!(!all.contains(r#"value="Never"#), "only names of channels are offered");
    let page = hub.page(&format!("/orders/{second}")).await.body;
    assert!(page.contains(&badge("Second Name")), "{page}");

    let found = hub.page("/orders?tab=all&sub_platform=second").await.body;
    assert!(found.contains(">9001<") && !found.contains(">9002<"), "{found}");
    assert!(!found.contains(">9003<") && !found.contains(">7001<"), "{found}");
    assert!(found.contains("Dijual di Second Name · toy"), "the chip: {found}");
    assert!(found.contains(r#"<option value="second" selected>"#), "{found}");
    assert!(found.contains(r#"href="/orders?tab=new_order&#38;sub_platform=second""#), "{found}");
    assert!(found.contains("<b>1</b><span>Semua</span>"), "the tabs count it: {found}");
    assert!(
        found.contains(r#"<input type="hidden" name="sub_platform" value="second">"#),
        "{found}"
    );
    // What no channel knows is found by its key, and stays chosen.
    let found = hub.page("/orders?tab=all&sub_platform=Never%20%3CHeard%3E").await.body;
    assert!(found.contains(&strange.to_string()) && !found.contains(">9001<"), "{found}");
    assert!(found.contains(r#"<option value="Never &#60;Heard&#62;" selected>"#), "{found}");
    let bin = hub.page("/bin?sub_platform=second").await;
    assert_eq!(bin.status, StatusCode::OK);
    assert!(bin.body.contains("Dijual di Second Name · toy"), "{}", bin.body);
}

#[tokio::test]
async fn a_command_for_all_of_a_name_leaves_the_others_alone() {
    let hub = Hub::start().await;
    let ids = [sold(&hub, "9001", "second").await, sold(&hub, "9002", "toy_own").await];
    let now = hub.engine.now().0;
    let form = format!("command=accept&all=1&tab=all&sub_platform=second&until={now}");
    let given = hub.post("/commands", "same-origin", &form).await;
    assert!(given.header("location").starts_with("/commands/bat_"), "{}", given.body);
    let mut asked = Vec::new();
    for id in [ids[0], ids[1], hub.second] {
        asked.push(hub.store.commands_of(hub.org, id).await.unwrap().len());
    }
    assert_eq!(asked, [1, 0, 0]);
    let none = format!("command=accept&all=1&tab=all&sub_platform=nobody&until={now}");
    let none = hub.post("/commands", "same-origin", &none).await;
    assert_eq!(none.header("location"), "/orders?tab=all&sub_platform=nobody&told=bulk-none");
}

#[tokio::test]
async fn the_api_shows_the_name_and_asks_by_it() {
    let hub = Hub::start().await;
    let second = sold(&hub, "9001", "second").await;
    let one = hub.api(&hub.key, &format!("/orders/{second}")).await.json();
    assert_eq!(one["sub_platform"], "second");
    let none = hub.api(&hub.key, &format!("/orders/{}", hub.order)).await.json();
    assert!(none["sub_platform"].is_null());

    let found = hub.api(&hub.key, "/orders?sub_platform=second").await.json();
    let items = found["items"].as_array().unwrap();
    assert_eq!((items.len(), &items[0]), (1, &one));
    let nobody = hub.api(&hub.key, "/orders?sub_platform=nobody").await.json();
    assert_eq!(nobody["items"].as_array().unwrap().len(), 0);
    let foreign = hub.api(&hub.other_key, "/orders?sub_platform=second").await.json();
    assert_eq!(foreign["items"].as_array().unwrap().len(), 0);

    let tabs = hub.api(&hub.key, "/tabs?sub_platform=second").await.json();
    let count = |tab: &str| {
        let mut tabs = tabs.as_array().unwrap().iter();
        tabs.find(|row| row["tab"] == tab).unwrap()["orders"].as_i64().unwrap()
    };
    assert_eq!((count("all"), count("new_order"), count("bin")), (1, 1, 0), "{tabs}");
    let described = hub.api(&hub.key, "/openapi.json").await.json();
    for path in ["orders", "tabs"] {
        let asked = &described["paths"][format!("/api/v1/{path}")]["get"]["parameters"];
        let mut asked = asked.as_array().unwrap().iter();
        assert!(asked.any(|parameter| parameter["name"] == "sub_platform"), "{path}");
    }
    let order = &described["components"]["schemas"]["Order"]["properties"];
    assert!(order.get("sub_platform").is_some(), "{order}");
}
