//! Webhooks: registered, signed, and looked after.

use std::collections::BTreeSet;

use axum::http::{HeaderMap, StatusCode};
use dermaga_channel::{Command, Done, Error, Message, ShopNamed, Webhook};

use crate::bench::{Bench, Received};
use crate::every;

async fn command(bench: &Bench, command: Command) -> Result<Done, Error> {
    bench.ask(async |call| bench.channel.execute(call, &command).await).await
}

async fn register(bench: &Bench) {
    let base_url = bench.base_url.clone();
    let done = command(bench, Command::RegisterWebhooks { base_url }).await.unwrap();
    let Some(last) = bench.profile.console else {
        assert!(done.changed, "{}", bench.profile.channel);
        return;
    };
    // No call does that: whoever asks is told what to enter, and a person enters it.
    let url = format!("{}{last}", bench.base_url);
    assert!(!done.changed && done.answer.contains(&url), "{}", done.answer);
    bench.control("PUT", "push-address", &serde_json::json!({"url": url}));
}

fn verified(bench: &Bench, received: &Received, body: &[u8], headers: &HeaderMap) -> bool {
    let webhook = Webhook { kind: &received.kind, headers, body };
    bench.channel.verify(&webhook, &bench.credentials)
}

/// What was received, but for greetings, which are recognised as such.
async fn told(bench: &Bench) -> Vec<Received> {
    let mut all = bench.received().await;
    all.retain(|it| {
        let webhook = Webhook { kind: &it.kind, headers: &it.headers, body: &it.body };
        let greets = bench.channel.is_greeting(&webhook);
        assert!(!(greets && verified(bench, it, &it.body, &it.headers)), "a greeting is unsigned");
        !greets
    });
    all
}

#[tokio::test]
async fn what_comes_is_signed_and_says_what_the_details_say() {
    every(async |bench| {
        register(bench).await;
        assert!(told(bench).await.is_empty(), "nothing but greetings");
        let id = bench.place(2, true);
        let placed = bench.detail(&id).await;
        let mut all = told(bench).await;
        for (act, _) in bench.profile.course {
            bench.act(&id, *act);
            all.extend(told(bench).await);
        }
        assert!(all.len() >= bench.profile.course.len(), "{}", bench.profile.channel);
        let mut statuses = BTreeSet::new();
        for it in &all {
            assert!(verified(bench, it, &it.body, &it.headers), "{}", bench.profile.channel);
            let changed = [&it.body[..], b" "].concat();
            assert!(!verified(bench, it, &changed, &it.headers), "another body");
            assert!(!verified(bench, it, &it.body, &HeaderMap::new()), "no signature");
            let webhook = Webhook { kind: &it.kind, headers: &it.headers, body: &it.body };
            match bench.channel.shop_named(&webhook) {
                ShopNamed::Shop(shop) => assert_eq!(shop, bench.shop),
                ShopNamed::Only | ShopNamed::Nobody => {}
                ShopNamed::Malformed => panic!("{}: {:?}", bench.profile.channel, it.body),
            }
            let message =
                Message { kind: &it.kind, body: &it.body, fetched: false, channel_shop_id: None };
            let said = bench.interpret(&message);
            let [heard] = said.orders.as_slice() else { panic!("{said:?}") };
            assert_eq!(heard.channel_order_id, id);
            statuses.extend(heard.facts.iter().map(|fact| fact.status.as_str().to_owned()));
        }
        let detail = bench.detail(&id).await;
        let facts = detail.facts.iter().chain(&placed.facts);
        let known: BTreeSet<String> = facts.map(|fact| fact.status.as_str().to_owned()).collect();
        let course = bench.profile.course.iter().map(|(_, status)| (*status).to_owned());
        let course: BTreeSet<String> = course.collect();
        assert!(statuses.is_subset(&course.union(&known).cloned().collect()), "{statuses:?}");
    })
    .await;
}

#[tokio::test]
async fn a_registration_stands_and_is_made_only_once() {
    every(async |bench| {
        register(bench).await;
        if !bench.channel.capabilities().webhook_watch {
            return;
        }
        let watch = || Command::WatchWebhooks { base_url: bench.base_url.clone() };
        let done = command(bench, watch()).await.unwrap();
        assert!(!done.changed, "{}: {}", bench.profile.channel, done.answer);
        register(bench).await;
        bench.received().await;
        bench.place(1, true);
        let all = told(bench).await;
        let once: BTreeSet<&str> = all.iter().map(|it| it.kind.as_str()).collect();
        assert_eq!(once.len(), all.len(), "{}: each kind comes once", bench.profile.channel);

        // They are to go elsewhere now: what stood does not count.
        let base_url = bench.base_url.replace("/route/", "/another/");
        let done = command(bench, Command::WatchWebhooks { base_url }).await.unwrap();
        assert!(done.changed, "{}", bench.profile.channel);
    })
    .await;
}

#[tokio::test]
async fn a_registration_that_is_taken_away_sends_nothing_more() {
    every(async |bench| {
        if !bench.channel.capabilities().webhook_removal {
            return;
        }
        register(bench).await;
        let remove = |base_url: String| command(bench, Command::RemoveWebhooks { base_url });
        let elsewhere = bench.base_url.replace("/route/", "/another/");
        assert!(!remove(elsewhere).await.unwrap().changed, "what goes elsewhere is left");
        bench.place(1, true);
        assert!(!told(bench).await.is_empty(), "{}", bench.profile.channel);
        assert!(remove(bench.base_url.clone()).await.unwrap().changed);
        bench.place(1, true);
        assert!(told(bench).await.is_empty(), "{}: it still comes", bench.profile.channel);
        assert!(!remove(bench.base_url.clone()).await.unwrap().changed, "again is no harm");
    })
    .await;
}

#[tokio::test]
async fn webhooks_that_failed_too_often_come_again_after_a_look() {
    every(async |bench| {
        register(bench).await;
        bench.answer_with(StatusCode::INTERNAL_SERVER_ERROR);
        for _ in 0..8 {
            bench.place(1, true);
            bench.tried().await;
        }
        bench.answer_with(StatusCode::OK);
        bench.tried().await;
        let base_url = bench.base_url.clone();
        if bench.profile.console.is_some() {
            register(bench).await;
        } else {
            command(bench, Command::WatchWebhooks { base_url }).await.unwrap();
        }
        bench.received().await;
        let id = bench.place(1, true);
        let all = told(bench).await;
        let named = |it: &Received| String::from_utf8_lossy(&it.body).contains(&id);
        assert!(all.iter().any(named), "{}: nothing comes", bench.profile.channel);
    })
    .await;
}
