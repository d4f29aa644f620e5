//! From a flow back to its text.

use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, value};

use crate::flow::{Effect, Flow, Rule, verb};
use crate::term::{About, Actor, Attention, ChannelStatus, Tab, Verb};

impl Flow {
    /// The text of this flow, as [`Flow::from_toml`] reads it. A verb is written only where it is
    /// not the usual one.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut document = DocumentMut::new();
        let head = document.as_table_mut();
        head.insert("channel", value(self.channel.as_str()));
        head.insert("cancellation", value(self.cancellation.as_str()));
        let (mut statuses, mut actors) = (Table::new(), Table::new());
        for list in &self.documented {
            let words = list.statuses.iter().map(ChannelStatus::as_str);
            statuses.insert(list.about.as_str(), value(words.collect::<Array>()));
            let words = list.actors.iter().map(|&actor| actor.as_str());
            actors.insert(list.about.as_str(), value(words.collect::<Array>()));
        }
        head.insert("statuses", Item::Table(statuses));
        head.insert("actors", Item::Table(actors));
        let usual = verb::usual(&self.rules);
        let rows = self.rules.iter().zip(usual).map(|(rule, usual)| row(rule, usual));
        head.insert("rule", Item::ArrayOfTables(rows.collect::<ArrayOfTables>()));
        document.to_string()
    }
}

fn row(rule: &Rule, usual: Verb) -> Table {
    let mut table = Table::new();
    let mut put = |key: &str, text: Option<&str>| {
        if let Some(text) = text {
            table.insert(key, value(text));
        }
    };
    put("status", Some(rule.status.as_str()));
    put("actor", rule.actor.map(Actor::as_str));
    put("about", (rule.about != About::Order).then_some(rule.about.as_str()));
    put("meaning", Some(&rule.meaning));
    put("tab", rule.tab.map(Tab::as_str));
    put("attention", rule.attention.map(Attention::as_str));
    put("verb", (rule.verb != usual).then_some(rule.verb.as_str()));
    put("note_id", rule.note.as_ref().map(|note| note.id.as_str()));
    put("note_en", rule.note.as_ref().map(|note| note.en.as_str()));
    put("source", rule.note.as_ref().map(|note| note.source.as_str()));
    let effects = rule.ensures.iter().map(Effect::as_str);
    table.insert("ensures", value(effects.collect::<Array>()));
    table.insert("realtime", value(rule.realtime));
    table.insert("download", value(rule.download));
    table
}
