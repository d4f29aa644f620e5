//! `dermaga explain`: why an order stands where it stands, in sentences.

use std::collections::HashMap;
use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
use dermaga_domain::id::AccountId;
use dermaga_domain::order::explain::{
    Arg, Reason, Sentence as Told, Topic, Traced, explain, trace,
};
use dermaga_domain::order::{State, judge};
use dermaga_domain::term::{Actor, Cancelled, Mode, Tab};
use dermaga_store::Shop;
use dermaga_store::read::Scope;
use dermaga_store::read::case::{HeardFact, OrderCase, RecordedAct};
use dermaga_store::read::detail::Detail;
use dermaga_ui::{Language, Locale, Sentence, Source, Value};

use super::asked::Desk;
use super::shown::{columns, head, zone};

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The channel's number of the order, or its id here: ord_….
    order: String,
    /// The language: id or en.
    #[arg(long, default_value = "en")]
    lang: String,
}

/// Runs the command.
pub(super) async fn run(desk: Desk<'_>, args: &Args, out: &mut String) -> Result<()> {
    let Some(language) = Language::from_code(&args.lang) else {
        bail!("there is no language {:?}; write id or en", args.lang);
    };
    let (org, store) = (desk.org().await?, desk.store());
    let found = desk.order(org, &args.order).await?;
    let scope = Scope::all(org);
    let gone = "the order is gone";
    let detail = store.order_detail(&scope, found.id).await?.context(gone)?;
    let case = store.order_case(&scope, found.id).await?.context(gone)?;
    let shop = store.shops(org, Some(found.shop)).await?.pop().context("its shop is gone")?;
    let people: Vec<AccountId> = case.acts.iter().filter_map(|act| act.by).collect();
    let people = store.account_names(&people).await?.into_iter().collect();
    let locale = Locale { language, zone: zone(&shop.zone)?, now: store.now().0 };
    let state = judge(case.case());
    let teller = Teller { locale, case: &case, state: &state, people };
    teller.tell(&detail, &shop, out)?;
    Ok(())
}

/// Puts an order into words.
struct Teller<'a> {
    locale: Locale,
    case: &'a OrderCase,
    state: &'a State,
    people: HashMap<AccountId, String>,
}

impl Teller<'_> {
    fn tell(&self, detail: &Detail, shop: &Shop, out: &mut String) -> Result<()> {
        writeln!(out, "{}", super::order::standing(&detail.order))?;
        let (order, version) = (&detail.order, detail.order.flow_version);
        writeln!(out, "{} ({}), {version}", shop.name, order.channel)?;
        writeln!(out)?;
        let mut lines = Vec::new();
        for reason in explain(self.case.case(), self.state) {
            let axis = self.locale.word(format!("axis-{}", reason.topic.as_str()));
            let mut said = self.sentence(&reason.because, &reason);
            if let Some(change) = &reason.change {
                said.push_str("  > ");
                said.push_str(&self.sentence(change, &reason));
            }
            lines.push([axis, self.value(reason.topic), said]);
        }
        out.push_str(&columns(&lines));
        self.facts(out)?;
        self.acts(out)?;
        self.transitions(detail, out)?;
        movements(&self.locale, detail, out)?;
        Ok(())
    }

    fn facts(&self, out: &mut String) -> std::fmt::Result {
        let mut lines =
            vec![head(["time", "status", "actor", "about", "mode", "source", "rule", "effect"])];
        for traced in trace(self.case.case()) {
            let heard = &self.case.facts[traced.fact];
            let key = &heard.fact.key;
            lines.push([
                key.at.map_or_else(|| "-".to_owned(), |at| self.locale.seconds(at.0)),
                key.status.to_string(),
                key.actor.map_or_else(|| "-".to_owned(), |actor| actor.to_string()),
                key.about.to_string(),
                self.locale.word(format!("mode-{}", key.mode)),
                self.locale.name(source(heard)),
                self.rule(&traced),
                effect(&traced),
            ]);
        }
        section("facts", &lines, out)
    }

    /// The row of the flow: its place and the channel's meaning.
    fn rule(&self, traced: &Traced) -> String {
        let told = traced.rules.iter().filter_map(|&at| {
            let rule = self.case.flow.rules.get(at)?;
            Some(format!("{} {}", at + 1, rule.meaning))
        });
        let told: Vec<String> = told.collect();
        if told.is_empty() { "-".to_owned() } else { told.join("; ") }
    }

    fn acts(&self, out: &mut String) -> std::fmt::Result {
        let mut lines = vec![head(["time", "act", "person", "note"])];
        for act in &self.case.acts {
            lines.push([
                self.locale.seconds(act.at.0),
                self.locale.word(format!("act-{}", act.kind.as_str())),
                self.person(act),
                act.note.clone().unwrap_or_default(),
            ]);
        }
        section("acts", &lines, out)
    }

    fn transitions(&self, detail: &Detail, out: &mut String) -> std::fmt::Result {
        let mut lines = vec![head(["time", "transition", "caused by", "flow version"])];
        for step in &detail.transitions {
            let cause = match (&step.status, step.act) {
                (_, Some(act)) => format!("act {act}"),
                (Some(status), None) => {
                    let mode = step.mode.map_or("", Mode::as_str);
                    format!("{status} {mode}").trim_end().to_owned()
                }
                (None, None) => "-".to_owned(),
            };
            let attention = step.attention.map(|attention| format!(" {attention}"));
            lines.push([
                self.locale.seconds(step.at.0),
                format!("{}{}", step.verb, attention.unwrap_or_default()),
                cause,
                step.flow_version.to_string(),
            ]);
        }
        section("transitions", &lines, out)
    }

    /// The word of a topic's value.
    fn value(&self, topic: Topic) -> String {
        let state = self.state;
        let key = match topic {
            Topic::Document => format!("document-{}", state.written()),
            Topic::Delivery => format!("delivery-{}", state.delivery),
            Topic::Payment => format!("payment-{}", state.payment),
            Topic::Cancelled if state.bin => "cancelled-yes".to_owned(),
            Topic::Cancelled => cancelled(state.cancelled).to_owned(),
            Topic::Tab => format!("tab-{}", state.tab.map_or("none", Tab::as_str)),
            Topic::Stock => format!("holding-{}", self.holding()),
        };
        self.locale.word(key)
    }

    fn holding(&self) -> &'static str {
        let wants = |of: fn(&dermaga_domain::stock::Target) -> i64| {
            self.state.targets.iter().any(|line| of(&line.target) > 0)
        };
        if wants(|target| target.allocate) {
            "allocated"
        } else if wants(|target| target.reserve) {
            "reserved"
        } else if wants(|target| target.sold) {
            "sold"
        } else {
            "nothing"
        }
    }

    /// A sentence, with what only we know: which way a fact came, and who decided.
    fn sentence(&self, told: &Told, reason: &Reason) -> String {
        let mut sentence = Sentence::new(told.key);
        let heard = reason.fact.and_then(|at| self.case.facts.get(at));
        for (name, arg) in &told.args {
            sentence = sentence.with(name, value_of(arg, heard));
        }
        if let Some(heard) = heard {
            sentence = sentence.with_name("source", source(heard));
        }
        if let Some(act) = self.case.deciding(reason.topic) {
            sentence = sentence.with("person", self.person(act));
            if !told.args.iter().any(|(name, _)| *name == "time") {
                sentence = sentence.with_time("time", act.at.0);
            }
        }
        self.locale.say(&sentence)
    }

    fn person(&self, act: &RecordedAct) -> String {
        let name = act.by.and_then(|by| self.people.get(&by)).cloned();
        name.unwrap_or_else(|| self.locale.name(Source::CommandLine))
    }
}

fn value_of(arg: &Arg, heard: Option<&HeardFact>) -> Value {
    match arg {
        Arg::Status(status) => Value::from(status.as_str()),
        Arg::Meaning(meaning) => Value::from(meaning.as_str()),
        Arg::Mode(mode) => Value::Word(format!("mode-{mode}")),
        Arg::Actor(actor) => Value::Word(format!("actor-{}", actor.map_or("any", Actor::as_str))),
        Arg::Time(Some(at)) => Value::Time(at.0),
        // The channel gives no time: when we heard it is the next best.
        Arg::Time(None) => {
            heard.map_or_else(|| Value::from("-"), |heard| Value::Time(heard.heard_at.0))
        }
        Arg::Document(document) => Value::Word(format!("document-{document}")),
        Arg::Delivery(delivery) => Value::Word(format!("delivery-{delivery}")),
        Arg::Payment(payment) => Value::Word(format!("payment-{payment}")),
        Arg::Cancelled(value) => Value::Word(cancelled(*value).to_owned()),
        Arg::Tab(tab) => Value::Word(format!("tab-{tab}")),
        Arg::Number(number) => Value::Number(*number),
    }
}

const fn cancelled(value: Cancelled) -> &'static str {
    match value {
        Cancelled::No => "cancelled-no",
        Cancelled::ManualVoidWanted => "cancelled-manual",
        Cancelled::Yes => "cancelled-yes",
    }
}

/// By which way a fact came in, as far as its message tells.
fn source(heard: &HeardFact) -> Source {
    let fetched = heard.source.as_ref().map_or(heard.fact.fetched, |(_, fetched)| *fetched);
    match heard.fact.key.mode {
        Mode::Download => Source::Download,
        Mode::Realtime if fetched => Source::Fetch,
        Mode::Realtime => Source::Webhook,
    }
}

/// What a fact released, and what its rule holds back for another way of hearing it.
fn effect(traced: &Traced) -> String {
    let mut parts = Vec::new();
    if !traced.released.is_empty() {
        parts.push(traced.released.to_string());
    }
    if !traced.held_back.is_empty() {
        parts.push(format!("held back: {}", traced.held_back));
    }
    if traced.rules.is_empty() {
        parts.push("not in this flow".to_owned());
    }
    if traced.current {
        parts.push("current status".to_owned());
    }
    if parts.is_empty() { "-".to_owned() } else { parts.join("; ") }
}

fn movements(locale: &Locale, detail: &Detail, out: &mut String) -> std::fmt::Result {
    let mut lines = vec![head([
        "time",
        "sku",
        "warehouse",
        "kind",
        "on hand",
        "allocated",
        "reserved",
        "short",
    ])];
    for moved in &detail.movements {
        lines.push([
            locale.seconds(moved.at.0),
            moved.sku.clone(),
            moved.warehouse.clone(),
            moved.kind.clone(),
            format!("{:+}", moved.on_hand),
            format!("{:+}", moved.allocated),
            format!("{:+}", moved.reserved),
            format!("{:+}", moved.short),
        ]);
    }
    section("stock", &lines, out)
}

/// A table under a title; nothing when only its head is there.
fn section<const N: usize>(
    title: &str,
    lines: &[[String; N]],
    out: &mut String,
) -> std::fmt::Result {
    if lines.len() > 1 {
        writeln!(out, "\n{title}")?;
        for line in columns(lines).lines() {
            writeln!(out, "  {line}")?;
        }
    }
    Ok(())
}
