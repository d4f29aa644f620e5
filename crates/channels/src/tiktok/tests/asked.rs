//! What is asked of the channel, and what its answers come to.

use std::collections::BTreeMap;

use dermaga_channel::{Asked, Channel, Command, Consent as _, Error, StockRow, What};
use dermaga_domain::term::CommandKind;
use dermaga_domain::time::Time;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::stage::{NOW, Stage, no, well};
use crate::tiktok::TikTok;
use crate::tiktok::consent::SellersConsent;

const TOKENS: &str = r#"{"access_token":"ROW_a","access_token_expire_in":1760604800,
    "refresh_token":"ROW_r","refresh_token_expire_in":1791536000,"user_type":0}"#;
const SHOPS: &str =
    r#"{"shops":[{"id":"7495","name":"Toko Contoh","region":"ID","cipher":"ROW_c"}]}"#;

fn returned(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn the_page_names_the_service_and_the_state() {
    let stage = Stage::with([]).await;
    let asked = |state| Asked { back: "https://hub.example.test/consent", state, now: NOW };
    let page = SellersConsent.page(&stage.credentials, &asked("s1")).unwrap();
    assert_eq!(page, "https://services.tiktokshop.com/open/authorize?service_id=7430&state=s1");
    assert!(SellersConsent.page(&stage.credentials, &asked("a&b")).is_err());
}

#[tokio::test]
async fn a_code_gives_tokens_with_moments_and_the_shops_with_their_ciphers() {
    let stage = Stage::with([well(TOKENS), well(SHOPS)]).await;
    let code = returned(&[("code", "c1"), ("app_key", "demoappkey")]);
    let grant = SellersConsent.exchange(&stage.call(), &code).await.unwrap();
    let token = grant.token.unwrap();
    assert_eq!(token.access.expose_secret(), "ROW_a");
    assert_eq!(token.expires_at, Time::from_seconds(1_760_604_800));
    assert_eq!(token.renewable_until, Some(Time::from_seconds(1_791_536_000)));
    let [shop] = grant.shops.as_slice() else { panic!("{:?}", grant.shops) };
    assert_eq!((&*shop.channel_shop_id, &*shop.name), ("7495", "Toko Contoh"));
    assert_eq!(shop.key.as_ref().map(secrecy::ExposeSecret::expose_secret), Some("ROW_c"));
    let asked = stage.asked();
    assert!(asked[0].line.contains("grant_type=authorized_code"), "{}", asked[0].line);
    assert_eq!(asked[0].common, ["app_key=demoappkey"], "unsigned");
    assert_eq!(asked[1].line, "GET /authorization/202309/shops");
    assert!(asked[1].common.iter().all(|pair| !pair.starts_with("shop_cipher")));
    assert_eq!(asked[1].headers["x-tts-access-token"], "ROW_a");
    let log = stage.exchanges();
    for secret in ["demosecret", "=c1", "ROW_a", "ROW_r", "ROW_demo"] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

#[tokio::test]
async fn without_a_code_that_holds_the_seller_is_asked_again() {
    let stage = Stage::with([no(36_004_004), no(36_004_005), no(36_009_004)]).await;
    let name = async |pairs: &[(&str, &str)]| {
        SellersConsent.exchange(&stage.call(), &returned(pairs)).await.unwrap_err().name()
    };
    assert_eq!(name(&[("code", "null"), ("error", "auth_denied")]).await, "consent_needed");
    assert_eq!(name(&[]).await, "consent_needed");
    assert_eq!(name(&[("code", "c1"), ("app_key", "another")]).await, "consent_needed");
    assert_eq!(stage.lines().len(), 0, "nothing is asked for these");
    assert_eq!(name(&[("code", "used")]).await, "consent_needed");
    assert_eq!(TikTok.authorise(&stage.call()).await.unwrap_err().name(), "consent_needed");
    assert_eq!(TikTok.authorise(&stage.call()).await.unwrap_err().name(), "auth_refused");
    assert!(stage.lines()[1].contains("refresh_token=ROW_demoRefresh"));
}

#[tokio::test]
async fn a_request_is_signed_as_the_worked_example() {
    let stage = Stage::with([well(r#"{"orders":[]}"#)]).await;
    let ids = ["576461413038785752".to_owned(), "576461413038785753".to_owned()];
    let fetched = TikTok.fetch_orders(&stage.call(), &ids).await.unwrap();
    assert_eq!(fetched.not_found, ids);
    let asked = &stage.asked()[0];
    let wanted = "GET /order/202309/orders?ids=576461413038785752%2C576461413038785753";
    assert_eq!(asked.line, wanted);
    let sign = "sign=29a6e8b9d82424194294779985c8fd0bed1f4afbbe7eb190c20239cf2ffe730e";
    assert!(asked.common.iter().any(|pair| pair == sign), "{:?}", asked.common);
}

#[tokio::test]
async fn a_window_is_read_by_change_and_what_differs_at_every_read_is_left_out() {
    let row = |at| format!(r#"{{"id":"5801","status":"UNPAID","update_time":{at}}}"#);
    // Within one second there is nothing to go by but the token.
    let page = |at: i64| {
        let row = row(at);
        well(&format!(r#"{{"total_count":2,"next_page_token":"t2","orders":[{row}]}}"#))
    };
    let last = well(r#"{"next_page_token":"","orders":[]}"#);
    let stage = Stage::with([page(1_759_996_400), page(1_759_999_000), last]).await;
    let first = stage.list(What::Orders, None).await.unwrap();
    assert_eq!(first.messages[0].body, format!("[{}]", row(1_759_996_400)).as_bytes());
    let second = stage.list(What::Orders, first.next.as_deref()).await.unwrap();
    let third = stage.list(What::Orders, second.next.as_deref()).await.unwrap();
    assert_eq!((third.messages.len(), third.next), (0, None));
    let asked =
        "POST /order/202309/orders/search?page_size=100&sort_field=update_time&sort_order=ASC";
    let lines = [asked.to_owned(), format!("{asked}&page_token=t2"), asked.to_owned()];
    assert_eq!(stage.lines(), lines);
    let from = |second: i64| json!({"update_time_ge": second, "update_time_lt": 1_760_000_001});
    assert_eq!(stage.bodies(), [from(1_759_996_400), from(1_759_996_400), from(1_759_999_000)]);
}

#[tokio::test]
async fn an_unknown_order_does_not_hide_the_others() {
    let one = r#"{"orders":[{"id":"1","status":"UNPAID"}]}"#;
    let stage = Stage::with([no(21_008_111), well(one), no(21_008_111)]).await;
    let ids = ["1".to_owned(), "2".to_owned(), "a/b".to_owned()];
    let fetched = TikTok.fetch_orders(&stage.call(), &ids).await.unwrap();
    assert_eq!((fetched.messages.len(), fetched.not_found), (1, vec!["a/b".into(), "2".into()]));
}

#[tokio::test]
async fn what_a_buyer_asked_comes_with_the_details() {
    let order =
        r#"{"orders":[{"id":"5801","status":"AWAITING_SHIPMENT","request_cancel_time":5}]}"#;
    let asked = r#"{"cancellations":[{"cancel_id":"403","order_id":"5801"}],"next_page_token":""}"#;
    let stage = Stage::with([well(order), well(asked)]).await;
    let fetched = TikTok.fetch_orders(&stage.call(), &["5801".to_owned()]).await.unwrap();
    let body: Value = serde_json::from_slice(&fetched.messages[0].body).unwrap();
    assert_eq!(body["cancellations"][0]["cancel_id"], "403");
    assert_eq!(stage.bodies()[1]["order_ids"], json!(["5801"]));
}

#[tokio::test]
async fn stock_is_told_to_all_warehouses_and_refused_rows_are_named() {
    let look = r#"{"inventory":[{"product_id":"17","skus":[
        {"id":"171","warehouse_inventory":[{"warehouse_id":"69","available_quantity":4},
                                           {"warehouse_id":"70","available_quantity":3}]},
        {"id":"172","warehouse_inventory":[{"warehouse_id":"69","available_quantity":1}]}]}]}"#;
    let told = r#"{"errors":[{"code":12052990,"message":"Check failed","detail":{"sku_id":"172",
        "extra_errors":[{"code":12052393,"message":"Locked"}]}}]}"#;
    let stage = Stage::with([well(look), well(told)]).await;
    let row = |id: &str, value| StockRow { channel_product_id: id.to_owned(), value };
    let rows = vec![row("17-171", 12), row("17-172", 0), row("18-181", 5), row("x", 1)];
    let done = stage.execute(&Command::SetStock(rows)).await.unwrap();
    let refused: Vec<(&str, &str)> =
        done.refused.iter().map(|row| (&*row.channel_product_id, &*row.message)).collect();
    let gone = "the channel has no such SKU";
    let wanted =
        [("x", "this is no SKU of the channel"), ("17-172", "Locked (12052393)"), ("18-181", gone)];
    assert_eq!(refused, wanted);
    assert_eq!(stage.lines()[1], "POST /product/202309/products/17/inventory/update");
    let wanted = json!({"skus": [
        {"id": "171", "inventory": [{"warehouse_id": "69", "quantity": 9}, {"warehouse_id": "70", "quantity": 3}]},
        {"id": "172", "inventory": [{"warehouse_id": "69", "quantity": 0}]},
    ]});
    assert_eq!(stage.bodies()[1], wanted);
}

/// An order with two parcels of which one is arranged.
fn order(shipping: &str, statuses: [&str; 2]) -> String {
    let row =
        |id: &str, status: &str| format!(r#"{{"package_id":"{id}","package_status":"{status}"}}"#);
    format!(
        r#"{{"orders":[{{"id":"5801","shipping_type":"{shipping}","delivery_option_id":"709",
            "packages":[{{"id":"11"}},{{"id":"12"}}],"line_items":[{},{}]}}]}}"#,
        row("11", statuses[0]),
        row("12", statuses[1])
    )
}

#[tokio::test]
async fn one_open_parcel_is_arranged_by_itself_in_the_first_free_time() {
    let slots = r#"{"can_pickup":true,"pickup_slots":[
        {"avaliable":false,"start_time":1,"end_time":2},
        {"avaliable":true,"start_time":1760230800,"end_time":1760241600}]}"#;
    let order = order("TIKTOK", ["PROCESSING", "TO_FULFILL"]);
    let stage = Stage::with([well(&order), well(slots), well("{}")]).await;
    assert!(stage.order(CommandKind::Pickup, None, &[]).await.unwrap().changed);
    let lines = stage.lines();
    assert_eq!(lines[1], "GET /fulfillment/202309/packages/12/handover_time_slots");
    assert_eq!(lines[2], "POST /fulfillment/202309/packages/12/ship");
    let wanted = json!({"handover_method": "PICKUP",
        "pickup_slot": {"start_time": 1_760_230_800, "end_time": 1_760_241_600}});
    assert_eq!(stage.bodies()[2], wanted);
}

#[tokio::test]
async fn several_parcels_may_be_taken_in_part_inside_an_answer_that_says_all_is_well() {
    let told = r#"{"errors":[{"code":21011053,"message":"No slot","detail":{"package_id":"12"}}]}"#;
    let order = order("TIKTOK", ["TO_FULFILL", "TO_FULFILL"]);
    let stage = Stage::with([well(&order), well(told)]).await;
    let error = stage.order(CommandKind::Ship, None, &[]).await.unwrap_err();
    let Error::Rejected { code, message } = error else { panic!("{error}") };
    assert_eq!(code, "21011053");
    assert_eq!(message, "1 of 2 parcels; 12: No slot (21011053)");
    let wanted = json!({"packages": [{"id": "11", "handover_method": "DROP_OFF"},
                                     {"id": "12", "handover_method": "DROP_OFF"}]});
    assert_eq!(stage.bodies()[1], wanted);
}

#[tokio::test]
async fn the_sellers_own_courier_needs_a_number_and_the_platforms_takes_none() {
    let own = order("SELLER", ["PROCESSING", "TO_FULFILL"]);
    let providers = r#"{"shipping_providers":[{"id":"684","name":"Kurir"}]}"#;
    let platform = order("TIKTOK", ["PROCESSING", "TO_FULFILL"]);
    let done = order("TIKTOK", ["PROCESSING", "FULFILLING"]);
    let answers = [
        well(&own),
        well(providers),
        well("{}"),
        well(&own),
        well(&own),
        well(&platform),
        well(&done),
    ];
    let stage = Stage::with(answers).await;
    stage.order(CommandKind::Ship, None, &[("awb", "JX1")]).await.unwrap();
    let wanted =
        json!({"self_shipment": {"tracking_number": "JX1", "shipping_provider_id": "684"}});
    assert_eq!(stage.bodies()[2], wanted);
    let code = |told: Result<_, Error>| match told {
        Err(Error::Rejected { code, .. }) => code,
        _ => panic!("not refused"),
    };
    assert_eq!(code(stage.order(CommandKind::Ship, None, &[]).await), "awb");
    assert_eq!(code(stage.order(CommandKind::Pickup, None, &[]).await), "shipping_type");
    assert_eq!(code(stage.order(CommandKind::Ship, None, &[("awb", "JX1")]).await), "awb");
    assert_eq!(code(stage.order(CommandKind::Ship, None, &[]).await), "no_package");
}

#[tokio::test]
async fn the_label_is_read_from_where_the_channel_says_it_is() {
    let order = order("TIKTOK", ["TO_FULFILL", "PROCESSING"]);
    let stage = Stage::with([]).await;
    let document = format!(r#"{{"doc_url":"{}/label/12?exp=1"}}"#, stage.url);
    stage.answer([well(&order), well(&document), (200, "%PDF".to_owned())]);
    let done = stage.order(CommandKind::Label, None, &[]).await.unwrap();
    assert_eq!(done.paper.unwrap().body, "%PDF");
    let lines = stage.lines();
    let path = "GET /fulfillment/202309/packages/12/shipping_documents";
    assert_eq!(lines[1], format!("{path}?document_type=SHIPPING_LABEL&document_size=A6"));
    assert_eq!(lines[2], "GET /label/12?exp=1");
    assert!(!stage.asked()[2].headers.contains_key("x-tts-access-token"));
    stage.answer([well(&order), no(11_034_037)]);
    assert_eq!(stage.order(CommandKind::Label, None, &[]).await.unwrap_err().name(), "temporary");
}

#[tokio::test]
async fn the_request_that_waits_is_answered_with_a_key_of_its_own() {
    let requests = r#"{"cancellations":[
        {"cancel_id":"402","order_id":"5801","cancel_status":"CANCELLATION_REQUEST_CANCEL"},
        {"cancel_id":"403","order_id":"5801","cancel_status":"CANCELLATION_REQUEST_PENDING"}]}"#;
    let answers = [well(requests), well("{}"), well(requests), well("{}"), well("{}")];
    let stage = Stage::with(answers).await;
    stage.order(CommandKind::AgreeCancel, None, &[]).await.unwrap();
    stage.order(CommandKind::RefuseCancel, Some("packed"), &[]).await.unwrap();
    let path = "POST /return_refund/202309/cancellations/403";
    let lines = stage.lines();
    assert_eq!(lines[1], format!("{path}/approve?idempotency_key=dermaga-approve-403"));
    assert_eq!(lines[3], format!("{path}/reject?idempotency_key=dermaga-reject-403"));
    assert_eq!(stage.bodies()[3], json!({"reject_reason": "packed"}));
    let none = stage.order(CommandKind::AgreeCancel, None, &[]).await.unwrap_err();
    assert_eq!(none.name(), "rejected");
}

#[tokio::test]
async fn each_topic_of_each_shop_is_registered_and_what_stands_is_left() {
    let base_url = "https://hub.example.test/webhooks/r/".to_owned();
    let address =
        |topic: &str| format!(r#"{{"event_type":"{topic}","address":"{base_url}{topic}"}}"#);
    let all: Vec<String> = crate::tiktok::webhook::TOPICS.iter().map(|it| address(it)).collect();
    let list = |rows: &[String]| well(&format!(r#"{{"webhooks":[{}]}}"#, rows.join(",")));
    let answers = [well(SHOPS), list(&all), well(SHOPS), list(&all[1..]), well("{}"), list(&all)];
    let stage = Stage::with(answers).await;
    let watch = Command::WatchWebhooks { base_url: base_url.clone() };
    assert!(!stage.execute(&watch).await.unwrap().changed);
    assert!(stage.execute(&watch).await.unwrap().changed);
    let lines = stage.lines();
    assert_eq!(lines[4], "PUT /event/202309/webhooks");
    let wanted = json!({"address": format!("{base_url}ORDER_STATUS_CHANGE"), "event_type": "ORDER_STATUS_CHANGE"});
    assert_eq!(stage.bodies()[4], wanted);
    assert!(stage.asked()[4].common.iter().any(|pair| pair == "shop_cipher=ROW_c"));
}

#[tokio::test]
async fn a_shop_that_the_consent_does_not_open_is_not_asked_for() {
    let stage = Stage::with([]).await;
    let mut call = stage.call();
    call.shop_key = None;
    let error = TikTok.list_listings(&call, None).await.unwrap_err();
    assert_eq!(error.name(), "consent_needed");
}
