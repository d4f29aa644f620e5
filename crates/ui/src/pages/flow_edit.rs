//! Editing the flow of a shop: the rules as a form, then what they would change, then keeping them.

use askama::Template;

use crate::frame::{Frame, Place, ShopLink};
use crate::locale::Locale;
use crate::pages::FlowRule;
use crate::sentence::Sentence;

/// The rules of a shop's flow as a form, `GET /flows/{channel}/edit?shop=`, posted to `try`. Of rule `i`
/// `e<i>` (repeated) is what it ensures, `t<i>` its tab, `a<i>` its attention, `r<i>` and `d<i>` its modes,
/// `x<i>` that it goes; `sn` and `mn` are status and meaning of a rule more, which is rule `n`.
#[derive(Debug, Clone, Template)]
#[template(path = "flow_edit.html")]
pub struct FlowEditPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// The shop.
    pub shop: ShopLink,
    /// The version that is edited.
    pub base: String,
    /// Its rules, as they were edited so far.
    pub rules: Vec<FlowRule>,
    /// What is wrong with them, in the words of the check, which are English.
    pub problem: Option<String>,
}

/// What another flow would change, before it is kept.
#[derive(Debug, Clone, Template)]
#[template(path = "flow_try.html")]
pub struct FlowTryPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// The shop.
    pub shop: ShopLink,
    /// Which flow is tried.
    pub what: Sentence,
    /// It is the flow that the shop follows.
    pub same: bool,
    /// The statuses whose rules differ from those in use.
    pub statuses: Vec<String>,
    /// Days of orders that were looked at.
    pub days: i64,
    /// How many orders were.
    pub looked_at: i64,
    /// There are more of these days.
    pub cut: bool,
    /// How many would end elsewhere.
    pub differ: i64,
    /// Those of them that are listed.
    pub rows: Vec<EndsRow>,
    /// Orders that wait for a flow that knows their status: judged again in any case.
    pub unknown: i64,
    /// The version that the shop follows.
    pub base: String,
    /// The flow's text, posted back to be kept.
    pub text: String,
}

/// An order that would end elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndsRow {
    /// Its page.
    pub href: String,
    /// The channel's number of it.
    pub number: String,
    /// Where it stands: keys of words.
    pub before: Vec<String>,
    /// Where it would.
    pub after: Vec<String>,
}

impl FlowEditPage {
    pub(crate) fn place(&self) -> Place {
        Place::Flows
    }
}

impl FlowTryPage {
    pub(crate) fn place(&self) -> Place {
        Place::Flows
    }

    /// How many are not listed.
    pub(crate) fn more(&self) -> i64 {
        self.differ - i64::try_from(self.rows.len()).unwrap_or(i64::MAX)
    }
}

impl EndsRow {
    pub(crate) fn told(&self, locale: &Locale, words: &[String]) -> String {
        let words: Vec<String> = words.iter().map(|word| locale.word(word)).collect();
        words.join(", ")
    }
}
