//! What is asked of the channel, and what its answers come to.

use std::collections::BTreeMap;

use dermaga_channel::{Asked, Call, Channel, Command, Consent as _, Error, StockRow, What};
use dermaga_domain::term::CommandKind;
use dermaga_domain::time::{Span, Time};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::stage::{NOW, Stage, flat, no, well};
use crate::shopee::Shopee;
use crate::shopee::consent::SellersConsent;

const TOKENS: &str =
    r#""access_token":"a1","refresh_token":"r1","expire_in":14400,"merchant_id_list":[]"#;
const ORDER: &str = r#"{"order_sn":"260105DEMO0001","order_status":"READY_TO_SHIP","package_list":[
    {"package_number":"OFG1","logistics_status":"LOGISTICS_READY"}]}"#;

fn returned(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn orders(rows: &[&str]) -> (u16, String) {
    well(&format!(r#"{{"order_list":[{}]}}"#, rows.join(",")))
}

#[tokio::test]
async fn the_page_is_signed_and_the_state_is_in_the_path() {
    let stage = Stage::with([]).await;
    let asked = Asked { back: "https://hub.example.test/consent", state: "s1", now: NOW };
    let page = SellersConsent.page(&stage.credentials, &asked).unwrap();
    let sign = "sign=";
    let (before, after) = page.split_once(sign).unwrap();
    let host = &stage.url;
    assert_eq!(
        before,
        format!("{host}/api/v2/shop/auth_partner?partner_id=2001887&timestamp=1760000000&")
    );
    let (signature, rest) = after.split_once('&').unwrap();
    assert_eq!(signature.len(), 64);
    assert_eq!(rest, "redirect=https%3A%2F%2Fhub.example.test%2Fconsent%2Fs1");
}

#[tokio::test]
async fn a_code_gives_each_shop_its_token() {
    let tokens = flat(&format!(r#"{TOKENS},"shop_id_list":[14701711,14701712]"#));
    let named = flat(r#""shop_name":"Toko Contoh","region":"ID""#);
    let stage = Stage::with([tokens, named, no("error_server", "x")]).await;
    let code = returned(&[("code", "c1"), ("main_account_id", "660")]);
    let grant = SellersConsent.exchange(&stage.call(), &code).await.unwrap();
    assert!(grant.token.is_none());
    let shops: Vec<_> =
        grant.shops.iter().map(|it| (it.channel_shop_id.as_str(), it.name.as_str())).collect();
    assert_eq!(shops, [("14701711", "Toko Contoh"), ("14701712", "")], "a name is not needed");
    for shop in &grant.shops {
        let token = shop.token.as_ref().unwrap();
        assert_eq!(token.access.expose_secret(), "a1");
        assert_eq!(token.expires_at, NOW.plus(Span::hours(4)));
        assert_eq!(token.renewable_until, Some(NOW.plus(Span::days(30))));
    }
    let asked = stage.asked();
    assert_eq!(asked[0].line, "POST /api/v2/auth/token/get");
    let sign = "sign=d229369579f1dd779eee8e43c6506b987078c0d2cef7cb2321e087d8ab0391e2";
    assert!(asked[0].common.iter().any(|pair| pair == sign), "{:?}", asked[0].common);
    let body = json!({"code": "c1", "partner_id": 2_001_887, "main_account_id": 660});
    assert_eq!(stage.bodies()[0], body);
    let log = stage.exchanges();
    for secret in ["demo_partner_key", "c1", "a1\"", "r1", "demoaccesstoken"] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

#[tokio::test]
async fn one_shop_is_let_in_by_itself_and_renews_by_itself() {
    let stage = Stage::with([flat(TOKENS), flat(r#""shop_name":"T""#), flat(TOKENS)]).await;
    let code = returned(&[("code", "c1"), ("shop_id", "14701711")]);
    let grant = SellersConsent.exchange(&stage.call(), &code).await.unwrap();
    assert_eq!(grant.shops.len(), 1);
    let renewed = Shopee.authorise(&stage.call()).await.unwrap();
    assert_eq!(renewed.refresh.unwrap().expose_secret(), "r1");
    assert_eq!(stage.lines()[2], "POST /api/v2/auth/access_token/get");
    let body = json!({
        "refresh_token": "demorefreshtoken", "partner_id": 2_001_887, "shop_id": 14_701_711,
    });
    assert_eq!(stage.bodies()[2], body);
}

#[tokio::test]
async fn without_a_code_or_token_that_holds_the_seller_is_asked_again() {
    let answers = [
        no("invalid_code", "The code is expired"),
        no("error_shop_refresh_token", "x"),
        no("error_sign", "Wrong sign."),
        no("error_param", "something else"),
    ];
    let stage = Stage::with(answers).await;
    let name = async |pairs: &[(&str, &str)]| {
        SellersConsent.exchange(&stage.call(), &returned(pairs)).await.unwrap_err().name()
    };
    assert_eq!(name(&[]).await, "consent_needed");
    assert_eq!(name(&[("code", "c1")]).await, "consent_needed");
    assert_eq!(stage.lines().len(), 0, "nothing is asked for these");
    assert_eq!(name(&[("code", "c1"), ("shop_id", "1")]).await, "consent_needed");
    assert_eq!(Shopee.authorise(&stage.call()).await.unwrap_err().name(), "consent_needed");
    assert_eq!(Shopee.authorise(&stage.call()).await.unwrap_err().name(), "auth_refused");
    assert_eq!(Shopee.authorise(&stage.call()).await.unwrap_err().name(), "auth_refused");
    let nobody = Call { token: None, ..stage.call() };
    assert_eq!(Shopee.authorise(&nobody).await.unwrap_err().name(), "consent_needed");
}

#[tokio::test]
async fn a_request_is_signed_as_the_worked_example_and_a_page_comes_with_its_details() {
    let row = r#"{"order_sn":"260105DEMO0001","order_status":"X"}"#;
    let page = |more: bool, next: &str| {
        well(&format!(r#"{{"more":{more},"next_cursor":"{next}","order_list":[{row}]}}"#))
    };
    let shipped = r#"{"order_sn":"260105DEMO0001","order_status":"SHIPPED","package_list":[
        {"package_number":"OFG1","logistics_status":"LOGISTICS_PICKUP_DONE"}]}"#;
    let parcel = r#"{"order_sn":"260105DEMO0001","package_number":"OFG1","tracking_number":"JX1"}"#;
    let stage = Stage::with([
        page(true, "20"),
        page(false, ""),
        orders(&[shipped]),
        well(&format!(r#"{{"package_list":[{parcel}]}}"#)),
        well(r#"{"more":false,"next_cursor":"","order_list":[]}"#),
    ])
    .await;
    let first = stage.list(What::Orders, None).await.unwrap();
    let body = format!(r#"{{"order":{shipped},"packages":[{parcel}]}}"#);
    assert_eq!(first.messages[0].body, body.as_bytes());
    let last = stage.list(What::Orders, first.next.as_deref()).await.unwrap();
    assert_eq!((last.messages.len(), last.next), (0, None));
    let asked = stage.asked();
    let sign = "sign=74a75c74baf53ac2e66885508b4d6c425774a367d226453476349a6a7599b2f3";
    assert!(asked[0].common.iter().any(|pair| pair == sign), "{:?}", asked[0].common);
    let list = |from: i64, to: i64| {
        format!(
            "GET /api/v2/order/get_order_list?time_range_field=update_time&time_from={from}\
             &time_to={to}&page_size=100&response_optional_fields=order_status\
             &request_order_status_pending=true"
        )
    };
    let lines = stage.lines();
    // Of a window with more than a page the first half is asked for, and then the other.
    assert_eq!(lines[0], list(1_759_996_400, 1_760_000_001));
    assert_eq!(lines[1], list(1_759_996_400, 1_759_998_200));
    assert_eq!(lines[4], list(1_759_998_200, 1_760_000_001));
    assert!(
        lines[2].starts_with("GET /api/v2/order/get_order_detail?order_sn_list=260105DEMO0001&")
    );
    assert_eq!(lines[3], "GET /api/v2/order/get_package_detail?package_number_list=OFG1");
}

#[tokio::test]
async fn a_second_with_more_orders_than_a_page_is_walked_by_the_cursor() {
    let more = r#"{"more":true,"next_cursor":"100","order_list":[]}"#;
    let done = r#"{"more":false,"next_cursor":"100","order_list":[]}"#;
    let stage = Stage::with([well(more), well(done)]).await;
    let first = stage.list(What::Orders, Some("1759996400.1759996401.")).await.unwrap();
    let next = stage.list(What::Orders, first.next.as_deref()).await.unwrap();
    assert_eq!(next.next.as_deref(), Some("1759996401.1759996403."));
    assert!(stage.lines()[1].ends_with("&cursor=100"), "{}", stage.lines()[1]);
}

#[tokio::test]
async fn an_unknown_order_does_not_hide_the_others() {
    let not_found = || no("error_param", "The information you queried is not found.");
    let one = r#"{"order_sn":"A1","order_status":"UNPAID"}"#;
    let stage = Stage::with([not_found(), orders(&[one]), not_found()]).await;
    let ids = ["A1".to_owned(), "B2".to_owned(), "a,b".to_owned()];
    let fetched = Shopee.fetch_orders(&stage.call(), &ids).await.unwrap();
    assert_eq!((fetched.messages.len(), fetched.not_found), (1, vec!["a,b".into(), "B2".into()]));
}

#[tokio::test]
async fn a_window_is_never_wider_than_the_channel_takes() {
    let stage = Stage::with([well(r#"{"more":false,"return":[]}"#)]).await;
    let from = Time(NOW.0 + 500_000);
    let changes = dermaga_channel::Changes {
        what: What::Returns,
        from,
        to: from.plus(Span::days(15)),
        page: None,
    };
    Shopee.list_changes(&stage.call(), &changes).await.unwrap();
    let wanted = format!(
        "GET /api/v2/returns/get_return_list?page_no=0&page_size=100&update_time_from=1760000000&update_time_to={}",
        1_760_000_000 + 15 * 86_400
    );
    assert_eq!(stage.lines(), [wanted]);
}

const PARAMETER: &str = r#"{"info_needed":{"pickup":["address_id","pickup_time_id"],"dropoff":["branch_id"]},
    "dropoff":{"branch_list":[{"branch_id":7}]},
    "pickup":{"address_list":[{"address_id":1,"time_slot_list":[]},
        {"address_id":234,"address_flag":["pickup_address"],"time_slot_list":[
            {"date":1700000000,"pickup_time_id":"over"},{"date":1760000000,"pickup_time_id":"first"},
            {"date":1760090000,"pickup_time_id":"best","flags":["recommended"]}]}]}}"#;

#[tokio::test]
async fn a_courier_is_asked_for_each_parcel_that_waits() {
    let two = r#"{"order_sn":"260105DEMO0001","order_status":"READY_TO_SHIP","package_list":[
        {"package_number":"OFG1","logistics_status":"LOGISTICS_REQUEST_CREATED"},
        {"package_number":"OFG2","logistics_status":"LOGISTICS_READY"}]}"#;
    let stage = Stage::with([orders(&[two]), well(PARAMETER), flat(r#""warning":"""#)]).await;
    let done = stage.order(CommandKind::Pickup, None, &[]).await.unwrap();
    assert!(done.changed);
    let lines = stage.lines();
    let parameter =
        "GET /api/v2/logistics/get_shipping_parameter?order_sn=260105DEMO0001&package_number=OFG2";
    assert_eq!(lines[1..], [parameter, "POST /api/v2/logistics/ship_order"]);
    assert_eq!(
        stage.bodies()[2],
        json!({"order_sn": "260105DEMO0001", "package_number": "OFG2",
               "pickup": {"address_id": 234, "pickup_time_id": "best"}})
    );

    stage.answer([orders(&[ORDER]), well(PARAMETER), flat(r#""warning":"""#)]);
    stage.order(CommandKind::Ship, None, &[]).await.unwrap();
    // A lone parcel is not named.
    let lone = json!({"order_sn": "260105DEMO0001", "dropoff": {"branch_id": 7}});
    assert_eq!(stage.bodies()[5], lone);
    let parameter = "GET /api/v2/logistics/get_shipping_parameter?order_sn=260105DEMO0001";
    assert_eq!(stage.lines()[4], parameter);

    let again = ORDER.replace("READY_TO_SHIP", "RETRY_SHIP");
    stage.answer([orders(&[&again]), well(PARAMETER), flat(r#""warning":"""#)]);
    stage.order(CommandKind::Pickup, None, &[]).await.unwrap();
    assert_eq!(stage.lines()[8], "POST /api/v2/logistics/update_shipping_order");

    let done = ORDER.replace("LOGISTICS_READY", "LOGISTICS_PICKUP_DONE");
    stage.answer([orders(&[&done])]);
    let refused = stage.order(CommandKind::Pickup, None, &[]).await.unwrap_err();
    assert_eq!(refused.name(), "rejected");
}

#[tokio::test]
async fn a_courier_without_a_wire_wants_the_number() {
    let own = r#"{"info_needed":{"non_integrated":["tracking_number"]}}"#;
    let stage = Stage::with([orders(&[ORDER]), well(own)]).await;
    let refused = stage.order(CommandKind::Ship, None, &[]).await.unwrap_err();
    assert!(matches!(&refused, Error::Rejected { code, .. } if code == "awb"), "{refused}");
    stage.answer([orders(&[ORDER]), well(own)]);
    let refused = stage.order(CommandKind::Pickup, None, &[]).await.unwrap_err();
    assert!(matches!(&refused, Error::Rejected { code, .. } if code == "no_pickup"), "{refused}");
    stage.answer([orders(&[ORDER]), well(own), flat(r#""warning":"""#)]);
    stage.order(CommandKind::Ship, None, &[("awb", "JNE1")]).await.unwrap();
    assert_eq!(stage.bodies()[6]["non_integrated"], json!({"tracking_number": "JNE1"}));
}

#[tokio::test]
async fn cancelling_for_want_of_stock_names_the_goods() {
    let order = r#"{"order_sn":"260105DEMO0001","order_status":"READY_TO_SHIP",
        "item_list":[{"item_id":5,"model_id":9}]}"#;
    let stage = Stage::with([orders(&[order]), well(r#"{"update_time":1}"#)]).await;
    stage.order(CommandKind::Cancel, Some("OUT_OF_STOCK"), &[]).await.unwrap();
    let body = json!({"order_sn": "260105DEMO0001", "cancel_reason": "OUT_OF_STOCK",
                      "item_list": [{"item_id": 5, "model_id": 9}]});
    assert_eq!(stage.bodies()[1], body);
    stage.answer([well("{}"), no("order.cancel_order_invalid_status", "Invalid order_status.")]);
    stage.order(CommandKind::RefuseCancel, None, &[]).await.unwrap();
    assert_eq!(stage.bodies()[2]["operation"], "REJECT");
    let late = stage.order(CommandKind::AgreeCancel, None, &[]).await.unwrap_err();
    assert_eq!(
        (stage.bodies()[3]["operation"].as_str(), late.name()),
        (Some("ACCEPT"), "rejected")
    );
}

fn row(fields: &str) -> (u16, String) {
    well(&format!(r#"{{"result_list":[{{"package_number":"OFG1",{fields}}}]}}"#))
}

#[tokio::test]
async fn a_label_waits_for_its_number_and_then_for_itself() {
    let arranged = ORDER.replace("LOGISTICS_READY", "LOGISTICS_REQUEST_CREATED");
    let numbered = || well(r#"{"tracking_number":"JX1","hint":""}"#);
    let kinds = || row(r#""suggest_shipping_document_type":"NORMAL_AIR_WAYBILL""#);
    let stage = Stage::with([orders(&[&arranged]), well(r#"{"tracking_number":""}"#)]).await;
    let early = stage.order(CommandKind::Label, None, &[]).await.unwrap_err();
    assert_eq!(early.name(), "temporary");

    let not_made = (
        200,
        r#"{"error":"common.batch_api_all_failed","message":"Failed","response":{"result_list":[
            {"fail_error":"logistics.shipping_document_should_print_first","fail_message":"x"}]}}"#
            .to_owned(),
    );
    let making = || row(r#""status":"PROCESSING""#);
    stage.answer([orders(&[&arranged]), numbered(), kinds(), not_made, row(r#""x":1"#), making()]);
    let waits = stage.order(CommandKind::Label, None, &[]).await.unwrap_err();
    assert_eq!(waits.name(), "temporary", "{waits}");
    let made = &stage.bodies()[6]["order_list"][0];
    assert_eq!(
        (&made["tracking_number"], &made["shipping_document_type"]),
        (&json!("JX1"), &json!("NORMAL_AIR_WAYBILL"))
    );

    let ready = row(r#""status":"READY""#);
    stage.answer([orders(&[&arranged]), numbered(), kinds(), ready, (200, "%PDF-1.4".to_owned())]);
    let done = stage.order(CommandKind::Label, None, &[]).await.unwrap();
    assert_eq!(done.paper.unwrap().body, "%PDF-1.4");
    let lines = stage.lines();
    let paths: Vec<&str> = lines[8..].iter().map(|line| line.rsplit('/').next().unwrap()).collect();
    assert_eq!(
        paths[1..],
        [
            "get_tracking_number?order_sn=260105DEMO0001&package_number=OFG1",
            "get_shipping_document_parameter",
            "get_shipping_document_result",
            "download_shipping_document"
        ],
        "it is not made again"
    );
}

#[tokio::test]
async fn a_label_that_cannot_be_made_is_refused_with_why() {
    let arranged = ORDER.replace("LOGISTICS_READY", "LOGISTICS_REQUEST_CREATED");
    let failed =
        || row(r#""status":"FAILED","fail_error":"logistics.failed","fail_message":"printer""#);
    let stage = Stage::with([
        orders(&[&arranged]),
        well(r#"{"tracking_number":"JX1"}"#),
        row(r#""x":1"#),
        failed(),
        row(r#""x":1"#),
        failed(),
    ])
    .await;
    let refused = stage.order(CommandKind::Label, None, &[]).await.unwrap_err();
    assert!(
        matches!(&refused, Error::Rejected { code, message } if code == "failed" && message == "printer"),
        "{refused}"
    );
    let made = &stage.bodies()[4]["order_list"][0]["shipping_document_type"];
    assert_eq!(made, "THERMAL_AIR_WAYBILL", "where none is suggested");
}

#[tokio::test]
async fn stock_is_told_by_product_with_what_is_reserved() {
    let items = r#"{"item_list":[
        {"item_id":5,"has_model":true},
        {"item_id":6,"has_model":false,"stock_info_v2":{"summary_info":{"total_reserved_stock":2}}}]}"#;
    let models =
        r#"{"model":[{"model_id":51,"stock_info_v2":{}},{"model_id":52,"stock_info_v2":{}}]}"#;
    let taken =
        r#"{"success_list":[],"failure_list":[{"model_id":52,"failed_reason":"promotion"}]}"#;
    let stage = Stage::with([
        well(items),
        well(models),
        well(taken),
        no("error_auth", "Total stock must be more"),
    ])
    .await;
    let row = |id: &str, value| StockRow { channel_product_id: id.to_owned(), value };
    let rows = vec![
        row("5-51", 3),
        row("5-52", 4),
        row("5-53", 1),
        row("6-0", 7),
        row("8-0", 1),
        row("x", 1),
    ];
    let done = stage.execute(&Command::SetStock(rows)).await.unwrap();
    let mut refused: Vec<(&str, &str)> = done
        .refused
        .iter()
        .map(|it| (it.channel_product_id.as_str(), it.message.as_str()))
        .collect();
    refused.sort_unstable();
    assert_eq!(
        refused,
        [
            ("5-52", "promotion"),
            ("5-53", "the channel has no such variant"),
            ("6-0", "Total stock must be more (error_auth)"),
            ("8-0", "the channel has no such product"),
            ("x", "this is no variant of the channel"),
        ]
    );
    assert!(done.changed);
    let bodies = stage.bodies();
    let list = json!([{"model_id": 51, "seller_stock": [{"stock": 3}]},
                      {"model_id": 52, "seller_stock": [{"stock": 4}]}]);
    assert_eq!(bodies[2], json!({"item_id": 5, "stock_list": list}));
    let nine = json!([{"model_id": 0, "seller_stock": [{"stock": 9}]}]);
    assert_eq!(bodies[3], json!({"item_id": 6, "stock_list": nine}));
    assert_eq!(stage.lines()[0], "GET /api/v2/product/get_item_base_info?item_id_list=5%2C6%2C8");
}

const ON: &str = "[3,4,12,15,29,30]";

fn config(url: &str, status: &str) -> (u16, String) {
    well(&format!(
        r#"{{"callback_url":"{url}","live_push_status":"{status}","push_config_on_list":{ON}}}"#
    ))
}

const BASE: &str = "https://hub.example.test/webhooks/r1/";
const URL: &str = "https://hub.example.test/webhooks/r1/push";

#[tokio::test]
async fn pushes_that_stand_are_left_and_lost_ones_are_worked_off() {
    let none = || well(r#"{"push_message_list":[],"has_next_page":false,"last_message_id":0}"#);
    let watch = || Command::WatchWebhooks { base_url: BASE.to_owned() };
    let stage = Stage::with([config(URL, "Normal"), none()]).await;
    let done = stage.execute(&watch()).await.unwrap();
    assert!(!done.changed, "{}", done.answer);

    let lost = |more: bool, last: i64| {
        well(&format!(
            r#"{{"push_message_list":[{{"shop_id":1,"code":3,"data":"{{}}"}}],"has_next_page":{more},"last_message_id":{last}}}"#
        ))
    };
    stage.answer([config(URL, "Normal"), lost(true, 7), well("{}"), lost(false, 9), well("{}")]);
    let done = stage.execute(&watch()).await.unwrap();
    assert!(done.changed && done.answer.contains("2 were lost"), "{}", done.answer);
    let seen: Vec<Value> = stage.bodies().into_iter().filter(|body| !body.is_null()).collect();
    assert_eq!(seen, [json!({"last_message_id": 7}), json!({"last_message_id": 9})]);

    // Switched off by the channel, as too many have failed.
    let answers = [config(URL, "Suspended"), well("{}"), config(URL, "Normal"), none()];
    stage.answer(answers);
    assert!(stage.execute(&watch()).await.unwrap().changed);
    let body = json!({"callback_url": URL, "set_push_config_on": [3, 4, 12, 15, 29, 30]});
    assert_eq!(stage.bodies()[8], body);
}

#[tokio::test]
async fn an_address_that_is_not_the_entered_one_is_told() {
    let stage = Stage::with([]).await;
    let registered = async |entered: &str| {
        stage.answer([well("{}"), config(URL, "Normal")]);
        let credentials = dermaga_channel::Credentials::new([
            ("partner_id", "2001887"),
            ("partner_key", "k"),
            ("api_url", &stage.url),
            ("push_url", entered),
        ]);
        let call = Call { credentials: &credentials, ..stage.call() };
        let command = Command::RegisterWebhooks { base_url: BASE.to_owned() };
        Shopee.execute(&call, &command).await
    };
    let told = registered(URL).await.unwrap().answer;
    assert!(!told.contains("push_url"), "{told}");
    let told = registered(&format!("{URL}/")).await.unwrap().answer;
    assert!(told.contains("by a slash at its end"), "{told}");
    let told = registered("https://other.example.test/push").await.unwrap().answer;
    assert!(told.contains("all are refused") && !told.contains("slash"), "{told}");
    let refused = registered("").await.unwrap_err();
    assert!(
        matches!(&refused, Error::Rejected { code, message } if code == "push_url" && message.contains(URL)),
        "{refused}"
    );
}
