//! Two cookies: whose session, and which language.

use axum::http::{HeaderMap, HeaderValue, header};
use dermaga_store::access::BearerToken;
use dermaga_ui::Language;

use crate::Settings;

const LANGUAGE: &str = "language";

const fn session_name(settings: &Settings) -> &'static str {
    if settings.secure_cookies { "__Host-dermaga" } else { "dermaga" }
}

fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// The session's token that a request shows.
pub(crate) fn token(headers: &HeaderMap, settings: &Settings) -> Option<BearerToken> {
    find(headers, session_name(settings)).and_then(BearerToken::parse)
}

/// The language that a person chose, else the one their browser asks for first, else the default.
pub(crate) fn language(headers: &HeaderMap, settings: &Settings) -> Language {
    let chosen = find(headers, LANGUAGE).and_then(Language::from_code);
    let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    chosen
        .or_else(|| {
            asked.and_then(|line| {
                line.split(',').find_map(|part| {
                    Language::from_code(part.split(';').next().unwrap_or_default())
                })
            })
        })
        .unwrap_or(settings.language)
}

fn flags(settings: &Settings) -> &'static str {
    if settings.secure_cookies {
        "; Path=/; HttpOnly; SameSite=Lax; Secure"
    } else {
        "; Path=/; HttpOnly; SameSite=Lax"
    }
}

/// Gives a session to the browser, until it is closed.
pub(crate) fn set_token(token: &BearerToken, settings: &Settings) -> Option<HeaderValue> {
    let text = format!("{}={}{}", session_name(settings), token.reveal(), flags(settings));
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Takes the session away from the browser.
pub(crate) fn clear_token(settings: &Settings) -> Option<HeaderValue> {
    let text = format!("{}={}; Max-Age=0", session_name(settings), flags(settings));
    HeaderValue::from_str(&text).ok()
}

/// Keeps the language for a year.
pub(crate) fn set_language(language: Language, settings: &Settings) -> Option<HeaderValue> {
    let flags = flags(settings);
    HeaderValue::from_str(&format!("{LANGUAGE}={}{flags}; Max-Age=31536000", language.code())).ok()
}
