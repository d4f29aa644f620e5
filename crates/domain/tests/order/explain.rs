//! Why, as data: for each case the keys of its sentences.

use dermaga_domain::flow::Flow;
use dermaga_domain::order::explain::{Arg, Reason, Topic, dry_run, explain, trace, what_if};
use dermaga_domain::order::{Act, ActKind, Acts, CLOSED, Fact};
use dermaga_domain::term::{
    About, Actor, Cancelled, ChannelStatus, Delivery, Document, Mode, Payment, Tab, Verb,
};

use crate::quay::{Story, at, fact, flow, latest, unit};

/// The keys without their prefix: because, and after a slash what would change it.
fn told(story: &Story, topic: Topic) -> String {
    let reason = reason(story, topic);
    let prefix = format!("explain-{}-", topic.as_str());
    let short = |key: &str| key.strip_prefix(&prefix).unwrap_or(key).to_owned();
    let change = reason.change.map(|change| format!(" / {}", short(change.key)));
    short(reason.because.key) + &change.unwrap_or_default()
}

fn reason(story: &Story, topic: Topic) -> Reason {
    let reasons = explain(story.case(), &story.state());
    assert_eq!(reasons.iter().map(|reason| reason.topic).collect::<Vec<_>>(), Topic::ALL);
    reasons.into_iter().find(|reason| reason.topic == topic).unwrap()
}

fn held(story: Story, kind: ActKind) -> Story {
    Story { acts: Acts::of(&[Act { number: 1, kind }]), ..story }
}

fn by_buyer(seconds: i64) -> Fact {
    let mut fact = fact("stopped", seconds);
    fact.key.actor = Some(Actor::Buyer);
    fact
}

fn of_return(status: &str, seconds: i64) -> Fact {
    let mut fact = fact(status, seconds);
    fact.key.about = About::Return;
    fact
}

/// Every rule of a flow hears only downloads.
fn download_only() -> Flow {
    let mut flow = flow();
    flow.rules.iter_mut().for_each(|rule| rule.realtime = false);
    flow
}

#[test]
fn why_there_is_a_document_or_none() {
    let unlined = |facts: &[Fact]| Story { lines: None, ..Story::of(facts) };
    let deaf = |facts: &[Fact]| Story { flow: download_only(), ..Story::of(facts) };
    let table = [
        (Story::of(&[]), "nothing / change-next"),
        (Story::of(&[fact("made", 1)]), "none / change-next"),
        (Story::of(&[fact("stopped", 1)]), "none-cancelled"),
        (unlined(&[fact("accepted", 1)]), "waits-lines / change-lines"),
        (deaf(&[fact("accepted", 1)]), "mode-held / change-download"),
        (Story::of(&[fact("new", 1)]), "ensured / change-next"),
        (Story::of(&[fact("accepted", 1)]), "ensured / change-void"),
        (Story::of(&[fact("accepted", 1), fact("stopped", 2)]), "ensured"),
    ];
    for (story, wanted) in table {
        assert_eq!(told(&story, Topic::Document), wanted, "{:?}", story.facts);
    }
    let next = reason(&Story::of(&[fact("new", 1)]), Topic::Document).change.unwrap();
    assert_eq!(
        next.args,
        [
            ("status", Arg::Status(ChannelStatus::new("accepted"))),
            ("meaning", Arg::Meaning("accepted".to_owned())),
            ("document", Arg::Document(Document::Invoice)),
        ]
    );
}

#[test]
fn why_it_is_sent_or_not() {
    let deaf = Story {
        flow: {
            let mut flow = flow();
            flow.rules.iter_mut().filter(|rule| rule.status.as_str() == "sent").for_each(|rule| {
                rule.realtime = false;
            });
            flow
        },
        ..Story::of(&[fact("accepted", 1), fact("sent", 2)])
    };
    let mut silent = Story::of(&[fact("accepted", 1)]);
    silent.flow.rules.retain(|rule| !rule.ensures.to_string().contains("sent"));
    let units = [unit("sent", 2, "a"), unit("accepted", 1, "b"), unit("stopped", 1, "c")];
    let table = [
        (Story::of(&[fact("made", 1)]), "no-document"),
        (Story::of(&[fact("accepted", 1)]), "never-heard / change-next"),
        (Story::of(&[fact("sent", 1)]), "ensured / change-person"),
        (Story::of(&[fact("some", 1)]), "ensured / change-next"),
        (Story::named(&units), "partly / change-next"),
        (deaf, "mode-held / change-download"),
        (silent, "no-rule"),
        (held(Story::of(&[fact("accepted", 1)]), ActKind::Sent), "operator / change-release"),
        (held(Story::of(&[fact("sent", 1)]), ActKind::Unsent), "operator / change-release"),
    ];
    for (story, wanted) in table {
        assert_eq!(told(&story, Topic::Delivery), wanted, "{:?}", story.facts);
    }
    let partly = reason(&Story::named(&units), Topic::Delivery).because;
    assert!(partly.args.contains(&("n", Arg::Number(1))), "{partly:?}");
    assert!(partly.args.contains(&("total", Arg::Number(2))), "the dead unit is not counted");
}

#[test]
fn completed_heard_by_itself_is_paid_by_a_download() {
    let mut story = Story::of(&[fact("accepted", 1), fact("done", 3)]);
    assert_eq!(told(&story, Topic::Payment), "mode-held / change-download");
    let reason = reason(&story, Topic::Payment);
    assert_eq!(
        reason.because.args,
        [
            ("status", Arg::Status(ChannelStatus::new("done"))),
            ("meaning", Arg::Meaning("done".to_owned())),
            ("time", Arg::Time(at(3))),
            ("mode", Arg::Mode(Mode::Realtime)),
            ("other", Arg::Mode(Mode::Download)),
        ]
    );
    assert_eq!((reason.fact, reason.rule), (Some(1), Some(7)));
    assert_eq!(reason.change.unwrap().args, [("status", Arg::Status(ChannelStatus::new("done")))]);
    let mut asked = story.facts[1].clone();
    asked.key.mode = Mode::Download;
    story.facts.push(asked);
    assert_eq!(told(&story, Topic::Payment), "ensured / change-person");
}

#[test]
fn why_it_is_paid_or_not() {
    let mut silent = Story::of(&[fact("accepted", 1)]);
    silent.flow.rules.retain(|rule| !rule.ensures.to_string().contains("paid"));
    let mut one = unit("done", 2, "a");
    one.key.mode = Mode::Download;
    let table = [
        (Story::of(&[fact("made", 1)]), "no-document"),
        (Story::of(&[fact("accepted", 1)]), "never-heard / change-next"),
        (silent, "no-rule"),
        (Story::named(&[one, unit("sent", 1, "b")]), "partly / change-next"),
        (held(Story::of(&[fact("accepted", 1)]), ActKind::Paid), "operator / change-release"),
    ];
    for (story, wanted) in table {
        assert_eq!(told(&story, Topic::Payment), wanted, "{:?}", story.facts);
    }
}

#[test]
fn what_a_person_holds_is_told_with_what_the_channel_would_give() {
    let channel = |story: Story, topic| {
        let args = reason(&story, topic).because.args;
        args.into_iter().find(|(name, _)| *name == "channel").map(|(_, arg)| arg).unwrap()
    };
    let sent = || Story::of(&[fact("sent", 1)]);
    let delivery = channel(held(sent(), ActKind::Unsent), Topic::Delivery);
    assert_eq!(delivery, Arg::Delivery(Delivery::Sent));
    let payment = channel(held(sent(), ActKind::Paid), Topic::Payment);
    assert_eq!(payment, Arg::Payment(Payment::Unpaid));
    let bin = channel(held(sent(), ActKind::Void), Topic::Cancelled);
    assert_eq!(bin, Arg::Cancelled(Cancelled::No));
}

#[test]
fn why_it_is_cancelled_or_not() {
    let story = |facts: &[Fact]| Story::of(facts);
    let back = |facts: &[Fact]| Story { flow: latest(), ..Story::of(facts) };
    let deaf = Story { flow: download_only(), ..Story::of(&[fact("stopped", 1)]) };
    let stopped = [fact("accepted", 1), fact("stopped", 2)];
    let units = [unit("accepted", 1, "a"), unit("stopped", 1, "b")];
    let table = [
        (story(&[fact("accepted", 1)]), "never"),
        (story(&stopped), "by-channel / change-late-sent"),
        (story(&stopped[1..]), "by-channel"),
        (story(&[fact("sent", 1), fact("stopped", 2)]), "after-sent"),
        (story(&[fact("accepted", 1), by_buyer(2)]), "manual / explain-document-change-void"),
        (story(&[fact("sent", 1), by_buyer(2)]), "after-sent"),
        (deaf, "mode-held / change-download"),
        (Story::named(&units), "some"),
        (back(&stopped), "by-channel / change-revived"),
        (back(&[&stopped[..], &[fact("accepted", 3)]].concat()), "revived"),
        (back(&stopped[..1]), "never"),
        (held(story(&stopped[..1]), ActKind::Void), "operator / change-release"),
        (held(story(&stopped), ActKind::Restore), "restored / change-release"),
        (held(story(&stopped[..1]), ActKind::Restore), "never"),
    ];
    for (story, wanted) in table {
        assert_eq!(told(&story, Topic::Cancelled), wanted, "{:?}", story.facts);
    }
    let bought = reason(&story(&[fact("accepted", 1), by_buyer(2)]), Topic::Cancelled).because;
    assert!(bought.args.contains(&("actor", Arg::Actor(Some(Actor::Buyer)))));
}

#[test]
fn why_it_shows_where_it_shows() {
    let units = [unit("sent", 2, "a"), unit("accepted", 1, "b")];
    let returned = [fact("done", 1), of_return("open", 2)];
    let closed = [&returned[..], &[of_return(CLOSED, 3)]].concat();
    let table = [
        (Story::of(&[]), "none / change-next"),
        (Story::of(&[fact("accepted", 1)]), "status / change-next"),
        (Story::of(&[fact("accepted", 1), fact("checking", 2)]), "kept / change-next"),
        (Story::of(&returned), "return"),
        (Story::of(&closed), "status"),
        (Story::named(&units), "units / change-next"),
        (Story::of(&[fact("stopped", 1)]), "status"),
    ];
    for (story, wanted) in table {
        assert_eq!(told(&story, Topic::Tab), wanted, "{:?}", story.facts);
    }
    let next = reason(&Story::of(&[fact("accepted", 1)]), Topic::Tab).change.unwrap();
    assert!(next.args.contains(&("tab", Arg::Tab(Tab::InDelivery))), "{next:?}");
}

#[test]
fn what_is_held_of_stock() {
    let story = |facts: &[Fact]| Story::of(facts);
    let stopped = [fact("accepted", 1), fact("stopped", 2)];
    let table = [
        (story(&[fact("made", 1)]), "nothing", None),
        (story(&stopped[1..]), "nothing", None),
        (story(&[fact("new", 1)]), "reserved", Some(3)),
        (story(&[fact("accepted", 1)]), "allocated", Some(3)),
        (story(&[fact("sent", 1)]), "sold", Some(3)),
        (Story::named(&[unit("sent", 2, "a"), unit("accepted", 1, "b")]), "partly", Some(1)),
        (story(&stopped), "released", Some(3)),
        (held(story(&stopped[..1]), ActKind::Void), "released", Some(3)),
    ];
    for (story, wanted, units) in table {
        assert_eq!(told(&story, Topic::Stock), wanted, "{:?}", story.facts);
        let args = reason(&story, Topic::Stock).because.args;
        let n = args.iter().find(|(name, _)| *name == "n").map(|(_, arg)| arg.clone());
        assert_eq!(n, units.map(Arg::Number));
    }
}

#[test]
fn what_each_fact_did() {
    let story = Story::of(&[fact("accepted", 1), fact("done", 3), fact("strange", 2)]);
    let traced = trace(story.case());
    assert_eq!(traced[0].rules, [2]);
    assert_eq!(traced[0].evidence, [Topic::Document]);
    assert_eq!(traced[1].rules, [6, 7]);
    assert_eq!(traced[1].released.to_string(), "invoice,sent");
    assert_eq!(traced[1].held_back.to_string(), "paid");
    assert_eq!(traced[1].evidence, [Topic::Delivery, Topic::Tab]);
    assert!(traced[1].current && !traced[0].current);
    assert!(traced[2].rules.is_empty() && traced[2].released.is_empty());
}

#[test]
fn another_flow_is_tried_without_changing_anything() {
    let mut other = flow();
    other.rules.iter_mut().for_each(|rule| rule.realtime = true);
    let paid = Story::of(&[fact("accepted", 1), fact("done", 3)]);
    let (state, told) = what_if(paid.case(), &other);
    assert_eq!(told.iter().map(|told| told.verb).collect::<Vec<_>>(), [Verb::AddPayment]);
    assert_eq!(state.payment.as_str(), "paid");

    let same = Story::of(&[fact("accepted", 1)]);
    let differ = dry_run([("a", paid.case()), ("b", same.case())], &other);
    assert_eq!(differ.iter().map(|differs| differs.order).collect::<Vec<_>>(), ["a"]);
    assert_eq!(differ[0].before.payment.as_str(), "unpaid");
    assert_eq!(differ[0].after.payment.as_str(), "paid");
}
