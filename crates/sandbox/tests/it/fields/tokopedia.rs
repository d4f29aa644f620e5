//! Tokopedia's answers and pushes.

use http::Method;
use rsa::RsaPrivateKey;
use rsa::pkcs8::{EncodePublicKey, LineEnding};
use serde_json::{Value, json};

use super::Lists;
use crate::client::{Bench, COFFEE, FS, Subscriber, quiet};
use crate::sealed::{Chance, upload};

const LISTS: &str = include_str!("../../fields/tokopedia.txt");

#[tokio::test]
async fn tokopedia_answers_and_pushes_as_documented() {
    let mut bench = Bench::start(quiet()).await;
    let mut lists = Lists::of("tokopedia", LISTS);
    lists.hold("token", &bench.renew().await);
    hooks(&bench, &mut lists).await;
    let mut subscriber = Subscriber::start().await;
    bench.subscribe(&subscriber).await;
    one_order(&bench, &mut subscriber, &mut lists).await;
    commands(&bench, &mut lists).await;
    goods(&bench, &mut lists).await;
    sealed(&bench, &mut subscriber, &mut lists).await;
    lists.finish();
    bench.sandbox.stop().await;
}

/// The answer to a GET, held to its list.
async fn held(bench: &Bench, lists: &mut Lists, endpoint: &str, target: &str) -> Value {
    let answer = bench.get(target).await;
    assert_eq!(answer.status, 200, "{target}: {}", answer.json());
    lists.hold(endpoint, &answer.json());
    answer.json()
}

async fn hooks(bench: &Bench, lists: &mut Lists) {
    let register = format!("/v1/fs/{FS}/register");
    let url = "https://hub.example.test/hook";
    let body = json!({"fs_id": 14_999, "order_status_url": url, "webhook_secret": "whsec-test-1"});
    lists.hold("webhook registration", &bench.post(&register, body).await.json());
    let refused = bench.post(&register, json!({"order_status_url": "no url"})).await;
    assert_eq!(refused.status, 400);
    lists.hold("webhook registration, refused", &refused.json());
    held(bench, lists, "webhook list", &format!("/v1/fs/{FS}")).await;
}

fn list_target(bench: &Bench) -> String {
    let (from, to) = (bench.now_s() - 7_200, bench.now_s() + 1);
    format!("/v2/order/list?fs_id={FS}&from_date={from}&to_date={to}&page=1&per_page=100")
}

/// One order from its payment to a complaint, with everything that is pushed on the way.
async fn one_order(bench: &Bench, subscriber: &mut Subscriber, lists: &mut Lists) {
    held(bench, lists, "order list, empty", &list_target(bench)).await;
    let id = bench.place("GAYO-250", 2, true);
    let pushed = subscriber.next().await.json();
    lists.hold("push order_notification", &pushed);
    let payload = format!("/v1/order/{id}/fs/{FS}/webhook?type=order_notification");
    held(bench, lists, "webhook payload", &payload).await;
    let detail = format!("/v2/fs/{FS}/order?order_id={id}");
    held(bench, lists, "order detail", &detail).await;
    bench.act(&id, "partial", json!({"sku": "GAYO-250", "quantity_deliver": 1}));
    lists.hold("push order_notification", &subscriber.next().await.json());
    for (act, path) in [("accept", "/status"), ("request-cancel", "/request"), ("ship", "/status")]
    {
        bench.act(&id, act, json!({}));
        let pushed = subscriber.next().await;
        assert_eq!(pushed.path, path, "{act}");
        let push = match path {
            "/request" => "push order_request_cancellation",
            _ => "push order_status",
        };
        lists.hold(push, &pushed.json());
        held(bench, lists, "order detail", &detail).await;
    }
    held(bench, lists, "order list", &list_target(bench)).await;
    let booking = format!("/v1/fs/{FS}/fulfillment_order?order_id={id}");
    held(bench, lists, "booking codes", &booking).await;
    for act in ["deliver", "return"] {
        bench.act(&id, act, json!({"reason": "rusak"}));
        lists.hold("push order_status", &subscriber.next().await.json());
    }
    held(bench, lists, "order detail", &detail).await;
    let days = "from_date=2026-11-01&to_date=2026-11-30";
    let tickets = format!("/resolution/v1/fs/{FS}/ticket?shop_id={COFFEE}&{days}");
    held(bench, lists, "complaints", &tickets).await;

    let other = bench.place("GAYO-250", 1, true);
    lists.hold("push order_notification", &subscriber.next().await.json());
    bench.act(&other, "cancel", json!({"by": "buyer"}));
    let (one, two) = (subscriber.next().await, subscriber.next().await);
    assert_eq!((one.path.as_str(), two.path.as_str()), ("/cancel", "/status"));
    lists.hold("push order_cancellation", &one.json());
    lists.hold("push order_status", &two.json());
    held(bench, lists, "order detail", &format!("/v2/fs/{FS}/order?order_id={other}")).await;
    let unknown = bench.get(&format!("/v2/fs/{FS}/order?order_id=1")).await;
    lists.hold("refusal", &unknown.json());
    // From here on nobody listens, so that what the commands push is not in the way.
    bench.post(&format!("/v1/fs/{FS}/register"), json!({"fs_id": 14_999})).await;
}

/// What a seller's commands are answered.
async fn commands(bench: &Bench, lists: &mut Lists) {
    let id = bench.place("GAYO-250", 2, true);
    let line = bench.detail(&id).await["order_info"]["order_detail"][0]["order_detail_id"].clone();
    let at = |order: &str, verb: &str| format!("/v1/order/{order}/fs/{FS}/{verb}");
    let less = json!({"pof_detail": [{"order_dtl_id": line, "quantity_request": 1}]});
    lists.hold("partial fulfilment", &bench.post(&at(&id, "pof/request"), less).await.json());
    lists.hold("done", &bench.post(&at(&id, "ack"), Value::Null).await.json());
    bench.advance(6);
    let asked = json!({"order_id": id.parse::<i64>().unwrap(), "shop_id": COFFEE});
    let pick_up = format!("/inventory/v1/fs/{FS}/pick-up");
    lists.hold("pick-up", &bench.post(&pick_up, asked).await.json());
    let sent = json!({"order_status": 500, "shipping_ref_num": "JNE000111222333"});
    lists.hold("done", &bench.post(&at(&id, "status"), sent).await.json());

    let other = bench.place("GAYO-250", 1, true);
    bench.act(&other, "accept", json!({}));
    bench.act(&other, "request-cancel", json!({"reason": "salah alamat"}));
    let refuse = at(&other, &format!("reject-cancel?shop_id={COFFEE}"));
    lists.hold("partial fulfilment", &bench.post(&refuse, Value::Null).await.json());
    let no = json!({"reason_code": 5, "reason": "Tidak bisa"});
    lists.hold("done", &bench.post(&at(&other, "nack"), no).await.json());
}

async fn goods(bench: &Bench, lists: &mut Lists) {
    let page = |n: u32| {
        format!("/inventory/v1/fs/{FS}/product/info?shop_id={COFFEE}&page={n}&per_page=50&sort=1")
    };
    held(bench, lists, "products", &page(1)).await;
    held(bench, lists, "products, past the end", &page(2)).await;
    held(bench, lists, "shops", &format!("/v1/shop/fs/{FS}/shop-info?shop_id={COFFEE}")).await;
    let update = format!("/inventory/v1/fs/{FS}/stock/update?shop_id={COFFEE}");
    let rows = json!([{"sku": "GAYO-250", "new_stock": 20}, {"product_id": 1, "new_stock": 4}]);
    lists.hold("stock update", &bench.post(&update, rows).await.json());
}

/// What is there beside the rest once a key is registered.
async fn sealed(bench: &Bench, subscriber: &mut Subscriber, lists: &mut Lists) {
    let key = RsaPrivateKey::new(&mut Chance(7), 2048).unwrap();
    let pem = key.to_public_key().to_public_key_pem(LineEnding::LF).unwrap();
    assert_eq!(upload(bench, &pem).await, 200);
    bench.subscribe(subscriber).await;
    let wish = json!({"lines": [{"sku": "GAYO-250", "quantity": 1}]});
    let placed = bench.control(&Method::POST, "orders", wish);
    let id = placed["order_id"].as_str().unwrap();
    let pushed = subscriber.next().await.json();
    assert_ne!(pushed["encryption"], Value::Null);
    lists.hold("push order_notification", &pushed);
    held(bench, lists, "order list", &list_target(bench)).await;
    held(bench, lists, "order detail", &format!("/v2/fs/{FS}/order?order_id={id}")).await;
    let payload = format!("/v1/order/{id}/fs/{FS}/webhook?type=order_notification");
    held(bench, lists, "webhook payload", &payload).await;
}
