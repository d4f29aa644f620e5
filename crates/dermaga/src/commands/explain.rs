//! `dermaga explain`: why an order stands where it stands, in sentences.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use dermaga_domain::flow::{Flow, Preset};
use dermaga_domain::order::explain::{Traced, trace};
use dermaga_domain::order::judge;
use dermaga_domain::term::Mode;
use dermaga_store::Shop;
use dermaga_store::access::GiverNames;
use dermaga_store::read::Scope;
use dermaga_store::read::case::{OrderCase, RecordedAct};
use dermaga_store::read::detail::Detail;
use dermaga_ui::{ChannelLink, Language, Locale, ShopLink, Source, Value};
use dermaga_web::explain::{Teller, preset_name, source};

use super::asked::Desk;
use super::flow;
use super::shown::{columns, head, zone};

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The channel's number of the order, or its id here: ord_….
    order: String,
    /// The language: id or en.
    #[arg(long, default_value = "en")]
    lang: String,
    /// Tell also what the order would be under another flow: classic, recommended, or the file of a
    /// flow.
    #[arg(long, value_name = "PRESET|FILE")]
    what_if: Option<String>,
}

impl Args {
    /// The file that the arguments name.
    pub(super) fn file(&self) -> Option<&Path> {
        let other = self.what_if.as_deref()?;
        other.parse::<Preset>().is_err().then(|| Path::new(other))
    }
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
    let people = store.giver_names(org, case.acts.iter().map(|act| act.by)).await?;
    let locale = Locale { language, zone: zone(&shop.zone)?, now: store.now().0 };
    let told = Told { locale, case: &case, people };
    let other = args.what_if.as_deref().map(|other| other_flow(desk, &shop, other)).transpose()?;
    told.tell(&detail, &shop, other, out)?;
    Ok(())
}

/// The flow that is meant, and what it is called.
fn other_flow(desk: Desk<'_>, shop: &Shop, other: &str) -> Result<(Value, Flow)> {
    Ok(match other.parse::<Preset>() {
        Ok(preset) => (preset_name(preset), flow::channel_file(&shop.channel)?.flow(preset)),
        Err(_) => (Value::from(other), flow::read(desk, shop, Path::new(other))?),
    })
}

/// An order as the command line tells it.
struct Told<'a> {
    locale: Locale,
    case: &'a OrderCase,
    people: GiverNames,
}

impl Told<'_> {
    fn tell(
        &self,
        detail: &Detail,
        shop: &Shop,
        other: Option<(Value, Flow)>,
        out: &mut String,
    ) -> Result<()> {
        writeln!(out, "{}", super::order::standing(&detail.order))?;
        let (order, version) = (&detail.order, detail.order.flow_version);
        let sold_on = order.sub_platform.as_ref().map(|name| format!(", sold on {name}"));
        let sold_on = sold_on.unwrap_or_default();
        writeln!(out, "{} ({}{sold_on}), {version}", shop.name, order.channel)?;
        writeln!(out)?;
        let channel = ChannelLink { key: order.channel.clone(), name: order.channel.clone() };
        let link = ShopLink { id: shop.id.to_string(), name: shop.name.clone(), channel };
        let (state, person) = (judge(self.case.case()), |act: &RecordedAct| self.person(act));
        let teller = Teller { case: self.case, state: &state, shop: &link, person: &person };
        let mut lines = Vec::new();
        for line in teller.explain().lines {
            let mut said = self.locale.say(&line.because);
            if let Some(change) = &line.change {
                said.push_str("  > ");
                said.push_str(&self.locale.say(change));
            }
            lines.push([self.locale.name(line.axis), self.locale.word(&line.value), said]);
        }
        out.push_str(&columns(&lines));
        if let Some((name, flow)) = other {
            writeln!(out, "\n{}", teller.under(name, &flow).said(&self.locale))?;
        }
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

    fn person(&self, act: &RecordedAct) -> String {
        let name = self.people.of(act.by).map(str::to_owned);
        name.unwrap_or_else(|| self.locale.name(Source::CommandLine))
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
