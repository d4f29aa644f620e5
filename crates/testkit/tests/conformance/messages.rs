//! Messages: what cannot be read is said, and says nothing of what is in it.

use dermaga_channel::{Message, What};
use secrecy::ExposeSecret as _;
use serde_json::Value;

use crate::every;

/// The text of a value.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[tokio::test]
async fn a_damaged_message_is_malformed_and_its_content_is_not_repeated() {
    every(async |bench| {
        let id = bench.place(2, true);
        let order = bench.at_channel(&id);
        let person = order["buyer"]["name"].as_str().unwrap();
        let mut messages = bench.lately(What::Orders).await;
        messages.extend(bench.fetch(&[id]).await.unwrap().messages);
        for raw in messages {
            let whole = raw.body.len();
            for body in [&raw.body[..whole / 2], &raw.body[..whole - 1], b"<html>busy</html>"] {
                let shop = Some(bench.shop.as_str());
                let message =
                    Message { kind: raw.kind, body, fetched: true, channel_shop_id: shop };
                let error = bench.channel.interpret(&message, &bench.credentials).unwrap_err();
                assert_eq!(error.name(), "malformed", "{} {}", bench.profile.channel, raw.kind);
                assert!(!error.to_string().contains(person), "{error}");
            }
        }
        let message =
            Message { kind: "nothing", body: b"{}", fetched: true, channel_shop_id: None };
        let error = bench.channel.interpret(&message, &bench.credentials).unwrap_err();
        assert_eq!(error.name(), "unsupported");
    })
    .await;
}

#[tokio::test]
async fn the_log_holds_no_secret() {
    every(async |bench| {
        let id = bench.place(1, true);
        bench.lately(What::Orders).await;
        drop(bench.fetch(&[id]).await.unwrap());
        bench.ask(async |call| bench.channel.list_listings(call, None).await).await.unwrap();
        let exchanges = bench.take_exchanges();
        assert!(exchanges.len() >= 4, "{}", bench.profile.channel);
        let asked = bench.channel.capabilities().credentials;
        let secrets = asked.iter().filter(|field| field.secret);
        let secrets: Vec<&str> = secrets
            .map(|field| bench.credentials.get(field.name))
            .filter(|secret| !secret.is_empty())
            .collect();
        let token = bench.token().await;
        let consented = bench.channel.consent().is_some();
        let spoken = consented.then(|| token.access.expose_secret().to_owned());
        let secrets: Vec<&str> = secrets.into_iter().chain(spoken.as_deref()).collect();
        assert!(secrets.len() >= 2, "{}", bench.profile.channel);
        for exchange in exchanges {
            let text = format!("{exchange:?}");
            assert!(secrets.iter().all(|secret| !text.contains(secret)), "{text}");
            assert!(!exchange.request.contains("127.0.0.1"), "{}", exchange.request);
        }
    })
    .await;
}
