//! What becomes of webhooks: the answer, and whether it was kept.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use dermaga_channel::sign::hmac_sha256;

use crate::hub::Hub;
use crate::toy::SECRET;

pub(crate) async fn send(hub: &Hub, route: &str, body: &[u8], signed: bool) -> StatusCode {
    let sign = hmac_sha256(SECRET.as_bytes(), body);
    let sign = if signed { hex::encode(sign) } else { "00".to_owned() };
    let request = Request::post(format!("/webhooks/{route}/order")).header("x-toy", sign);
    hub.send(request.body(Body::from(body.to_vec())).unwrap()).await.status
}

async fn kept(hub: &Hub) -> usize {
    let first = dermaga_domain::id::MessageId(0);
    hub.store.pending(hub.org, first, 100).await.unwrap().len()
}

#[tokio::test]
async fn each_outcome_has_its_answer() {
    let hub = Hub::start().await;
    let good = br#"{"shop":"satu","order":"1"}"#;
    assert_eq!(send(&hub, "route-satu", good, false).await, StatusCode::UNAUTHORIZED);
    assert_eq!(send(&hub, "nobody", good, true).await, StatusCode::NOT_FOUND);
    assert_eq!(kept(&hub).await, 0, "nothing unsigned is kept");
    assert_eq!(send(&hub, "route-satu", good, true).await, StatusCode::OK);
    assert_eq!(send(&hub, "route-satu", good, true).await, StatusCode::OK);
    assert_eq!(kept(&hub).await, 1, "a repeated body is kept once");
    assert_eq!(send(&hub, "route-satu", b"{{", true).await, StatusCode::OK);
    assert_eq!(kept(&hub).await, 2, "what cannot be read is kept");
    assert_eq!(send(&hub, "route-satu", br#"{"shop":"dua"}"#, true).await, StatusCode::OK);
    assert_eq!(kept(&hub).await, 2, "of a shop that is not this connection's nothing is kept");
}

#[tokio::test]
async fn a_body_that_is_too_large_or_packed_is_refused_before_it_is_read() {
    let hub = Hub::start().await;
    let told = Request::post("/webhooks/route-satu/order").header("content-length", "1048577");
    let unread = Body::from_stream(futures_util::stream::once(async {
        panic!("the body was read");
        #[expect(unreachable_code, reason = "names the type of a stream that is never read")]
        Ok::<bytes::Bytes, std::io::Error>(bytes::Bytes::new())
    }));
    let answer = hub.send(told.body(unread).unwrap()).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let parts = (0..20).map(|_| Ok::<_, std::io::Error>(vec![b'x'; 100_000]));
    let streamed = Body::from_stream(futures_util::stream::iter(parts));
    let request = Request::post("/webhooks/route-satu/order").body(streamed).unwrap();
    assert_eq!(hub.send(request).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let packed = Request::post("/webhooks/route-satu/order").header("content-encoding", "gzip");
    let answer = hub.send(packed.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(kept(&hub).await, 0);
}
