//! Words and sentences in two languages, from `words/id.ftl` and `words/en.ftl`.
//!
//! Pages and the command line take their words here. A key that is in no file comes back between
//! `⟦ ⟧`, so that a page still shows and a test sees it.

use std::borrow::Cow;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::locale::group_digits;

/// A language the hub speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Indonesian, the default.
    #[default]
    Indonesian,
    /// English.
    English,
}

impl Language {
    /// Both, the default first.
    pub const ALL: &'static [Self] = &[Self::Indonesian, Self::English];

    /// Its code in HTML, cookies and settings: `id` or `en`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Indonesian => "id",
            Self::English => "en",
        }
    }

    /// The language with this code; a region behind it (`en-GB`) does not matter.
    pub fn from_code(code: &str) -> Option<Self> {
        let (language, _) = code.split_once(['-', '_']).unwrap_or((code, ""));
        match language.trim().to_ascii_lowercase().as_str() {
            "id" | "in" => Some(Self::Indonesian),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// Its own name for itself.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::Indonesian => "Bahasa Indonesia",
            Self::English => "English",
        }
    }
}

/// What a sentence is filled with.
pub type Args<'a> = [(&'a str, Arg<'a>)];

/// One argument: text as it is, or a number that is grouped and chooses the plural.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arg<'a> {
    /// Put in as it is.
    Text(Cow<'a, str>),
    /// Written with the language's grouping.
    Number(i64),
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Arg<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<i64> for Arg<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

/// The words of one language.
pub struct Words {
    language: Language,
    bundle: FluentBundle<FluentResource>,
    faults: Vec<String>,
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Words").field("language", &self.language).finish_non_exhaustive()
    }
}

static INDONESIAN: LazyLock<Words> =
    LazyLock::new(|| Words::read(Language::Indonesian, include_str!("../words/id.ftl")));
static ENGLISH: LazyLock<Words> =
    LazyLock::new(|| Words::read(Language::English, include_str!("../words/en.ftl")));

impl Words {
    /// The words of a language; read once.
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::Indonesian => &INDONESIAN,
            Language::English => &ENGLISH,
        }
    }

    /// The language they are in.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The word or sentence under a key, filled with `args`.
    pub fn get(&self, key: &str, args: &Args<'_>) -> String {
        self.find(key, args).unwrap_or_else(|| format!("⟦{key}⟧"))
    }

    /// The same, or nothing when the key is missing or an argument it wants is.
    pub fn find(&self, key: &str, args: &Args<'_>) -> Option<String> {
        let pattern = self.bundle.get_message(key)?.value()?;
        let filled: FluentArgs<'_> =
            args.iter().map(|(name, value)| (*name, fluent(value))).collect();
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(&filled), &mut errors);
        errors.is_empty().then(|| text.into_owned())
    }

    /// What could not be read in the language's file; empty in a sound build (a test holds it).
    pub fn faults(&self) -> &[String] {
        &self.faults
    }

    fn read(language: Language, source: &str) -> Self {
        let tag: LanguageIdentifier = language.code().parse().unwrap_or_default();
        let mut faults = Vec::new();
        let resource =
            FluentResource::try_new(source.to_owned()).unwrap_or_else(|(read, errors)| {
                faults.extend(errors.iter().map(|e| format!("{}: {e}", language.code())));
                read
            });
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // The marks around arguments protect mixed writing directions, which neither language has.
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(match language {
            Language::Indonesian => |value, _| number(value, '.'),
            Language::English => |value, _| number(value, ','),
        }));
        if let Err(errors) = bundle.add_resource(resource) {
            faults.extend(errors.iter().map(|e| format!("{}: {e}", language.code())));
        }
        Self { language, bundle, faults }
    }
}

fn fluent<'a>(arg: &'a Arg<'_>) -> FluentValue<'a> {
    match arg {
        Arg::Text(text) => FluentValue::from(text.as_ref()),
        Arg::Number(number) => FluentValue::from(*number),
    }
}

fn number(value: &FluentValue<'_>, separator: char) -> Option<String> {
    if let FluentValue::Number(number) = value {
        Some(group_digits(&number.as_string(), separator))
    } else {
        None
    }
}
