//! Rules, and the flow they make.

use crate::flow::Ensures;
use crate::term::{
    About, Actor, Attention, Cancellation, ChannelKind, ChannelStatus, Mode, Tab, Verb,
};

/// One row of a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The channel's status.
    pub status: ChannelStatus,
    /// Who brought it about; none = anybody.
    pub actor: Option<Actor>,
    /// What the status speaks of.
    pub about: About,
    /// The channel's meaning of the status, in a few words.
    pub meaning: String,
    /// What must hold once the status was heard.
    pub ensures: Ensures,
    /// Where the order shows; none = where it was.
    pub tab: Option<Tab>,
    /// Why a person must look, while this is the order's current status.
    pub attention: Option<Attention>,
    /// Whether a fact heard in real time releases what is ensured.
    pub realtime: bool,
    /// Whether a fact heard by a download releases what is ensured.
    pub download: bool,
    /// The transition the rule makes on the flow's usual path.
    pub verb: Verb,
    /// A remark for the reader.
    pub note: Option<String>,
}

impl Rule {
    /// Whether a fact heard this way releases what the rule ensures.
    #[must_use]
    pub const fn releases(&self, mode: Mode) -> bool {
        match mode {
            Mode::Realtime => self.realtime,
            Mode::Download => self.download,
        }
    }
}

/// A channel's table from status to what must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// The channel it belongs to.
    pub channel: ChannelKind,
    /// How cancellation joins on this channel.
    pub cancellation: Cancellation,
    /// The rows, in the order of the file.
    pub rules: Vec<Rule>,
}

impl Flow {
    /// The place of a status in the flow: statuses later in the file come later in an order's life.
    #[must_use]
    pub fn position(&self, about: About, status: &ChannelStatus) -> Option<usize> {
        self.rules.iter().position(|rule| rule.about == about && rule.status == *status)
    }

    /// Indices of the rules that a status meets. Empty = the flow does not know the status.
    ///
    /// With a known actor: the rows of that actor and those of any. Without one: if the status has
    /// rows for particular actors, only what all of them have in common may be released; see
    /// [`Flow::ensured`].
    pub fn matching<'a>(
        &'a self,
        about: About,
        status: &'a ChannelStatus,
        actor: Option<Actor>,
    ) -> impl Iterator<Item = (usize, &'a Rule)> {
        self.rules.iter().enumerate().filter(move |(_, rule)| {
            rule.about == about
                && rule.status == *status
                && (rule.actor.is_none() || actor.is_none() || rule.actor == actor)
        })
    }
}

/// TEMPORARY
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ensured {
    /// x
    pub ensures: Ensures,
    /// x
    pub tab: Option<Tab>,
    /// x
    pub attention: Option<Attention>,
}
impl Flow {
    /// TEMPORARY
    pub fn ensured(
        &self,
        about: About,
        status: &ChannelStatus,
        actor: Option<Actor>,
        mode: Mode,
    ) -> Option<Ensured> {
        let mut any = None;
        for (_, rule) in self.matching(about, status, actor) {
            let e = any.get_or_insert(Ensured {
                ensures: Ensures::NOTHING,
                tab: None,
                attention: None,
            });
            if rule.releases(mode) {
                e.ensures = e.ensures.union(rule.ensures);
            }
            e.tab = e.tab.or(rule.tab);
            e.attention = e.attention.or(rule.attention);
        }
        any
    }
}
