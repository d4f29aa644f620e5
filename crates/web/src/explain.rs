//! Why an order stands where it stands, put into sentences: the one teller of pages, API and command
//! line.

use dermaga_domain::flow::{Flow, Preset, Rule};
use dermaga_domain::order::explain::{Arg, Reason, Sentence as Told, Topic, explain, what_if};
use dermaga_domain::order::{State, judge};
use dermaga_domain::term::{Attention, Cancelled, Delivery, Document, Mode, Payment, Returned};
use dermaga_domain::time::Time;
use dermaga_store::read::case::{HeardFact, OrderCase, RecordedAct};
use dermaga_ui::{
    Axis, Explain, ExplainLine, Keyed, Sentence, ShopLink, Source, StatusLink, Value, WhatIf,
    WhatIfEnd,
};

/// What the sentences are filled from.
#[expect(missing_debug_implementations, reason = "it borrows a closure, and lives for one answer")]
pub struct Teller<'a> {
    /// What the order is judged from.
    pub case: &'a OrderCase,
    /// What it comes to.
    pub state: &'a State,
    /// The shop, for links to its flow.
    pub shop: &'a ShopLink,
    /// The names of people by act.
    pub person: &'a dyn Fn(&RecordedAct) -> String,
}

/// By which way a fact came in, as far as its message tells.
#[must_use]
pub fn source(heard: &HeardFact) -> Source {
    let fetched = heard.source.as_ref().map_or(heard.fact.fetched, |(_, fetched)| *fetched);
    match heard.fact.key.mode {
        Mode::Download => Source::Download,
        Mode::Realtime if fetched => Source::Fetch,
        Mode::Realtime => Source::Webhook,
    }
}

/// A status with its row of the shop's flow.
pub(crate) fn status_link(shop: &ShopLink, flow: &Flow, status: &str) -> StatusLink {
    let meaning = flow.rules.iter().find(|rule| rule.status.as_str() == status);
    StatusLink::new(shop, status, meaning.map_or("", |rule| rule.meaning.as_str()))
}

/// What a preset is called.
#[must_use]
pub fn preset_name(preset: Preset) -> Value {
    Value::Word(format!("preset-{preset}"))
}

impl Teller<'_> {
    /// The whole explanation.
    #[must_use]
    pub fn explain(&self) -> Explain {
        let reasons = explain(self.case.case(), self.state);
        Explain {
            lead: self.lead(),
            lines: reasons.iter().map(|reason| self.line(reason)).collect(),
        }
    }

    /// What the order would be under another flow, beside what it is.
    #[must_use]
    pub fn under(&self, name: Value, flow: &Flow) -> WhatIf {
        let (now, (then, _)) = (judge(self.case.case()), what_if(self.case.case(), flow));
        let topics = [
            (Topic::Document, Axis::Document),
            (Topic::Delivery, Axis::Delivery),
            (Topic::Payment, Axis::Payment),
            (Topic::Cancelled, Axis::Cancelled),
            (Topic::Tab, Axis::Tab),
            (Topic::Stock, Axis::Stock),
        ];
        let mut ends: Vec<WhatIfEnd> = topics
            .into_iter()
            .filter(|&(topic, _)| value(&then, topic) != value(&now, topic))
            .map(|(topic, axis)| WhatIfEnd {
                what: axis.word_key().to_owned(),
                values: vec![value(&then, topic)],
            })
            .collect();
        if then.attentions != now.attentions {
            let values = then.attentions.iter().map(|word| format!("attention-{word}")).collect();
            ends.push(WhatIfEnd { what: "tab-action_needed".to_owned(), values });
        }
        WhatIf { flow: name, ends }
    }

    fn line(&self, reason: &Reason) -> ExplainLine {
        let rule = reason.rule.and_then(|at| self.case.flow.rules.get(at));
        let axis = match reason.topic {
            Topic::Document => Axis::Document,
            Topic::Delivery => Axis::Delivery,
            Topic::Payment => Axis::Payment,
            Topic::Cancelled => Axis::Cancelled,
            Topic::Tab => Axis::Tab,
            Topic::Stock => Axis::Stock,
        };
        ExplainLine {
            axis,
            value: value(self.state, reason.topic),
            because: self.sentence(&reason.because, reason.topic, reason.fact),
            change: reason
                .change
                .as_ref()
                .map(|change| self.sentence(change, reason.topic, reason.fact)),
            rule: rule
                .map(|rule: &Rule| StatusLink::new(self.shop, rule.status.as_str(), &rule.meaning)),
        }
    }

    /// A sentence of the domain with what only we know: which way a fact came, and who decided.
    fn sentence(&self, told: &Told, topic: Topic, fact: Option<usize>) -> Sentence {
        let mut sentence = Sentence::new(told.key);
        for (name, arg) in &told.args {
            sentence = sentence.with(name, self.value_of(arg, fact));
        }
        if let Some(heard) = fact.and_then(|at| self.case.facts.get(at)) {
            sentence = sentence.with_name("source", source(heard));
        }
        if let Some(act) = self.case.deciding(topic) {
            sentence = sentence.with("person", (self.person)(act));
            if !told.args.iter().any(|(name, _)| *name == "time") {
                sentence = sentence.with_time("time", act.at.0);
            }
        }
        sentence
    }

    fn value_of(&self, arg: &Arg, fact: Option<usize>) -> Value {
        match arg {
            Arg::Status(status) => Value::from(status.as_str()),
            Arg::Meaning(meaning) => Value::from(meaning.as_str()),
            Arg::Mode(mode) => Value::Word(format!("mode-{mode}")),
            Arg::Actor(actor) => {
                Value::Word(format!("actor-{}", actor.map_or("any", |actor| actor.as_str())))
            }
            Arg::Time(Some(at)) => Value::Time(at.0),
            // The channel gives no time: when we heard it is the next best.
            Arg::Time(None) => {
                let heard = fact.and_then(|at| self.case.facts.get(at));
                heard.map_or_else(|| Value::from("–"), |heard| Value::Time(heard.heard_at.0))
            }
            Arg::Document(document) => Value::Word(format!("document-{document}")),
            Arg::Delivery(delivery) => Value::Word(format!("delivery-{delivery}")),
            Arg::Payment(payment) => Value::Word(format!("payment-{payment}")),
            Arg::Cancelled(value) => Value::Word(cancelled(*value).to_owned()),
            Arg::Tab(tab) => Value::Word(format!("tab-{tab}")),
            Arg::Number(number) => Value::Number(*number),
        }
    }

    /// The whole in one sentence.
    fn lead(&self) -> Sentence {
        let (state, by) = (self.state, self.state.evidence);
        let written = state.written();
        let left = state.delivery > Delivery::Unsent;
        let held = self.case.deciding(Topic::Cancelled);
        if let Some(act) = held.filter(|_| state.bin) {
            return self.decided("explain-lead-bin", act);
        }
        if written == Document::None {
            return self.lead_without_document();
        }
        if state.attentions.contains(&Attention::ManualVoid) {
            return self.of_fact("explain-lead-manual_void", by.cancelled);
        }
        if state.bin {
            return self.of_fact("explain-lead-cancelled", by.cancelled);
        }
        if state.cancelled > Cancelled::No && left && by.cancelled.is_some() {
            let sent = by
                .delivery
                .and_then(|at| self.time(at))
                .map_or_else(|| Value::from("–"), |at| Value::Time(at.0));
            return self
                .of_fact("explain-lead-cancelled_after_sent", by.cancelled)
                .with("sent", sent);
        }
        let acts = self.case.case().acts;
        let holds = acts.bin.is_some() || acts.paid.is_some() || acts.sent.is_some();
        if let Some(act) = self.case.acts.last().filter(|_| holds) {
            return self.decided("explain-lead-operator", act);
        }
        if state.returned == Returned::Open {
            return self.of_fact("explain-lead-returned", by.returned);
        }
        match (written, state.delivery, state.payment) {
            (Document::SalesOrder | Document::None, _, _) => {
                self.of_fact("explain-lead-sales_order", by.document)
            }
            (Document::Invoice, Delivery::Unsent, _) => {
                self.of_fact("explain-lead-invoice", by.document)
            }
            (Document::Invoice, Delivery::PartlySent, _) => {
                let sum = |of: fn(&dermaga_domain::stock::Target) -> i64| -> i64 {
                    state.targets.iter().map(|line| of(&line.target)).sum()
                };
                Sentence::new("explain-lead-partly_sent")
                    .with("n", sum(|target| target.sold))
                    .with("total", sum(|target| target.sold + target.allocate))
            }
            (Document::Invoice, Delivery::Sent, Payment::Unpaid) => {
                self.of_fact("explain-lead-sent", by.delivery)
            }
            (Document::Invoice, Delivery::Sent, Payment::Paid) => {
                self.of_fact("explain-lead-completed", by.payment)
            }
        }
    }

    fn lead_without_document(&self) -> Sentence {
        let (state, by) = (self.state, self.state.evidence);
        if state.document > Document::None && !state.documented {
            return Sentence::new("explain-lead-waits-lines");
        }
        if state.cancelled > Cancelled::No {
            return self.of_fact("explain-lead-cancelled-none", by.cancelled);
        }
        if by.status.is_none()
            && let Some(heard) = self.case.facts.last()
        {
            let status = heard.fact.key.status.as_str();
            return Sentence::new("explain-lead-unknown").with("status", status);
        }
        self.of_fact("explain-lead-none", by.status)
    }

    fn decided(&self, key: &str, act: &RecordedAct) -> Sentence {
        Sentence::new(key).with("person", (self.person)(act)).with_time("time", act.at.0)
    }

    fn time(&self, at: usize) -> Option<Time> {
        self.case.facts.get(at).map(|heard| heard.fact.key.at.unwrap_or(heard.heard_at))
    }

    /// A sentence about a fact: status, meaning, actor and time.
    fn of_fact(&self, key: &str, fact: Option<usize>) -> Sentence {
        let heard = fact.and_then(|at| self.case.facts.get(at));
        let (status, actor) = heard
            .map_or(("–", None), |heard| (heard.fact.key.status.as_str(), heard.fact.key.actor));
        let link = status_link(self.shop, &self.case.flow, status);
        let time = fact
            .and_then(|at| self.time(at))
            .map_or_else(|| Value::from("–"), |at| Value::Time(at.0));
        let actor = actor.map_or("any", |actor| actor.as_str());
        Sentence::new(key)
            .with("status", status)
            .with("meaning", link.meaning)
            .with("actor", Value::Word(format!("actor-{actor}")))
            .with("time", time)
    }
}

/// The word of a topic's value.
fn value(state: &State, topic: Topic) -> String {
    match topic {
        Topic::Document => format!("document-{}", state.written()),
        Topic::Delivery => format!("delivery-{}", state.delivery),
        Topic::Payment => format!("payment-{}", state.payment),
        Topic::Cancelled if state.bin => cancelled(Cancelled::Yes).to_owned(),
        Topic::Cancelled => cancelled(state.cancelled).to_owned(),
        Topic::Tab => format!("tab-{}", state.tab.map_or("none", |tab| tab.as_str())),
        Topic::Stock => format!("holding-{}", holding(state)),
    }
}

fn holding(state: &State) -> &'static str {
    let any = |of: fn(&dermaga_domain::stock::Target) -> i64| {
        state.targets.iter().any(|line| of(&line.target) > 0)
    };
    if any(|target| target.reserve) {
        "reserved"
    } else if any(|target| target.allocate) {
        "allocated"
    } else if any(|target| target.sold) {
        "sold"
    } else {
        "nothing"
    }
}

const fn cancelled(value: Cancelled) -> &'static str {
    match value {
        Cancelled::No => "cancelled-no",
        Cancelled::ManualVoidWanted => "cancelled-manual",
        Cancelled::Yes => "cancelled-yes",
    }
}

/// The same value among those that pages show.
pub(crate) fn keyed<T: Keyed>(key: &str, all: &[T]) -> Option<T> {
    all.iter().copied().find(|value| value.key() == key)
}
