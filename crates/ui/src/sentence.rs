//! A sentence whose key and arguments are chosen by the caller and whose words are chosen by the
//! reader's language.

use crate::keys::Keyed;
use crate::locale::{Micros, Money};

/// A key of the words with what it is filled with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// The key, for instance `explain-payment-never-heard`.
    pub key: String,
    /// Argument names and values.
    pub args: Vec<(&'static str, Value)>,
}

/// An argument before it is put into words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// As it is: a status, a person's name, a document number.
    Text(String),
    /// Grouped, and chooses the plural.
    Number(i64),
    /// A moment, told in the reader's zone.
    Time(Micros),
    /// How long something takes or is, in microseconds: `2 h 6 m`.
    Span(Micros),
    /// How long ago a moment was.
    Ago(Micros),
    /// An amount.
    Money(Money),
    /// The key of another word: `mode-realtime`.
    Word(String),
    /// Keys of several words, joined by commas.
    Words(Vec<String>),
}

impl Sentence {
    /// A sentence without arguments.
    pub fn new(key: impl Into<String>) -> Self {
        Self { key: key.into(), args: Vec::new() }
    }

    /// With an argument more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.args.push((name, value.into()));
        self
    }

    /// With the word of a value of the domain.
    #[must_use]
    pub fn with_name(self, name: &'static str, value: impl Keyed) -> Self {
        self.with(name, Value::Word(value.word_key().to_owned()))
    }

    /// With a length of time.
    #[must_use]
    pub fn with_span(self, name: &'static str, span: Micros) -> Self {
        self.with(name, Value::Span(span))
    }

    /// With how long ago a moment was.
    #[must_use]
    pub fn with_ago(self, name: &'static str, at: Micros) -> Self {
        self.with(name, Value::Ago(at))
    }

    /// With a moment.
    #[must_use]
    pub fn with_time(self, name: &'static str, at: Micros) -> Self {
        self.with(name, Value::Time(at))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<Money> for Value {
    fn from(money: Money) -> Self {
        Self::Money(money)
    }
}
