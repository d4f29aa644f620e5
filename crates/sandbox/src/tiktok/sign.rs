//! Signatures, from the channel's own page on them.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::serve::Request;

fn hex_hmac(key: &str, message: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return String::new() };
    mac.update(message);
    hex::encode(mac.finalize().into_bytes())
}

/// What a request must be signed with.
pub(super) fn of_request(secret: &str, request: &Request) -> String {
    let mut signed: Vec<(&str, &str)> = Vec::new();
    for (name, value) in &request.query {
        if name != "sign" && name != "access_token" {
            signed.push((name, value));
        }
    }
    signed.sort_unstable_by_key(|(name, _)| *name);
    let mut text = Vec::new();
    text.extend_from_slice(secret.as_bytes());
    text.extend_from_slice(request.path.as_bytes());
    for (name, value) in signed {
        text.extend_from_slice(name.as_bytes());
        text.extend_from_slice(value.as_bytes());
    }
    let multipart =
        request.header("content-type").is_some_and(|kind| kind.starts_with("multipart/form-data"));
    if !multipart {
        text.extend_from_slice(&request.body);
    }
    text.extend_from_slice(secret.as_bytes());
    hex_hmac(secret, &text)
}

/// What a webhook is signed with.
pub(super) fn of_webhook(app_key: &str, secret: &str, body: &[u8]) -> String {
    let mut text = app_key.as_bytes().to_vec();
    text.extend_from_slice(body);
    hex_hmac(secret, &text)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Method;

    use super::*;

    #[test]
    fn the_worked_examples_come_out() {
        let target = "/order/202309/orders/search?shop_cipher=ROW_demoCIPHER&timestamp=1760000000&page_size=20&sort_field=update_time&app_key=demoappkey&sign=x";
        let body = r#"{"order_status":"AWAITING_SHIPMENT","update_time_ge":1759990000}"#;
        let request = Request::local(Method::POST, target, Bytes::from(body));
        let wanted = "f49358ba0de8adce8da0f6af1afddc682f1bd4668375f0d154ca1a5f87e34383";
        assert_eq!(of_request("demosecret", &request), wanted);
        let target = "/order/202309/orders?ids=576461413038785752%2C576461413038785753&app_key=demoappkey&timestamp=1760000000&shop_cipher=ROW_demoCIPHER";
        let request = Request::local(Method::GET, target, Bytes::new());
        let wanted = "29a6e8b9d82424194294779985c8fd0bed1f4afbbe7eb190c20239cf2ffe730e";
        assert_eq!(of_request("demosecret", &request), wanted);
        let body = r#"{"type":1,"tts_notification_id":"7380066284010030890","shop_id":"7495540735365777507","timestamp":1718305585,"data":{"is_on_hold_order":true,"order_id":"576653688135258178","order_status":"UNPAID","update_time":1718305585}}"#;
        let wanted = "5dec0f11ec2f6783b8deee53c9ffbf8d024302f7c7e7fa55a35d17629031ac05";
        assert_eq!(of_webhook("abcdef", "123", body.as_bytes()), wanted);
    }
}
