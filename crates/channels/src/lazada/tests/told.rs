//! What the channel is told: packing, ready, cancellations, answers, stock.

use dermaga_channel::{Channel, Command, Error, StockRow};
use dermaga_domain::term::CommandKind;
use serde_json::json;

use super::ITEMS;
use super::stage::{Stage, data, refused, result};
use crate::lazada::Lazada;

/// Two units that wait to be packed, of two warehouses; one that the channel sends itself.
fn pending() -> String {
    let unit = |id: u64, warehouse: &str, fbl: u8| {
        json!({"order_item_id": id, "status": "pending", "currency": "IDR",
               "warehouse_code": warehouse, "is_fbl": fbl})
    };
    data(&json!([unit(11, "a", 0), unit(12, "b", 0), unit(13, "a", 1)]).to_string())
}

const CHOSEN: &str =
    r#"{"platform_default":1,"shipment_providers":[],"shipping_allocate_type":"TFS"}"#;

fn packed(codes: [(&str, bool); 2]) -> String {
    let rows = codes.map(|(code, retry)| {
        json!({"order_id": 1, "order_item_list": [
            {"order_item_id": 11, "item_err_code": code, "msg": "m", "retry": retry}]})
    });
    result(&json!({"pack_order_list": rows}).to_string())
}

#[tokio::test]
async fn packing_names_the_units_that_wait_by_warehouse_and_looks_at_every_row() {
    let good = [pending(), result(CHOSEN), packed([("0", false), ("0", false)])];
    let stage = Stage::with(good).await;
    let done = stage.give(CommandKind::Accept, None).await.unwrap();
    assert!(done.changed);
    let lines = stage.lines();
    assert_eq!(lines[0], "GET /order/items/get order_id=330044550011");
    assert!(lines[1].starts_with("GET /order/shipment/providers/get "), "{}", lines[1]);
    let body = lines[2].replace("%22", "\"").replace("%7B", "{").replace("%7D", "}");
    let parcels = r#""pack_order_list":[{"order_id":330044550011,"order_item_list":[11]},{"order_id":330044550011,"order_item_list":[12]}]"#;
    assert!(body.starts_with("POST /order/fulfill/pack packReq="), "{body}");
    assert!(body.contains(parcels) && body.contains(r#""shipping_allocate_type":"TFS""#), "{body}");

    let cases = [
        ([("0", false), ("700026", false)], "rejected"),
        ([("0", false), ("700024", true)], "unknown"),
        ([("700024", true), ("700024", true)], "temporary"),
    ];
    for (codes, wanted) in cases {
        let stage = Stage::with([pending(), result(CHOSEN), packed(codes)]).await;
        let error = stage.give(CommandKind::Accept, None).await.unwrap_err();
        assert_eq!(error.name(), wanted, "{codes:?}");
    }
    let stage = Stage::with([pending(), result(CHOSEN), result("{}")]).await;
    assert_eq!(stage.give(CommandKind::Accept, None).await.unwrap_err().name(), "unknown");
}

#[tokio::test]
async fn a_courier_that_is_to_be_chosen_is_not_chosen_here() {
    let providers =
        r#"{"platform_default":0,"shipment_providers":[{"name":"A","provider_code":"a"}]}"#;
    let stage = Stage::with([pending(), result(providers)]).await;
    let error = stage.give(CommandKind::Accept, None).await.unwrap_err();
    assert!(matches!(error, Error::Rejected { code, .. } if code == "courier"));
}

#[tokio::test]
async fn parcels_are_told_ready_and_a_failed_row_inside_success_is_a_refusal() {
    let row = |code: &str| {
        result(&json!({"packages": [
            {"package_id": "FP0330044", "item_err_code": code, "msg": "package already cancelled"}]})
        .to_string())
    };
    let stage = Stage::with([data(ITEMS), row("0"), data(ITEMS), row("600002")]).await;
    assert!(stage.give(CommandKind::Pickup, None).await.unwrap().changed);
    let error = stage.give(CommandKind::Pickup, None).await.unwrap_err();
    assert!(matches!(error, Error::Rejected { code, .. } if code == "600002"));
    assert!(stage.lines()[1].starts_with("POST /order/package/rts readyToShipReq="));
}

#[tokio::test]
async fn what_is_so_already_is_not_asked_for_and_what_has_gone_elsewhere_is_refused() {
    let unit = |status: &str| data(&json!([{"order_item_id": 1, "status": status}]).to_string());
    let stage = Stage::with([unit("packed"), unit("canceled"), unit("canceled")]).await;
    assert!(!stage.give(CommandKind::Accept, None).await.unwrap().changed);
    let error = stage.give(CommandKind::Pickup, None).await.unwrap_err();
    assert!(matches!(error, Error::Rejected { code, .. } if code == "status"));
    assert!(!stage.give(CommandKind::Cancel, Some("10000021")).await.unwrap().changed);
    assert_eq!(stage.lines().len(), 3);
}

#[tokio::test]
async fn a_cancellation_asks_for_the_reasons_first_and_is_sent_once() {
    let options = |id: &str, name: &str| {
        data(
            &json!({"tip_type": "warn", "tip_content": "t",
            "reason_options": [{"reason_id": id, "reason_name": name}]})
            .to_string(),
        )
    };
    let tip = |kind: &str| data(&json!({"tip_type": kind, "tip_content": "no"}).to_string());
    let out = "Out of Stock";
    let stage = Stage::with([data(ITEMS), options("77", out), tip("warn")]).await;
    assert!(stage.give(CommandKind::Cancel, Some("10000021")).await.unwrap().changed);
    let lines = stage.lines();
    let units = "order_id=330044550011&order_item_id_list=[330044550111]";
    assert_eq!(lines[1], format!("GET /order/reverse/cancel/validate {units}"));
    assert_eq!(lines[2], format!("GET /order/reverse/cancel/create {units}&reason_id=77"));

    let unknown = [data(ITEMS), options("5", "Sourcing Delay")];
    let stage = Stage::with(unknown).await;
    let error = stage.give(CommandKind::Cancel, Some("10000021")).await.unwrap_err();
    assert!(matches!(error, Error::Rejected { code, .. } if code == "reason"));

    let refusals = [(tip("error"), "rejected"), (refused("ServiceTimeout"), "unknown")];
    for (answer, wanted) in refusals {
        let stage = Stage::with([data(ITEMS), options("10000021", out), answer]).await;
        let error = stage.give(CommandKind::Cancel, Some("10000021")).await.unwrap_err();
        assert_eq!(error.name(), wanted);
        assert_eq!(stage.lines().len(), 3, "never sent twice");
    }
}

#[tokio::test]
async fn a_wish_to_cancel_is_answered_by_its_own_number() {
    let stage = Stage::with([data(ITEMS), data("{}"), data(ITEMS), refused("131")]).await;
    assert!(stage.give(CommandKind::AgreeCancel, None).await.unwrap().changed);
    let error = stage.give(CommandKind::RefuseCancel, None).await.unwrap_err();
    assert!(matches!(error, Error::Rejected { code, .. } if code == "131"));
    let lines = stage.lines();
    let decide = "GET /order/reverse/cancel/seller/decide";
    assert_eq!(lines[1], format!("{decide} agree_cancel=true&reverse_order_id=510001"));
    assert_eq!(lines[3], format!("{decide} agree_cancel=false&reverse_order_id=510001"));
}

#[tokio::test]
async fn a_label_is_read_where_the_answer_points_to() {
    let here = |url: &str| json!({"file": "PGlmcmFtZT4=", "pdf_url": format!("{url}/x.pdf"), "doc_type": "PDF"});
    let stage = Stage::with([data(ITEMS)]).await;
    stage.answer(result(&here(&stage.url).to_string()));
    stage.answer("%PDF".to_owned());
    let paper = stage.give(CommandKind::Label, None).await.unwrap().paper.unwrap();
    assert_eq!(&paper.body[..], b"%PDF");
    assert_eq!(stage.lines()[2], "GET /x.pdf ");
    // Where there is no address, the page itself is the label.
    let page = r#"{"file":"PGgxPkE8L2gxPg==","pdf_url":"","doc_type":"HTML"}"#;
    let stage = Stage::with([data(ITEMS), result(page)]).await;
    let paper = stage.give(CommandKind::Label, None).await.unwrap().paper.unwrap();
    assert_eq!((&*paper.media_type, &paper.body[..]), ("text/html", &b"<h1>A</h1>"[..]));
}

#[tokio::test]
async fn stock_that_is_refused_for_one_row_is_told_again_without_it() {
    let detail = json!({"code": "501", "type": "ISV", "message": "E501: Update product failed",
        "detail": [{"seller_sku": "A", "sku_id": "990002", "code": "4170", "message": "campaign"}]});
    let stage = Stage::with([detail.to_string(), data("{}")]).await;
    let rows = [("770011-990001", 5), ("770012-990002", 6), ("loose", 1)];
    let rows = rows.map(|(id, value)| StockRow { channel_product_id: id.to_owned(), value });
    let command = Command::SetStock(rows.to_vec());
    let done = Lazada.execute(&stage.call(), &command).await.unwrap();
    let refused: Vec<(&str, &str)> = done
        .refused
        .iter()
        .map(|row| (row.channel_product_id.as_str(), row.message.as_str()))
        .collect();
    assert_eq!(refused, [("loose", "it is no product with a SKU"), ("770012-990002", "campaign")]);
    assert!(done.changed);
    let lines = stage.lines();
    assert!(lines[0].contains("990002") && !lines[1].contains("990002"));
    assert!(lines[1].starts_with("POST /product/stock/sellable/update payload="));
    // A refusal that names none of the rows is not tried again.
    let stage = Stage::with([detail.to_string()]).await;
    let command = Command::SetStock(rows[..1].to_vec());
    let error = Lazada.execute(&stage.call(), &command).await.unwrap_err();
    assert_eq!(error.name(), "rejected");
}
