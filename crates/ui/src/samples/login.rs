//! Log-in, as it first shows and refused.

use super::{Sample, add as put};
use crate::locale::Locale;
use crate::pages::LoginPage;
use crate::sentence::Sentence;

impl LoginPage {
    /// The empty form.
    pub fn sample(locale: &Locale) -> Self {
        Self {
            locale: locale.clone(),
            account: String::new(),
            next: "/orders".to_owned(),
            error: None,
        }
    }
}

pub(super) fn add(locale: &Locale, all: &mut Vec<Sample>) {
    put(all, "login", LoginPage::sample(locale));
    for (name, error) in [
        ("login-wrong", Sentence::new("login-error-wrong")),
        ("login-locked", Sentence::new("login-error-locked").with("minutes", 15)),
        ("login-expired", Sentence::new("login-error-expired")),
    ] {
        let page = LoginPage {
            account: "dewi".to_owned(),
            error: Some(error),
            ..LoginPage::sample(locale)
        };
        put(all, name, page);
    }
}
