//! Commands over the API and on the pages.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::hub::{Answer, Hub};

async fn send(hub: &Hub, key: &str, path: &str, (name, body): (&str, &Value)) -> Answer {
    let mut request = Request::post(format!("/api/v1{path}"))
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", "application/json");
    if !name.is_empty() {
        request = request.header("idempotency-key", name);
    }
    hub.send(request.body(Body::from(body.to_string())).unwrap()).await
}

async fn give(hub: &Hub, body: &Value) -> Value {
    let given =
        send(hub, &hub.acting, &format!("/orders/{}/commands", hub.order), ("", body)).await;
    assert_eq!(given.status, StatusCode::ACCEPTED, "{}", given.body);
    given.json()
}

fn code(answer: &Answer) -> (StatusCode, String) {
    (answer.status, answer.json()["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn an_order_says_what_may_be_given_and_why_not() {
    let hub = Hub::start().await;
    let offers = hub.api(&hub.key, &format!("/orders/{}/offers", hub.order)).await.json();
    let of = |command: &str| {
        let found = offers.as_array().unwrap().iter().find(|offer| offer["command"] == command);
        found.unwrap().clone()
    };
    assert_eq!(of("cancel")["allowed"], true);
    assert_eq!(of("cancel")["reasons"][1]["indonesian"], "Lainnya");
    assert_eq!(of("cancel")["reasons"][1]["fields"][0]["length_max"], 20);
    assert_eq!(of("accept")["allowed"], false);
    assert_eq!(of("accept")["why_not"], "the order's status accepted does not allow it");
}

#[tokio::test]
async fn a_command_is_given_followed_and_brings_its_paper() {
    let hub = Hub::start().await;
    let given = give(&hub, &json!({"command": "label"})).await;
    assert_eq!((&given["waiting"], &given["refused"]), (&json!(1), &json!(0)));
    let again = give(&hub, &json!({"command": "label"})).await;
    assert_eq!(again["under_way"], json!([hub.order.to_string()]));
    let batch = format!("/commands/{}", given["batch"].as_str().unwrap());
    let before = hub.api(&hub.key, &batch).await.json();
    assert_eq!((&before["counts"], &before["ended"]), (&json!({"waiting": 1}), &json!(false)));
    hub.engine.run_commands(hub.org).await.unwrap();
    let after = hub.api(&hub.key, &batch).await.json();
    assert_eq!((&after["counts"], &after["ended"]), (&json!({"done": 1}), &json!(true)));
    let command = &after["items"][0];
    assert!(command["asked_by"].as_str().unwrap().starts_with("key_"), "{command}");
    let of_order = hub.api(&hub.key, &format!("/orders/{}/commands", hub.order)).await.json();
    assert_eq!(&of_order[0], command);

    let id = command["id"].as_str().unwrap();
    let path = format!("/orders/{}/commands/{id}/paper", hub.order);
    let reading = hub.api(&hub.key, &path).await;
    assert_eq!(
        code(&reading),
        (StatusCode::FORBIDDEN, "DMG-0605".to_owned()),
        "it names the buyer"
    );
    let paper = hub.api(&hub.acting, &path).await;
    assert_eq!((paper.status, paper.body.as_str()), (StatusCode::OK, "<b>label</b>"));
    assert!(paper.header("content-security-policy").starts_with("sandbox;"), "nothing runs in it");
    let page = hub.page(&path).await;
    assert_eq!((page.status, page.body.as_str()), (StatusCode::OK, "<b>label</b>"));
    assert!(page.header("content-security-policy").starts_with("sandbox;"));
    let theirs = hub.api(&hub.other_acting, &path).await;
    assert_eq!(code(&theirs), (StatusCode::NOT_FOUND, "DMG-0602".to_owned()));
    let none = hub.page(&format!("/orders/{}/commands/cmd_1/paper", hub.order)).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn many_are_given_at_once_and_the_failed_only_again() {
    let hub = Hub::start().await;
    let orders = json!([hub.order.to_string(), hub.second.to_string(), "ord_0000000000001"]);
    let body = json!({"orders": orders, "command": "cancel", "reason": "5",
        "fields": {"reason_text": "Rusak"}});
    let given = send(&hub, &hub.acting, "/commands", ("", &body)).await.json();
    assert_eq!(given["missing"], json!(["ord_0000000000001"]));
    assert_eq!((&given["waiting"], &given["refused"]), (&json!(1), &json!(1)));
    let batch = given["batch"].as_str().unwrap().to_owned();
    let failures = hub.api(&hub.key, &format!("/commands/{batch}?limit=1")).await.json();
    assert_eq!(failures["items"][0]["code"], "DMG-0701", "failures come first");
    let next = failures["next"].as_str().unwrap();
    let rest = hub.api(&hub.key, &format!("/commands/{batch}?limit=1&after={next}")).await.json();
    assert_eq!((&rest["items"][0]["state"], &rest["next"]), (&json!("waiting"), &Value::Null));

    let retry = format!("/commands/{batch}/retry");
    let again = send(&hub, &hub.acting, &retry, ("", &json!({}))).await;
    assert_eq!(again.status, StatusCode::ACCEPTED, "{}", again.body);
    let again = again.json();
    assert_ne!(again["batch"], batch.as_str());
    assert_eq!((&again["waiting"], &again["refused"]), (&json!(0), &json!(1)), "the failed only");

    let fine = give(&hub, &json!({"command": "label"})).await;
    let fine = format!("/commands/{}/retry", fine["batch"].as_str().unwrap());
    let nothing = send(&hub, &hub.acting, &fine, ("", &json!({}))).await;
    assert_eq!(code(&nothing), (StatusCode::CONFLICT, "DMG-0609".to_owned()));
}

#[tokio::test]
async fn the_same_request_is_done_once_and_another_of_its_name_is_refused() {
    let hub = Hub::start().await;
    let path = format!("/orders/{}/commands", hub.order);
    let label = json!({"command": "label"});
    let first = send(&hub, &hub.acting, &path, ("uuid-1", &label)).await;
    hub.engine.run_commands(hub.org).await.unwrap();
    let second = send(&hub, &hub.acting, &path, ("uuid-1", &label)).await;
    assert_eq!((second.status, &second.body), (StatusCode::ACCEPTED, &first.body));
    let other = send(&hub, &hub.acting, &path, ("uuid-1", &json!({"command": "accept"}))).await;
    assert_eq!(code(&other), (StatusCode::UNPROCESSABLE_ENTITY, "DMG-0608".to_owned()));
    let elsewhere = json!({"orders": [hub.order.to_string()], "command": "label"});
    let elsewhere = send(&hub, &hub.acting, "/commands", ("uuid-1", &elsewhere)).await;
    assert_eq!(elsewhere.status, StatusCode::UNPROCESSABLE_ENTITY);
    let new = send(&hub, &hub.acting, &path, ("uuid-2", &label)).await;
    assert_ne!(new.json()["batch"], first.json()["batch"]);
    let commands = hub.store.commands_of(hub.org, hub.order).await.unwrap();
    assert_eq!(commands.len(), 2, "{commands:?}");
}

#[tokio::test]
async fn giving_needs_the_scope_and_sense() {
    let hub = Hub::start().await;
    let one = format!("/orders/{}/commands", hub.order);
    let label = json!({"command": "label"});
    let many = json!({"orders": [hub.order.to_string()], "command": "label"});
    for (path, body) in
        [(one.as_str(), &label), ("/commands", &many), ("/commands/bat_1/retry", &label)]
    {
        let reading = send(&hub, &hub.key, path, ("", body)).await;
        assert_eq!(code(&reading), (StatusCode::FORBIDDEN, "DMG-0605".to_owned()), "{path}");
        let nobody = send(&hub, "dmg_x_y", path, ("", body)).await;
        assert_eq!(code(&nobody), (StatusCode::UNAUTHORIZED, "DMG-0601".to_owned()), "{path}");
    }
    let bad = [
        json!({"command": "dance"}),
        json!({"command": "label", "colour": "red"}),
        json!({"command": "label", "lines": [{"line": 1}]}),
        json!([]),
    ];
    for body in &bad {
        let answer = send(&hub, &hub.acting, &one, ("", body)).await;
        assert_eq!(code(&answer), (StatusCode::BAD_REQUEST, "DMG-0603".to_owned()), "{body}");
    }
    let bad = [
        json!({"orders": [], "command": "label"}),
        json!({"orders": ["1"], "command": "label"}),
        json!({"orders": [hub.order.to_string()], "command": "label", "colour": "red"}),
        json!({"orders": vec!["ord_0000000000001"; 5_001], "command": "label"}),
    ];
    for body in &bad {
        let answer = send(&hub, &hub.acting, "/commands", ("", body)).await;
        let told = answer.body.chars().take(200).collect::<String>();
        assert_eq!(code(&answer), (StatusCode::BAD_REQUEST, "DMG-0603".to_owned()), "{told}");
    }
    let nowhere = send(&hub, &hub.acting, "/orders/ord_0000000000001/commands", ("", &label)).await;
    assert_eq!(code(&nowhere), (StatusCode::NOT_FOUND, "DMG-0602".to_owned()));
    let nowhere = send(&hub, &hub.acting, "/commands/bat_0000000000001/retry", ("", &label)).await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
    for path in
        ["/commands/bat_0000000000001", "/commands/1", "/orders/1/offers", "/orders/1/commands"]
    {
        assert_eq!(hub.api(&hub.key, path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let get = hub.api(&hub.key, "/commands").await;
    assert_eq!(code(&get), (StatusCode::METHOD_NOT_ALLOWED, "DMG-0604".to_owned()));
    assert!(hub.store.commands_of(hub.org, hub.order).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_person_gives_a_command_on_the_orders_page_and_tries_again() {
    let hub = Hub::start().await;
    let path = format!("/orders/{}", hub.order);
    let shown = hub.page(&path).await.body;
    assert!(
        shown.contains("value=\"label\"") && shown.contains("f|cancel|5|reason_text"),
        "{shown}"
    );
    assert!(!shown.contains("value=\"accept\""), "what the order does not allow is not shown");
    let post = format!("{path}/commands");
    let form = "command=cancel&r%7Ccancel=5&f%7Ccancel%7C5%7Creason_text=Rusak";
    assert_eq!(hub.post(&post, "cross-site", form).await.status, StatusCode::FORBIDDEN);
    assert!(hub.store.commands_of(hub.org, hub.order).await.unwrap().is_empty());
    let given = hub.post(&post, "same-origin", form).await;
    assert!(given.header("location").ends_with("?told=command.cancel#commands"), "{}", given.body);
    let twice = hub.post(&post, "same-origin", form).await;
    assert!(twice.header("location").contains("told=command-under_way.cancel"));

    hub.engine.run_commands(hub.org).await.unwrap();
    for language in ["id", "en"] {
        let request = Request::get(&path).header("accept-language", language);
        let request = request.header("cookie", &hub.cookie).body(Body::empty()).unwrap();
        let page = hub.send(request).await.body;
        assert!(page.contains("not today") && page.contains("/errors/DMG-0702"), "{page}");
        assert!(page.contains("Pemilik") && !page.contains('⟦'), "{page}");
    }
    let command = hub.store.commands_of(hub.org, hub.order).await.unwrap()[0].id;
    let again = hub.post(&format!("{post}/{command}/retry"), "same-origin", "").await;
    assert!(again.header("location").contains("told=command.cancel"), "{}", again.body);
    assert_eq!(hub.store.commands_of(hub.org, hub.order).await.unwrap()[0].words.fields.len(), 1);

    let bare = hub.post(&post, "same-origin", "command=accept").await;
    assert!(bare.header("location").contains("told=command-refused.accept"));
    let page = hub.page(bare.header("location").split('#').next().unwrap()).await.body;
    assert!(page.contains("Status pesanan accepted tidak mengizinkannya"), "{page}");
    for (path, form, status) in [
        (post.as_str(), "command=dance", StatusCode::BAD_REQUEST),
        ("/orders/ord_0000000000001/commands", "command=label", StatusCode::NOT_FOUND),
        ("/orders/1/commands/cmd_1/retry", "", StatusCode::NOT_FOUND),
        ("/commands/bat_0000000000001/retry", "", StatusCode::NOT_FOUND),
        ("/commands", "command=dance", StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(hub.post(path, "same-origin", form).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn orders_are_chosen_on_the_list_and_followed_on_the_page_of_their_batch() {
    let hub = Hub::start().await;
    let list = hub.page("/orders").await.body;
    for part in ["form=\"bulk\"", "data-can=\"label ", "data-can=\"accept ", "name=\"all\""] {
        assert!(list.contains(part), "{part}: {list}");
    }
    let (one, two) = (hub.order, hub.second);
    let none = hub.post("/commands", "same-origin", "command=label&tab=all").await;
    assert_eq!(none.header("location"), "/orders?tab=all&told=bulk-none");
    assert!(hub.page(none.header("location")).await.body.contains("notice look"));
    let given = format!("command=label&order={one}&order={two}");
    assert_eq!(hub.post("/commands", "cross-site", &given).await.status, StatusCode::FORBIDDEN);
    let given = hub.post("/commands", "same-origin", &given).await;
    let batch = given.header("location").to_owned();
    assert!(batch.starts_with("/commands/bat_"), "{batch}");
    let page = hub.page(&batch).await.body;
    let (refused, waiting) = (page.find(">8002<").unwrap(), page.find(">7001<").unwrap());
    assert!(refused < waiting && page.contains("data-pending"), "failures come first: {page}");
    hub.engine.run_commands(hub.org).await.unwrap();
    let page = hub.page(&batch).await.body;
    assert!(!page.contains("data-pending") && page.contains("/paper"), "{page}");
    let retried = hub.post(&format!("{batch}/retry"), "same-origin", "").await;
    assert!(retried.header("location").ends_with("?told=retried"), "{}", retried.body);
    assert_ne!(retried.header("location").split('?').next(), Some(batch.as_str()));
    assert_eq!(hub.page("/commands/bat_0000000000001").await.status, StatusCode::NOT_FOUND);

    // All of a list: of those that were there when it was shown.
    let before = hub.post("/commands", "same-origin", "command=label&all=1&tab=all&until=1").await;
    assert!(before.header("location").ends_with("told=bulk-none"));
    let now = hub.engine.now().0;
    let all = format!("command=label&all=1&tab=ready_to_ship&until={now}");
    let all = hub.post("/commands", "same-origin", &all).await;
    assert!(hub.page(all.header("location")).await.body.contains("1 pesanan"));
    let again = format!("command=label&all=1&tab=ready_to_ship&until={now}");
    let again = hub.post("/commands", "same-origin", &again).await;
    assert_eq!(again.header("location"), "/orders?tab=ready_to_ship&told=under_way.1");
    assert!(hub.page(again.header("location")).await.body.contains("sedang berjalan"));
}

#[tokio::test]
async fn every_code_has_its_page_for_those_who_are_logged_in() {
    let hub = Hub::start().await;
    let page = hub.page("/errors/DMG-0703").await;
    assert!(page.status == StatusCode::OK && page.body.contains("seller centre"), "{}", page.body);
    assert_eq!(hub.page("/errors/DMG-none").await.status, StatusCode::NOT_FOUND);
    let stranger = Request::get("/errors/DMG-0703").body(Body::empty()).unwrap();
    assert_eq!(hub.send(stranger).await.status, StatusCode::SEE_OTHER);
}
