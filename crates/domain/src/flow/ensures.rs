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
