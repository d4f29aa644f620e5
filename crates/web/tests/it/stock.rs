//! Stock on the pages and over the API: looked at, moved by hand, opened from a file.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use dermaga_store::access::{BearerToken, READ};
use dermaga_store::read::Scope;
use dermaga_store::stock::OpeningRow;
use serde_json::{Value, json};

use crate::hub::{Answer, Hub};

/// Puts units of GAYO on the shelf and gives the SKU's and the warehouse's id.
async fn shelve(hub: &Hub, quantity: i64) -> (String, String) {
    let row = OpeningRow {
        line: 2,
        sku: "GAYO".to_owned(),
        name: "Kopi Gayo".to_owned(),
        warehouse: "Bandung".to_owned(),
        quantity,
    };
    hub.store.import_opening(hub.org, vec![row], None).await.unwrap();
    // The orders were there before the goods were.
    hub.engine.judge_marked(hub.org).await.unwrap();
    let sku = hub.store.find_sku(hub.org, "GAYO").await.unwrap().unwrap().id;
    let warehouse = hub.store.warehouses(hub.org).await.unwrap()[0].id;
    (sku.to_string(), warehouse.to_string())
}

async fn on_hand(hub: &Hub) -> i64 {
    let (levels, _) = hub.store.stock_levels(&Scope::all(hub.org), "GAYO", None, 10).await.unwrap();
    levels.iter().map(|level| level.on_hand).sum()
}

async fn send(hub: &Hub, key: &str, path: &str, (name, body): (&str, &Value)) -> Answer {
    let mut request = Request::post(format!("/api/v1{path}"))
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", "application/json");
    if !name.is_empty() {
        request = request.header("idempotency-key", name);
    }
    hub.send(request.body(Body::from(body.to_string())).unwrap()).await
}

async fn stocking(hub: &Hub) -> String {
    let token = BearerToken::new(hub.org, [9; 32]);
    hub.store.create_api_key(&token, "gudang", &format!("{READ} stock")).await.unwrap();
    token.reveal()
}

async fn upload(hub: &Hub, csv: &str) -> Answer {
    let body = format!(
        "--dermaga\r\nContent-Disposition: form-data; name=\"file\"; filename=\"awal.csv\"\r\n\
         Content-Type: text/csv\r\n\r\n{csv}\r\n--dermaga--\r\n"
    );
    let request = Request::post("/stock/opening")
        .header("cookie", &hub.cookie)
        .header("host", "hub.example")
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "multipart/form-data; boundary=dermaga");
    hub.send(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn a_form_that_is_sent_twice_moves_once() {
    let hub = Hub::start().await;
    let (sku, warehouse) = shelve(&hub, 5).await;
    let path = format!("/stock/{sku}/move");
    let form = format!("act=receipt&once=abc&warehouse={warehouse}&quantity=3&note=truk");
    assert_eq!(hub.post(&path, "cross-site", &form).await.status, StatusCode::FORBIDDEN);
    for _ in 0..2 {
        let done = hub.post(&path, "same-origin", &form).await;
        assert_eq!(done.header("location"), format!("/stock/{sku}?told=receipt.5.8"));
    }
    assert_eq!(on_hand(&hub).await, 8);
    let other = form.replace("quantity=3", "quantity=4");
    let other = hub.post(&path, "same-origin", &other).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(on_hand(&hub).await, 8);
    let page = hub.page(&format!("/stock/{sku}?told=receipt.5.8")).await;
    assert!(page.body.contains("truk") && page.body.contains("Pemilik"), "{}", page.body);
    assert!(page.body.contains(">7001<"), "the order that holds some is in the ledger");
    assert!(!page.body.contains('⟦'), "{}", page.body);
}

#[tokio::test]
async fn a_count_shows_what_it_changes_and_refuses_what_has_changed() {
    let hub = Hub::start().await;
    let (sku, warehouse) = shelve(&hub, 5).await;
    let look = hub.page(&format!("/stock/{sku}?count=1&at={warehouse}")).await;
    assert_eq!(look.status, StatusCode::OK);
    assert!(look.body.contains("name=\"seen\" value=\"5\""), "{}", look.body);
    assert!(look.body.contains("3 unit akan diambil"), "four are held: {}", look.body);
    assert_eq!(on_hand(&hub).await, 5);
    let path = format!("/stock/{sku}/move");
    let stale = format!("act=count&once=c1&warehouse={warehouse}&quantity=1&seen=4");
    let stale = hub.post(&path, "same-origin", &stale).await;
    assert_eq!(stale.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(stale.body.contains("sekarang 5 unit"), "{}", stale.body);
    let count = format!("act=count&once=c2&warehouse={warehouse}&quantity=1&seen=5");
    let done = hub.post(&path, "same-origin", &count).await;
    assert_eq!(done.header("location"), format!("/stock/{sku}?told=count.5.1"));
    assert_eq!(on_hand(&hub).await, 1);
}

#[tokio::test]
async fn what_cannot_be_is_said_at_the_form_and_nothing_moves() {
    let hub = Hub::start().await;
    let (sku, warehouse) = shelve(&hub, 5).await;
    let path = format!("/stock/{sku}/move");
    for (form, said) in [
        ("act=receipt&quantity=0", "paling sedikit satu unit"),
        ("act=receipt&quantity=x", "bilangan bulat"),
        ("act=adjustment&quantity=-1", "Sebutkan alasannya"),
        ("act=adjustment&quantity=-6&note=hilang", "5 unit di tangan"),
        ("act=count&quantity=-1", "kurang dari nol"),
    ] {
        let answer =
            hub.post(&path, "same-origin", &format!("{form}&once=&warehouse={warehouse}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(answer.body.contains(said), "{form}: {}", answer.body);
    }
    assert_eq!(on_hand(&hub).await, 5);
    let nowhere = hub.page("/stock/sku_0000000000001").await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn opening_stock_is_looked_at_row_by_row_before_it_is_written() {
    let hub = Hub::start().await;
    let csv =
        "sku,name,warehouse,quantity\nGAYO,Kopi,Bandung,12\nTEH,Teh,Solo,3\nTEH,Teh,Bandung,1.5\n";
    let preview = upload(&hub, csv).await;
    assert_eq!(preview.status, StatusCode::OK, "{}", preview.body);
    for said in ["Tidak ada gudang “Solo”", "“1.5” bukan jumlah unit", "Tulis 1 baris"] {
        assert!(preview.body.contains(said), "{said}: {}", preview.body);
    }
    assert!(hub.store.find_sku(hub.org, "GAYO").await.unwrap().is_none(), "nothing is written");
    let text: String = form_urlencoded::byte_serialize(csv.as_bytes()).collect();
    let form = format!("once=o1&text={text}");
    let written = hub.post("/stock/opening/write", "same-origin", &form).await;
    assert!(written.body.contains("1 baris ditulis"), "{}", written.body);
    let again = hub.post("/stock/opening/write", "same-origin", &form).await;
    assert_eq!(again.header("location"), "/stock?told=opened.1");
    assert_eq!(on_hand(&hub).await, 12);
    for bad in ["", "nothing at all"] {
        let refused = upload(&hub, bad).await;
        let told = refused.body.contains("stock-wrong") || refused.status.is_client_error();
        assert!(told || refused.body.contains("tidak punya kolom"), "{}", refused.body);
    }
}

#[tokio::test]
async fn the_api_does_what_the_pages_do() {
    let hub = Hub::start().await;
    let (sku, warehouse) = shelve(&hub, 5).await;
    let key = stocking(&hub).await;
    let list = hub.api(&key, "/skus?q=gay").await.json();
    assert_eq!(list["items"][0]["levels"][0]["available"], 1, "two orders hold two each: {list}");
    let moves = format!("/skus/{sku}/moves");
    let receipt = json!({"kind": "receipt", "warehouse": warehouse, "quantity": 2});
    let refused = send(&hub, &hub.key, &moves, ("", &receipt)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
    for _ in 0..2 {
        let done = send(&hub, &key, &moves, ("m1", &receipt)).await;
        assert_eq!(done.json(), json!({"before": 5, "after": 7}), "{}", done.body);
    }
    let other = json!({"kind": "receipt", "warehouse": warehouse, "quantity": 3});
    let other = send(&hub, &key, &moves, ("m1", &other)).await;
    assert_eq!(other.json()["code"], "DMG-0608");
    let stale = json!({"kind": "count", "warehouse": warehouse, "quantity": 7, "seen": 5});
    let stale = send(&hub, &key, &moves, ("", &stale)).await;
    assert_eq!((stale.status, &stale.json()["code"]), (StatusCode::CONFLICT, &json!("DMG-0801")));
    let bare = json!({"kind": "adjustment", "warehouse": warehouse, "quantity": -1});
    assert_eq!(send(&hub, &key, &moves, ("", &bare)).await.status, StatusCode::BAD_REQUEST);

    let ledger = hub.api(&key, &format!("/skus/{sku}/movements?limit=1")).await.json();
    assert!(ledger["items"][0]["by"].as_str().unwrap().starts_with("key_"), "{ledger}");
    let next = ledger["next"].as_str().unwrap();
    let rest = hub.api(&key, &format!("/skus/{sku}/movements?after={next}")).await.json();
    let kinds: Vec<_> = rest["items"].as_array().unwrap().iter().map(|it| &it["kind"]).collect();
    assert_eq!(kinds, ["reserve", "allocate", "opening"], "{rest}");
    let other = hub.api(&hub.other_key, &format!("/skus/{sku}")).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND, "another org sees nothing of it");
    let preview = json!({"csv": "sku,name,warehouse,quantity\nTEH,,Bandung,4\n", "preview": true});
    let preview = send(&hub, &key, "/opening-stock", ("", &preview)).await.json();
    assert_eq!((&preview["written"], &preview["taken"]), (&json!(false), &json!(1)));
    assert!(hub.store.find_sku(hub.org, "TEH").await.unwrap().is_none());
}

#[tokio::test]
async fn a_document_is_restored_from_the_bin_and_the_page_says_why_it_was_there() {
    let hub = Hub::start().await;
    let scope = Scope::all(hub.org);
    let order = hub.store.order(&scope, hub.order).await.unwrap().unwrap();
    let path = format!("/orders/{}/act", hub.order);
    let void = format!("verb=void&revision={}&reason=salah+alamat", order.updated_at.0);
    hub.post(&path, "same-origin", &void).await;
    let bin = hub.page("/bin").await.body;
    assert!(bin.contains("Pemilik") && bin.contains("salah alamat"), "{bin}");
    let order = hub.store.order(&scope, hub.order).await.unwrap().unwrap();
    assert!(order.bin);
    let restore = format!("verb=restore&back=bin&revision={}", order.updated_at.0);
    let done = hub.post(&path, "same-origin", &restore).await;
    assert_eq!(done.header("location"), "/bin?told=done.restore");
    assert!(!hub.store.order(&scope, hub.order).await.unwrap().unwrap().bin);
}

#[tokio::test]
async fn an_order_is_found_by_our_own_number_and_a_sku_by_its_code() {
    let hub = Hub::start().await;
    let (sku, _) = shelve(&hub, 5).await;
    let scope = Scope::all(hub.org);
    let order = hub.store.order(&scope, hub.order).await.unwrap().unwrap();
    let number = order.documents.iter().find(|it| it.kind == "invoice").unwrap().number.clone();
    let short = number.trim_start_matches("INV-").trim_start_matches('0').to_owned();
    for asked in [number.clone(), format!("inv{short}")] {
        let page = hub.page(&format!("/orders?tab=all&q={asked}")).await.body;
        assert!(page.contains(">7001<") && !page.contains(">8002<"), "{asked}: {page}");
    }
    let nothing = hub.page("/orders?tab=all&q=INV-009999").await.body;
    assert!(!nothing.contains(">7001<"), "{nothing}");
    let by_code = hub.page("/orders?tab=all&q=GAYO").await;
    assert_eq!(by_code.header("location"), format!("/stock/{sku}"));
}
