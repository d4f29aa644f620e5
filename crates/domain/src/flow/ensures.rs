//! What a rule ensures: a set of effects.

use std::fmt;

use crate::term::UnknownWord;

/// One thing that must hold once a status was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Effect {
    /// A sales order exists.
    SalesOrder,
    /// An invoice exists.
    Invoice,
    /// Some of the goods have left.
    PartlySent,
    /// The goods have left.
    Sent,
    /// The money is realised.
    Paid,
    /// The document is void.
    Void,
    /// A person is to void the document.
    ManualVoid,
    /// A return is open.
    Return,
}

impl Effect {
    /// Every effect, in the order in which a set is printed.
    pub const ALL: &'static [Self] = &[
        Self::SalesOrder,
        Self::Invoice,
        Self::PartlySent,
        Self::Sent,
        Self::Paid,
        Self::Void,
        Self::ManualVoid,
        Self::Return,
    ];

    /// The spelling in flow files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SalesOrder => "sales_order",
            Self::Invoice => "invoice",
            Self::PartlySent => "partly_sent",
            Self::Sent => "sent",
            Self::Paid => "paid",
            Self::Void => "void",
            Self::ManualVoid => "manual_void",
            Self::Return => "return",
        }
    }
}

impl std::str::FromStr for Effect {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.iter().copied().find(|effect| effect.as_str() == text).ok_or_else(|| {
            UnknownWord {
                term: "effect",
                found: text.to_owned(),
                allowed: Self::ALL
                    .iter()
                    .map(|effect| effect.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            }
        })
    }
}

/// A set of effects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Ensures(u8);

impl Ensures {
    /// The empty set.
    pub const NOTHING: Self = Self(0);

    /// This set and one effect more.
    #[must_use]
    pub const fn with(self, effect: Effect) -> Self {
        Self(self.0 | 1 << effect as u8)
    }

    /// Whether the effect is in the set.
    #[must_use]
    pub const fn has(self, effect: Effect) -> bool {
        self.0 & (1 << effect as u8) != 0
    }

    /// Both sets together.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in this set and not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// This set and everything that its effects imply on their own axis: an invoice was at least a
    /// sales order, all sent is at least partly sent, void is at least a void wanted from a person.
    ///
    /// Of two sets, the one whose closure holds the other's ensures at least as much on every axis.
    #[must_use]
    pub const fn closure(self) -> Self {
        let mut all = self;
        if self.has(Effect::Invoice) {
            all = all.with(Effect::SalesOrder);
        }
        if self.has(Effect::Sent) {
            all = all.with(Effect::PartlySent);
        }
        if self.has(Effect::Void) {
            all = all.with(Effect::ManualVoid);
        }
        all
    }

    /// The most that both sets ensure, axis by axis: `{void}` and `{manual_void}` meet in
    /// `{manual_void}`, `{invoice, sent}` and `{sales_order}` in `{sales_order}`.
    #[must_use]
    pub const fn meet(self, other: Self) -> Self {
        if self.0 == other.0 {
            return self;
        }
        let common = self.closure().intersection(other.closure());
        let mut weaker = Self::NOTHING;
        if common.has(Effect::Invoice) {
            weaker = weaker.with(Effect::SalesOrder);
        }
        if common.has(Effect::Sent) {
            weaker = weaker.with(Effect::PartlySent);
        }
        if common.has(Effect::Void) {
            weaker = weaker.with(Effect::ManualVoid);
        }
        common.without(weaker)
    }

    /// Whether nothing is ensured.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The effects, in their fixed order.
    pub fn iter(self) -> impl Iterator<Item = Effect> {
        Effect::ALL.iter().copied().filter(move |&effect| self.has(effect))
    }
}

impl FromIterator<Effect> for Ensures {
    fn from_iter<I: IntoIterator<Item = Effect>>(effects: I) -> Self {
        effects.into_iter().fold(Self::NOTHING, Self::with)
    }
}

impl fmt::Display for Ensures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, effect) in self.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            f.write_str(effect.as_str())?;
        }
        Ok(())
    }
}
