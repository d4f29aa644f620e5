//! Why document, delivery, payment and cancellation are what they are.

use super::sentence::{Arg, Reason, Sentence, Topic};
use super::view::{View, any_of};
use crate::flow::{Effect, Ensures};
use crate::term::{Cancellation, Cancelled, Delivery, Document, Payment};

pub(super) fn document(view: &View<'_>) -> Reason {
    let state = view.state;
    let effects = any_of(&[Effect::SalesOrder, Effect::Invoice]);
    let Some(fact) = state.evidence.document else { return no_document(view, effects) };
    if !state.documented {
        let change = Sentence::new("explain-document-change-lines");
        return view
            .resting_on(Topic::Document, "explain-document-waits-lines", fact, effects)
            .unless(Some(change));
    }
    let mode = view.fact(fact).key.mode;
    let mut reason = view.resting_on(Topic::Document, "explain-document-ensured", fact, effects);
    reason.because = reason.because.with("mode", Arg::Mode(mode));
    let change = match state.document {
        _ if state.bin => None,
        Document::SalesOrder => next_document(view, any_of(&[Effect::Invoice])),
        Document::None | Document::Invoice => Some(Sentence::new("explain-document-change-void")),
    };
    reason.unless(change)
}

fn no_document(view: &View<'_>, effects: Ensures) -> Reason {
    let keys = ("explain-document-mode-held", "explain-document-change-download");
    if let Some(reason) = view.of_held_back(Topic::Document, keys, effects) {
        return reason;
    }
    let state = view.state;
    if let Some(fact) = state.evidence.cancelled.filter(|_| state.cancelled > Cancelled::No) {
        let void = any_of(&[Effect::Void, Effect::ManualVoid]);
        return view.resting_on(Topic::Document, "explain-document-none-cancelled", fact, void);
    }
    let change = next_document(view, effects);
    match state.evidence.status {
        Some(fact) => {
            view.resting_on(Topic::Document, "explain-document-none", fact, effects).unless(change)
        }
        None => {
            Reason::new(Topic::Document, Sentence::new("explain-document-nothing")).unless(change)
        }
    }
}

fn next_document(view: &View<'_>, effects: Ensures) -> Option<Sentence> {
    let row = view.next_with(effects)?;
    let makes = if view.case.flow.rules[row].ensures.has(Effect::Invoice) {
        Document::Invoice
    } else {
        Document::SalesOrder
    };
    let sentence = view.of_row("explain-document-change-next", row);
    Some(sentence.with("document", Arg::Document(makes)))
}

/// The words of an axis that a status reaches for good.
struct Words {
    no_document: &'static str,
    operator: &'static str,
    release: &'static str,
    ensured: &'static str,
    partly: &'static str,
    person: &'static str,
    held: &'static str,
    download: &'static str,
    never: &'static str,
    next: &'static str,
    no_rule: &'static str,
}

pub(super) fn delivery(view: &View<'_>) -> Reason {
    let words = Words {
        no_document: "explain-delivery-no-document",
        operator: "explain-delivery-operator",
        release: "explain-delivery-change-release",
        ensured: "explain-delivery-ensured",
        partly: "explain-delivery-partly",
        person: "explain-delivery-change-person",
        held: "explain-delivery-mode-held",
        download: "explain-delivery-change-download",
        never: "explain-delivery-never-heard",
        next: "explain-delivery-change-next",
        no_rule: "explain-delivery-no-rule",
    };
    let by = view.state.evidence.delivery;
    let left = |all: bool| {
        let units = view.judged.axes.units.iter();
        let alive = units.filter(|(name, unit)| name.is_some() && !unit.is_dead());
        alive.filter(|(_, unit)| all || unit.sent).count()
    };
    let reached = by.filter(|_| view.state.delivery > Delivery::Unsent);
    let parts = (view.state.delivery == Delivery::PartlySent).then(|| (left(false), left(true)));
    let channel = Arg::Delivery(view.judged.heard.delivery);
    let held = view.case.acts.sent.map(|_| channel);
    reached_for_good(view, Topic::Delivery, Effect::Sent, (&words, held, reached, parts))
}

pub(super) fn payment(view: &View<'_>) -> Reason {
    let words = Words {
        no_document: "explain-payment-no-document",
        operator: "explain-payment-operator",
        release: "explain-payment-change-release",
        ensured: "explain-payment-ensured",
        partly: "explain-payment-partly",
        person: "explain-payment-change-person",
        held: "explain-payment-mode-held",
        download: "explain-payment-change-download",
        never: "explain-payment-never-heard",
        next: "explain-payment-change-next",
        no_rule: "explain-payment-no-rule",
    };
    let by = view.state.evidence.payment;
    let realised = |all: bool| {
        let units = view.judged.axes.units.iter();
        let alive = units.filter(|(name, unit)| name.is_some() && !unit.is_dead());
        alive.filter(|(_, unit)| all || unit.paid).count()
    };
    let unpaid = view.state.payment == Payment::Unpaid;
    let parts = (unpaid && realised(false) > 0).then(|| (realised(false), realised(true)));
    let reached = by.filter(|_| !unpaid || parts.is_some());
    let channel = Arg::Payment(view.judged.heard.payment);
    let held = view.case.acts.paid.map(|_| channel);
    reached_for_good(view, Topic::Payment, Effect::Paid, (&words, held, reached, parts))
}

/// The words; what the channel would give where a person holds the axis; the fact that reached the
/// effect; how many units of how many it reached, where it did not reach all.
type Reached<'a> = (&'a Words, Option<Arg>, Option<usize>, Option<(usize, usize)>);

fn reached_for_good(
    view: &View<'_>,
    topic: Topic,
    effect: Effect,
    (words, held, reached, parts): Reached<'_>,
) -> Reason {
    let effects = any_of(&[effect]);
    if view.state.written() == Document::None {
        return Reason::new(topic, Sentence::new(words.no_document));
    }
    if let Some(channel) = held {
        let because = Sentence::new(words.operator).with("channel", channel);
        return Reason::new(topic, because).unless(Some(Sentence::new(words.release)));
    }
    let next = || view.next_with(effects);
    if let Some(fact) = reached {
        let named = parts.filter(|&(_, total)| total > 0);
        let key = if named.is_some() { words.partly } else { words.ensured };
        let mut reason = view.resting_on(topic, key, fact, effects);
        reason.because = match named {
            Some((n, total)) => reason.because.number("n", n).number("total", total),
            None => reason.because.with("mode", Arg::Mode(view.fact(fact).key.mode)),
        };
        let change = match parts {
            Some(_) => next().map(|row| view.of_row(words.next, row)),
            None => Some(Sentence::new(words.person)),
        };
        return reason.unless(change);
    }
    if let Some(reason) = view.of_held_back(topic, (words.held, words.download), effects) {
        return reason;
    }
    let Some(row) = next() else { return Reason::new(topic, Sentence::new(words.no_rule)) };
    let mut reason = Reason::new(topic, view.of_row(words.never, row));
    reason.rule = Some(row);
    reason.unless(Some(view.of_row(words.next, row)))
}

pub(super) fn cancelled(view: &View<'_>) -> Reason {
    let release = || Some(Sentence::new("explain-cancelled-change-release"));
    let cancelled = view.state.cancelled;
    let by_person = |key| {
        let because = Sentence::new(key).with("channel", Arg::Cancelled(cancelled));
        Reason::new(Topic::Cancelled, because)
    };
    let effects = any_of(&[Effect::Void, Effect::ManualVoid]);
    match view.case.acts.bin {
        Some(true) => return by_person("explain-cancelled-operator").unless(release()),
        Some(false) if cancelled > Cancelled::No => {
            return by_person("explain-cancelled-restored").unless(release());
        }
        Some(false) | None => {}
    }
    let Some(fact) = view.state.evidence.cancelled else {
        let keys = ("explain-cancelled-mode-held", "explain-cancelled-change-download");
        return view
            .of_held_back(Topic::Cancelled, keys, effects)
            .unwrap_or_else(|| some_or_never(view));
    };
    let resting = |key| view.resting_on(Topic::Cancelled, key, fact, effects);
    let actor = Arg::Actor(view.state.cancelled_by);
    match cancelled {
        Cancelled::No => revived(view, fact),
        Cancelled::ManualVoidWanted if view.state.delivery == Delivery::Unsent => {
            let mut reason = resting("explain-cancelled-manual");
            reason.because = reason.because.with("actor", actor);
            reason.unless(Some(Sentence::new("explain-document-change-void")))
        }
        Cancelled::ManualVoidWanted | Cancelled::Yes
            if view.state.delivery > Delivery::Unsent && view.state.written() > Document::None =>
        {
            let sent = view.state.evidence.delivery.and_then(|by| view.fact(by).key.at);
            let mut reason = resting("explain-cancelled-after-sent");
            reason.because = reason.because.with("actor", actor).with("sent", Arg::Time(sent));
            reason
        }
        Cancelled::ManualVoidWanted | Cancelled::Yes => {
            let change = match view.case.flow.cancellation {
                Cancellation::Final => "explain-cancelled-change-late-sent",
                Cancellation::Latest => "explain-cancelled-change-revived",
            };
            let mut reason = resting("explain-cancelled-by-channel");
            reason.because = reason.because.with("actor", actor);
            reason.unless(view.state.bin.then(|| Sentence::new(change)))
        }
    }
}

/// On a `latest` channel a live status speaks for the axis; it brought the order back if it was
/// cancelled before.
fn revived(view: &View<'_>, fact: usize) -> Reason {
    let void = |at: &usize| view.judged.hearing.heard[*at].released.has(Effect::Void);
    let before = (0..view.case.facts.len()).filter(void).map(|at| view.fact(at).key.at).max();
    let Some(before) = before else { return some_or_never(view) };
    let live = any_of(&[Effect::SalesOrder, Effect::Invoice]);
    let mut reason = view.resting_on(Topic::Cancelled, "explain-cancelled-revived", fact, live);
    reason.because = reason.because.with("before", Arg::Time(before));
    reason
}

/// Some units are cancelled, or none is.
fn some_or_never(view: &View<'_>) -> Reason {
    let units = &view.judged.axes.units;
    let gone = units.values().filter(|unit| unit.cancelled.value > Cancelled::No).count();
    let because = if gone == 0 {
        Sentence::new("explain-cancelled-never")
    } else {
        Sentence::new("explain-cancelled-some").number("n", gone).number("total", units.len())
    };
    Reason::new(Topic::Cancelled, because)
}
