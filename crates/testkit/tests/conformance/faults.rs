//! Trouble: a client says what to do about it, whatever it looks like on the wire.

use dermaga_channel::{Changes, Error, What};
use dermaga_domain::time::Span;
use serde_json::json;

use crate::bench::Bench;
use crate::every;

/// A fault, and what a client may call it.
const READS: [(&str, &[&str]); 8] = [
    ("rate_limited", &["rate_limited"]),
    ("rate_limited_bare", &["rate_limited"]),
    ("server_error", &["temporary"]),
    ("server_error_after", &["temporary"]),
    ("connect_drop", &["temporary"]),
    ("timeout_before", &["temporary"]),
    ("cut_body", &["temporary"]),
    ("html_body", &["temporary"]),
];

async fn list(bench: &Bench) -> Result<(), Error> {
    let now = bench.now();
    let from = now.minus(Span::minutes(5));
    let changes = Changes { what: What::Orders, from, to: now, page: None };
    bench.ask(async |call| bench.channel.list_changes(call, &changes).await).await.map(drop)
}

#[tokio::test]
async fn a_read_that_met_trouble_says_what_to_do() {
    every(async |bench| {
        let id = bench.place(1, true);
        for (fault, wanted) in READS {
            let profile = json!({"probability": {fault: 1}, "timeout_ms": 20});
            bench.set_faults(&profile);
            let listed = list(bench).await.unwrap_err();
            let fetched = bench.fetch(std::slice::from_ref(&id)).await.unwrap_err();
            let offered =
                bench.ask(async |call| bench.channel.list_listings(call, None).await).await;
            for error in [listed, fetched, offered.unwrap_err()] {
                let place = format!("{} {fault}", bench.profile.channel);
                assert!(wanted.contains(&error.name()), "{place}: {error}");
            }
            bench.set_faults(&json!({}));
            // What asked to wait is asked again after that.
            bench.advance(60);
            list(bench).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_wait_is_as_long_as_the_channel_says() {
    every(async |bench| {
        bench.set_faults(&json!({"probability": {"rate_limited": 1}}));
        let Error::RateLimited { retry_after } = list(bench).await.unwrap_err() else {
            panic!("{}: not limited", bench.profile.channel)
        };
        assert!(retry_after.is_some_and(|wait| wait > Span(0)), "{}", bench.profile.channel);
    })
    .await;
}
