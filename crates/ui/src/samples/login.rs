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
            notice: None,
        }
    }
}

pub(super) fn add(locale: &Locale, all: &mut Vec<Sample>) {
    put(all, "login", LoginPage::sample(locale));
    let notice = Some(Sentence::new("notice-welcome"));
    put(all, "login-welcome", LoginPage { notice, ..LoginPage::sample(locale) });
    for (name, error) in [
        ("login-wrong", Sentence::new("login-error-wrong")),
        ("login-locked", Sentence::new("login-error-locked").with("minutes", 15)),
        ("login-expired", Sentence::new("login-error-expired")),
        ("login-first", Sentence::new("login-error-first")),
    ] {
        let page = LoginPage {
            account: "dewi".to_owned(),
            error: Some(error),
            ..LoginPage::sample(locale)
        };
        put(all, name, page);
    }
}
