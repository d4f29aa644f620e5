//! Commands: they do what they say, once.

use dermaga_channel::{Command, Done, Error, OrderCommand};
use dermaga_domain::command::{CommandLine, Shown, Words};
use serde_json::{Value, json};

use crate::bench::Bench;
use crate::every;
use crate::profile::Try;

/// Brings an order to where a command can be tried.
fn prepare(bench: &Bench, one: &Try) -> String {
    let id = bench.place(2, one.paid);
    for act in one.before {
        bench.act(&id, *act);
    }
    bench.advance(60);
    id
}

/// The command, with everything it needs.
async fn command(bench: &Bench, one: &Try, id: &str) -> Command {
    let heard = bench.detail(id).await;
    let lines = heard.snapshot.lines.map(|part| part.content).unwrap_or_default();
    let lines = lines.into_iter().map(|line| CommandLine {
        key: line.key.0.to_string(),
        channel_product_id: line.channel_product_id,
        quantity: line.quantity,
    });
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let words = Words {
        reason: one.reason.map(str::to_owned),
        fields: one.fields.iter().map(pair).collect(),
        lines: lines.collect(),
    };
    let channel_order_id = id.to_owned();
    Command::Order(OrderCommand { kind: one.kind, channel_order_id, package: None, words })
}

async fn execute(bench: &Bench, command: &Command) -> Result<Done, Error> {
    bench.ask(async |call| bench.channel.execute(call, command).await).await
}

async fn give(bench: &Bench, one: &Try, id: &str) -> Result<Done, Error> {
    let command = command(bench, one, id).await;
    execute(bench, &command).await
}

fn status(bench: &Bench, id: &str) -> String {
    bench.at_channel(id)["status"].as_str().unwrap().to_owned()
}

/// How many calls that write about an order had an effect.
fn effects(bench: &Bench, id: &str) -> usize {
    let calls = bench.control("GET", "calls?limit=10000", &Value::Null);
    let calls = calls["calls"].as_array().unwrap().iter();
    let writes = |call: &Value| bench.profile.acts_by_get || call["method"] != "GET";
    let wrote = |call: &&Value| writes(call) && call["effect"] == json!(true);
    calls.filter(|call| call["order_id"] == id).filter(wrote).count()
}

#[tokio::test]
async fn a_command_does_what_it_says_and_the_order_shows_it() {
    every(async |bench| {
        for one in bench.profile.tries {
            let place = format!("{} {}", bench.profile.channel, one.kind);
            let id = prepare(bench, one);
            let before = status(bench, &id);
            let offer = bench.channel.capabilities().offer(one.kind).unwrap();
            assert!(offer.from.contains(&before.as_str()), "{place} from {before}");
            let mut told = give(bench, one, &id).await;
            if one.then.is_empty() && matches!(told, Err(Error::Temporary(_))) {
                // Some labels are made only when they are asked for.
                bench.advance(60);
                told = give(bench, one, &id).await;
            }
            let done = told.unwrap_or_else(|error| panic!("{place}: {error}"));
            if one.then.is_empty() {
                assert!(done.paper.is_some_and(|paper| !paper.body.is_empty()), "{place}");
                continue;
            }
            assert!(done.changed, "{place}");
            assert_eq!(status(bench, &id), one.then, "{place}");
            if let Shown::Statuses(shown) = offer.shown {
                assert!(shown.contains(&one.then), "{place}");
            }
            for (field, value) in one.fields.iter().filter(|(field, _)| *field == "awb") {
                let heard = bench.detail(&id).await;
                let awb = heard.snapshot.packages.first().and_then(|it| it.content.awb.clone());
                assert_eq!(awb.as_deref(), Some(*value), "{place} {field}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_command_that_was_done_is_not_done_again() {
    every(async |bench| {
        for one in bench.profile.tries.iter().filter(|one| !one.then.is_empty()) {
            let place = format!("{} {}", bench.profile.channel, one.kind);
            let id = prepare(bench, one);
            give(bench, one, &id).await.unwrap();
            let (then, before) = (status(bench, &id), effects(bench, &id));
            bench.advance(60);
            match give(bench, one, &id).await {
                Ok(_) | Err(Error::Rejected { .. }) => {}
                Err(error) => panic!("{place}: {error}"),
            }
            assert_eq!(status(bench, &id), then, "{place}");
            assert_eq!(effects(bench, &id), before, "{place}: it had its effect twice");
        }
    })
    .await;
}

#[tokio::test]
async fn a_command_for_an_order_that_is_not_there_is_refused() {
    every(async |bench| {
        let one = &bench.profile.tries[0];
        let words = Words::default();
        let channel_order_id = bench.profile.unknown.to_owned();
        let command = OrderCommand { kind: one.kind, channel_order_id, package: None, words };
        let error = execute(bench, &Command::Order(command)).await.unwrap_err();
        let refused = matches!(error, Error::NotFound | Error::Rejected { .. });
        assert!(refused, "{}: {error}", bench.profile.channel);
    })
    .await;
}

#[tokio::test]
async fn without_an_answer_nobody_says_that_it_was_not_done() {
    every(async |bench| {
        for fault in ["timeout_after", "cut_body", "server_error_after"] {
            let one = &bench.profile.tries[0];
            let id = prepare(bench, one);
            // The last call of the command meets it: those before it only read.
            let reads = reads_before(bench, one).await;
            let told = give_with_fault(bench, one, &id, (fault, reads)).await;
            assert_eq!(status(bench, &id), one.then, "{} {fault}", bench.profile.channel);
            let error = told.unwrap_err();
            let open = matches!(error, Error::Unknown(_) | Error::Temporary(_));
            assert!(open, "{} {fault}: {error}", bench.profile.channel);
            if fault != "server_error_after" {
                let place = bench.profile.channel;
                assert!(matches!(error, Error::Unknown(_)), "{place} {fault}: {error}");
            }
        }
    })
    .await;
}

/// How many calls a command makes before the one that has the effect.
async fn reads_before(bench: &Bench, one: &Try) -> usize {
    let id = prepare(bench, one);
    let command = command(bench, one, &id).await;
    bench.take_exchanges();
    execute(bench, &command).await.unwrap();
    let exchanges = bench.take_exchanges();
    exchanges.iter().position(|it| !it.request.starts_with("GET ")).unwrap()
}

/// Gives a command while its call with the effect meets a fault: the calls before it are made first.
async fn give_with_fault(
    bench: &Bench,
    one: &Try,
    id: &str,
    (fault, reads): (&str, usize),
) -> Result<Done, Error> {
    let command = command(bench, one, id).await;
    let mut profile = json!({"probability": {fault: 1}, "timeout_ms": 50});
    profile["limit"] = json!({ fault: 1 });
    profile["skip"] = json!({ fault: reads });
    bench.set_faults(&profile);
    let told = execute(bench, &command).await;
    bench.set_faults(&json!({}));
    told
}
