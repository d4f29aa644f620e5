//! Orders: what facts, lines and acts of people come to, sentence by sentence.

use crate::quay::{Story, at, fact, latest, unit};
use dermaga_domain::order::{Act, ActKind, Acts, Fact, transitions};
use dermaga_domain::term::{
    About, Actor, Attention, Cancelled, Delivery, Document, Mode, Payment, Returned, Tab, Verb,
};

fn acts(kinds: &[ActKind]) -> Acts {
    let numbered = |(number, kind): (usize, &ActKind)| Act { number: number as i64, kind: *kind };
    Acts::of(&kinds.iter().enumerate().map(numbered).collect::<Vec<_>>())
}

#[test]
fn nothing_heard_is_nothing() {
    let state = Story::of(&[]).state();
    assert_eq!((state.written(), state.tab, state.bin), (Document::None, None, false));
    assert_eq!(state.delivery, Delivery::Unsent);
}

#[test]
fn a_document_waits_for_lines() {
    let mut story = Story::of(&[fact("accepted", 2), fact("stopped", 3)]);
    story.lines = None;
    let state = story.state();
    assert_eq!((state.document, state.written()), (Document::Invoice, Document::None));
    assert!(!state.bin, "nothing is written that could be in the bin");
    assert!(state.targets.is_empty());
    assert!(Story::of(&story.facts).state().bin);
}

#[test]
fn an_unknown_status_moves_no_tab_and_asks_for_a_person_while_it_is_the_newest() {
    let state = Story::of(&[fact("accepted", 2), fact("strange", 3)]).state();
    assert_eq!(state.tab, Some(Tab::ReadyToShip));
    assert!(state.attentions.contains(&Attention::UnknownStatus));
    let state = Story::of(&[fact("accepted", 2), fact("strange", 3), fact("sent", 4)]).state();
    assert!(state.attentions.is_empty());
    let untimed = Fact::of_order("strange", None, Mode::Realtime);
    let state = Story::of(&[fact("accepted", 2), untimed.clone()]).state();
    assert!(state.attentions.contains(&Attention::UnknownStatus));
    let state = Story::of(&[fact("strange", 1), fact("accepted", 2), untimed]).state();
    assert!(state.attentions.is_empty(), "the time of the unknown status is known by now");
}

#[test]
fn a_push_without_time_counts_only_above_the_newest_timed_status() {
    let untimed = |status| Fact::of_order(status, None, Mode::Realtime);
    let tab = |facts: &[Fact]| Story::of(facts).state().tab;
    assert_eq!(tab(&[fact("accepted", 2), untimed("sent")]), Some(Tab::InDelivery));
    assert_eq!(tab(&[fact("sent", 3), untimed("accepted")]), Some(Tab::InDelivery));
    let again = [fact("sent", 3), fact("checking", 4), fact("sent", 5), untimed("checking")];
    assert_eq!(tab(&again), Some(Tab::InDelivery), "checking is known with its time");
    let state = Story::of(&[fact("new", 1), untimed("sent")]).state();
    assert_eq!(state.delivery, Delivery::Sent, "the axes need no time");
}

#[test]
fn the_tab_goes_back_with_the_status_and_stays_where_a_status_names_none() {
    let state = Story::of(&[fact("sent", 2), fact("checking", 3)]).state();
    assert_eq!(state.tab, Some(Tab::InDelivery));
    assert_eq!(state.attentions.iter().collect::<Vec<_>>(), [&Attention::AwbInvalid]);
    let state = Story::of(&[fact("sent", 2), fact("checking", 3), fact("sent", 4)]).state();
    assert!(state.attentions.is_empty());
    assert_eq!(Story::of(&[fact("checking", 3)]).state().tab, None);
}

#[test]
fn a_cancellation_bins_what_has_not_left_and_keeps_what_has() {
    let state = Story::of(&[fact("accepted", 2), fact("stopped", 3)]).state();
    assert!(state.bin);
    assert_eq!(state.targets[0].target.total(), 0);
    let state = Story::of(&[fact("stopped", 3)]).state();
    assert_eq!((state.document, state.bin), (Document::None, false));
    let late = Story::of(&[fact("stopped", 3), fact("accepted", 2)]).state();
    assert!(late.bin && late.targets[0].target.total() == 0);
    let told = transitions(&Story::of(&[fact("stopped", 3)]).state(), &late);
    assert_eq!(
        told.iter().map(|t| t.verb).collect::<Vec<_>>(),
        [Verb::CreateInvoice, Verb::VoidInvoice]
    );
    let state = Story::of(&[fact("sent", 2), fact("stopped", 3)]).state();
    assert_eq!((state.bin, state.tab), (false, Some(Tab::Cancelled)));
    assert!(state.attentions.contains(&Attention::CancelledAfterSent));
    assert_eq!(state.targets[0].target.sold, 3);
}

#[test]
fn a_late_sent_takes_the_invoice_out_of_the_bin() {
    let before = Story::of(&[fact("accepted", 1), fact("stopped", 3)]).state();
    let after = Story::of(&[fact("accepted", 1), fact("stopped", 3), fact("sent", 2)]).state();
    let verbs: Vec<Verb> = transitions(&before, &after).iter().map(|told| told.verb).collect();
    assert_eq!(verbs, [Verb::CreateOutboundLogistic, Verb::RestoreInvoice, Verb::FlagAttention]);
}

#[test]
fn who_cancelled_is_the_strongest_then_earliest() {
    let by = |actor, at_seconds| {
        let mut fact = fact("stopped", at_seconds);
        fact.key.actor = Some(actor);
        fact.reason = Some(format!("{actor}").into());
        fact
    };
    let mut facts = vec![by(Actor::Buyer, 2), by(Actor::System, 5), by(Actor::Seller, 4)];
    for _ in 0..3 {
        facts.rotate_left(1);
        let state = Story::of(&facts).state();
        assert_eq!(state.cancelled_by, Some(Actor::Seller));
        assert_eq!(state.cancelled_reason.as_deref(), Some("seller"));
    }
}

#[test]
fn a_wanted_void_waits_for_a_person_until_one_decides() {
    let mut buyer = fact("stopped", 3);
    buyer.key.actor = Some(Actor::Buyer);
    let mut story = Story::of(&[fact("accepted", 2), buyer.clone()]);
    let state = story.state();
    assert_eq!((state.cancelled, state.bin), (Cancelled::ManualVoidWanted, false));
    assert!(state.attentions.contains(&Attention::ManualVoid));
    assert_eq!(state.targets[0].target.allocate, 3, "the stock is still held");
    story.acts = acts(&[ActKind::Void]);
    let state = story.state();
    assert!(state.bin && !state.attentions.contains(&Attention::ManualVoid));
    let nobody = Story::of(&[fact("accepted", 2), fact("stopped", 3)]);
    assert_eq!(nobody.with_no_actor().state().cancelled, Cancelled::ManualVoidWanted);
    let state = Story::of(&[fact("sent", 2), buyer]).state();
    assert!(state.attentions.contains(&Attention::CancelledAfterSent));
}

#[test]
fn units_are_rolled_up_over_those_that_live() {
    let facts = [unit("sent", 2, "a"), unit("accepted", 1, "b"), unit("accepted", 1, "c")];
    let state = Story::named(&facts).state();
    assert_eq!((state.delivery, state.tab), (Delivery::PartlySent, Some(Tab::ReadyToShip)));
    assert_eq!((state.targets[0].target.sold, state.targets[0].target.allocate), (1, 2));

    let stopped = [facts.as_slice(), &[unit("stopped", 3, "b"), unit("stopped", 3, "c")]].concat();
    let state = Story::named(&stopped).state();
    assert_eq!((state.delivery, state.tab), (Delivery::Sent, Some(Tab::InDelivery)));
    assert_eq!((state.cancelled, state.bin), (Cancelled::No, false));
    assert_eq!((state.targets[0].live, state.targets[0].target.sold), (1, 1));

    let all = [stopped.as_slice(), &[unit("stopped", 4, "a")]].concat();
    let state = Story::named(&all).state();
    assert_eq!((state.cancelled, state.bin), (Cancelled::Yes, false));
    assert!(state.attentions.contains(&Attention::CancelledAfterSent));

    let none_left: Vec<Fact> = ["a", "b", "c"].map(|name| unit("stopped", 3, name)).into();
    let state = Story::named(&[none_left, vec![unit("accepted", 1, "a")]].concat()).state();
    assert!(state.bin && state.tab == Some(Tab::Cancelled));
}

#[test]
fn one_unit_cancelled_after_it_left_or_waiting_for_a_void_is_seen() {
    let facts = [unit("sent", 2, "a"), unit("stopped", 3, "a"), unit("accepted", 1, "b")];
    let state = Story::named(&facts).state();
    assert_eq!(state.cancelled, Cancelled::No);
    assert!(state.attentions.contains(&Attention::CancelledAfterSent));

    let mut buyer = unit("stopped", 3, "a");
    buyer.key.actor = Some(Actor::Buyer);
    let state = Story::named(&[buyer, unit("accepted", 1, "b")]).state();
    assert!(state.attentions.contains(&Attention::ManualVoid));
    assert_eq!(state.targets[0].live, 3, "a unit whose void is only wanted lives");
}

#[test]
fn where_units_have_statuses_only_these_move_them() {
    let facts = [unit("accepted", 1, "a"), unit("stopped", 2, "b"), fact("sent", 3)];
    let state = Story::named(&facts).state();
    assert_eq!((state.delivery, state.targets[0].target.sold), (Delivery::Unsent, 0));
    let state = Story::named(&[fact("sent", 3)]).state();
    assert_eq!(state.targets[0].target.sold, 3, "the order speaks of units named later");
}

#[test]
fn a_unit_never_heard_of_decides_no_tab() {
    let state = Story::named(&[unit("accepted", 1, "a")]).state();
    assert_eq!(state.tab, Some(Tab::ReadyToShip));
}

#[test]
fn the_attention_of_any_living_unit_is_seen() {
    let facts = [unit("sent", 1, "a"), unit("checking", 2, "b"), unit("sent", 1, "b")];
    let state = Story::named(&facts).state();
    assert_eq!(state.tab, Some(Tab::InDelivery));
    assert!(state.attentions.contains(&Attention::AwbInvalid));
}

#[test]
fn partly_sent_without_names_keeps_everything_held_even_when_cancelled() {
    let state = Story::of(&[fact("some", 2)]).state();
    assert_eq!(state.delivery, Delivery::PartlySent);
    assert_eq!(state.targets[0].target.allocate, 3);
    let state = Story::of(&[fact("some", 2), fact("stopped", 3)]).state();
    assert_eq!((state.bin, state.targets[0].target.allocate), (false, 3));
    assert!(state.attentions.contains(&Attention::CancelledAfterSent));
    let state = Story::of(&[fact("some", 2), fact("sent", 3)]).state();
    assert_eq!((state.delivery, state.targets[0].target.sold), (Delivery::Sent, 3));
}

#[test]
fn cancelled_counts_leave_the_line() {
    let mut story = Story::of(&[fact("accepted", 2)]);
    story.lines.as_mut().unwrap()[0].cancelled = 2;
    assert_eq!(story.state().targets[0].target.allocate, 1);
    story.facts = vec![fact("new", 1)];
    assert_eq!(story.state().targets[0].target.reserve, 1);
}

#[test]
fn returns_are_joined_by_their_id_and_closed_for_good() {
    let back = |status: &str, reference: Option<&str>, at_seconds| {
        let mut fact = fact(status, at_seconds);
        fact.key.about = About::Return;
        fact.key.reference = reference.map(Into::into);
        fact
    };
    let open = [fact("done", 2), back("open", Some("r1"), 3)];
    let state = Story::of(&open).state();
    assert_eq!((state.returned, state.tab), (Returned::Open, Some(Tab::Complained)));
    assert!(state.attentions.contains(&Attention::ReturnEdit));

    let closed = [open.as_slice(), &[back("closed", Some("r1"), 4)]].concat();
    let state = Story::of(&closed).state();
    assert_eq!((state.returned, state.tab), (Returned::Closed, Some(Tab::Completed)));
    assert!(state.attentions.is_empty(), "closing is known to every flow: {:?}", state.attentions);

    let again = [closed.as_slice(), &[back("open", Some("r2"), 5)]].concat();
    assert_eq!(Story::of(&again).state().returned, Returned::Open);
    let unheard = [fact("done", 2), back("closed", None, 4)];
    assert_eq!(Story::of(&unheard).state().returned, Returned::Closed);
}

#[test]
fn a_return_that_the_mode_does_not_release_is_not_closed_by_it() {
    let mut story = Story::of(&[fact("done", 2)]);
    let mut open = fact("open", 3);
    open.key.about = About::Return;
    story.facts.push(open);
    for rule in &mut story.flow.rules {
        rule.realtime &= rule.about != About::Return;
    }
    assert_eq!(story.state().returned, Returned::None);
}

#[test]
fn a_request_to_cancel_is_seen_while_it_is_open() {
    let mut story = Story::of(&[fact("accepted", 2)]);
    story.cancel_requested = true;
    assert!(story.state().attentions.contains(&Attention::CancelRequest));
    story.facts.push(fact("stopped", 3));
    assert!(!story.state().attentions.contains(&Attention::CancelRequest));
}

#[test]
fn on_a_latest_channel_the_newest_side_decides() {
    let story = |facts: &[Fact]| Story { flow: latest(), ..Story::of(facts) };
    let state = story(&[fact("accepted", 1), fact("stopped", 2), fact("accepted", 3)]).state();
    assert_eq!((state.bin, state.cancelled), (false, Cancelled::No));
    let state = story(&[fact("accepted", 1), fact("stopped", 2)]).state();
    assert!(state.bin);
    let tie = [fact("accepted", 2), fact("stopped", 2)];
    assert!(story(&tie).state().bin, "a tie goes to the cancelled side");
    let fetched = [Fact { fetched: true, ..fact("accepted", 2) }, fact("stopped", 2)];
    assert!(!story(&fetched).state().bin, "a tie goes to what was fetched");
    let no_side = [fact("accepted", 1), fact("stopped", 2), fact("made", 3)];
    assert!(story(&no_side).state().bin, "a status without a side decides nothing");
}

#[test]
fn a_status_that_goes_back_lowers_nothing() {
    let story = |facts: &[Fact]| Story { flow: latest(), ..Story::of(facts) }.state();
    let state = story(&[fact("sent", 1), fact("accepted", 2)]);
    assert_eq!((state.delivery, state.tab), (Delivery::Sent, Some(Tab::ReadyToShip)));
    assert!(state.attentions.contains(&Attention::StatusWentBack));
    let state = story(&[fact("accepted", 2), fact("sent", 1)]);
    assert!(state.attentions.contains(&Attention::StatusWentBack), "whatever came first");
    let revived = story(&[fact("accepted", 1), fact("stopped", 2), fact("accepted", 3)]);
    assert!(!revived.attentions.contains(&Attention::StatusWentBack));
    let fine = story(&[fact("accepted", 1), fact("sent", 2)]);
    assert!(fine.attentions.is_empty());
}

#[test]
fn a_person_outranks_the_facts_until_released() {
    let mut story = Story::of(&[fact("accepted", 1)]);
    story.acts = acts(&[ActKind::Void]);
    let state = story.state();
    assert!(state.bin && state.attentions.contains(&Attention::DiffersFromChannel));
    assert_eq!(state.targets[0].target.total(), 0);
    story.facts.push(fact("sent", 2));
    assert!(story.state().bin, "a new fact does not take it out");
    story.acts = acts(&[ActKind::Void, ActKind::Release]);
    let state = story.state();
    assert!(!state.bin && state.attentions.is_empty());

    let mut story = Story::of(&[fact("accepted", 1), fact("stopped", 2)]);
    story.acts = acts(&[ActKind::Restore]);
    let state = story.state();
    assert_eq!((state.bin, state.targets[0].target.allocate), (false, 3));
    assert!(state.attentions.contains(&Attention::DiffersFromChannel));

    story.acts = acts(&[ActKind::Sent, ActKind::Paid]);
    let state = story.state();
    assert_eq!((state.delivery, state.payment), (Delivery::Sent, Payment::Paid));
    assert_eq!((state.bin, state.targets[0].target.sold), (false, 3));
    assert!(state.attentions.contains(&Attention::CancelledAfterSent));
}

#[test]
fn an_act_that_the_facts_agree_with_differs_from_nothing() {
    let mut story = Story::of(&[fact("accepted", 1), fact("stopped", 2)]);
    story.acts = acts(&[ActKind::Void]);
    assert!(!story.state().attentions.contains(&Attention::DiffersFromChannel));
    let mut story = Story::of(&[fact("made", 1)]);
    story.acts = acts(&[ActKind::Paid]);
    let state = story.state();
    assert!(!state.attentions.contains(&Attention::DiffersFromChannel), "there is no document");
}

#[test]
fn the_same_fact_heard_again_teaches_only_that_it_was_fetched() {
    let pushed = Fact { reason: Some("late".into()), ..fact("stopped", 2) };
    let fetched = Fact { fetched: true, ..fact("stopped", 2) };
    let (mut one, mut two) = (pushed.clone(), fetched.clone());
    assert!(one.absorb(&fetched) && two.absorb(&pushed));
    assert_eq!(one, two);
    assert!(!one.absorb(&pushed));
    assert_eq!(one.key.at, at(2));
}
