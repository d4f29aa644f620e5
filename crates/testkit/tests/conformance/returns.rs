//! Returns and refunds: pulled, and facts of their own.

use std::collections::BTreeSet;

use dermaga_channel::What;
use dermaga_domain::flow::{Effect, FlowFile, Preset};
use dermaga_domain::term::{About, Mode};
use dermaga_domain::time::{Span, Time};
use serde_json::{Value, json};

use crate::every;

#[tokio::test]
async fn a_return_is_pulled_and_the_flow_flags_it() {
    every(async |bench| {
        if !bench.channel.capabilities().returns {
            return;
        }
        let file = FlowFile::parse("flow", bench.channel.flow_file()).unwrap();
        let flow = file.flow(Preset::Classic);
        bench.place(1, true);
        let id = bench.place(2, true);
        assert!(bench.heard(&bench.lately(What::Returns).await).is_empty());
        for act in bench.profile.returned {
            bench.act(&id, *act);
        }
        let heard = bench.heard(&bench.lately(What::Returns).await);
        let [heard] = heard.as_slice() else { panic!("{}: {heard:?}", bench.profile.channel) };
        assert_eq!(heard.channel_order_id, id);
        let [fact] = heard.facts.as_slice() else { panic!("{:?}", heard.facts) };
        assert_eq!(fact.about, About::Return);
        assert!(fact.reference.is_some());
        assert_eq!(fact.at.map(Time::as_seconds), Some(bench.now().as_seconds()));
        let said = flow.ensured(About::Return, &fact.status, fact.actor, Mode::Realtime).unwrap();
        assert!(said.ensures.has(Effect::Return), "{}", bench.profile.channel);
        assert!(!said.ensures.has(Effect::Void), "{}", bench.profile.channel);
        // Nothing but a person's act at the channel sends money back.
        let given = bench.control("GET", "credentials", &Value::Null);
        assert!(given["gateway_refunds"].as_u64().unwrap_or(0) == 0);
    })
    .await;
}

#[tokio::test]
async fn returns_that_slip_between_two_pages_are_not_lost() {
    every(async |bench| {
        if !bench.channel.capabilities().returns {
            return;
        }
        let from = bench.now();
        let mut wanted = BTreeSet::new();
        // More than a page of any channel.
        for at in 0..110 {
            if at % 5 == 0 {
                bench.advance(1);
            }
            let id = bench.place(2, true);
            for act in bench.profile.returned {
                bench.act(&id, *act);
            }
            wanted.insert(id);
        }
        bench.set_faults(&json!({"probability": {"page_drift": 1}}));
        let to = bench.now().plus(Span::seconds(1));
        let heard = bench.heard(&bench.list(What::Returns, from, to).await);
        let pulled: BTreeSet<String> = heard.into_iter().map(|it| it.channel_order_id).collect();
        assert_eq!(pulled, wanted, "{}", bench.profile.channel);
    })
    .await;
}
