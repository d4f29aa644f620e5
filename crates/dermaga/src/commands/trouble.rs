//! Errors as one line for a person, with the code of the page that explains it.

use dermaga_domain::flow::FlowError;
use dermaga_engine::Error;
use dermaga_store::{DatabaseError, Error as StoreError};

use super::shown::moment;

/// The line: what happened and why, and the code where there is a page.
#[must_use]
pub fn line(error: &anyhow::Error) -> String {
    let mut told = String::new();
    // A driver's error often repeats the one beneath it.
    for cause in error.chain().map(ToString::to_string) {
        if told.is_empty() {
            told = cause;
        } else if !told.contains(&cause) {
            told = format!("{told}: {cause}");
        }
    }
    if told.contains("DMG-") {
        return told;
    }
    let too_old = error.chain().find_map(|cause| {
        let Some(Error::TooOld { days, earliest }) = cause.downcast_ref() else { return None };
        Some((days, earliest))
    });
    let told = match too_old {
        Some((days, earliest)) => format!(
            "the channel lists orders of the last {days} days only; the earliest date is {}",
            moment(*earliest)
        ),
        None => told,
    };
    match error.chain().find_map(code) {
        Some(code) => format!("{told} ({code})"),
        None => told,
    }
}

/// The page of one cause.
fn code(cause: &(dyn std::error::Error + 'static)) -> Option<&'static str> {
    if let Some(error) = cause.downcast_ref::<Error>() {
        return if let Error::Store(error) = error { store_code(error) } else { error.code() };
    }
    if let Some(error) = cause.downcast_ref::<StoreError>() {
        return store_code(error);
    }
    if cause.is::<FlowError>() {
        return Some("DMG-0401");
    }
    cause.downcast_ref().and_then(database_code)
}

fn store_code(error: &StoreError) -> Option<&'static str> {
    match error {
        StoreError::Database(error) => database_code(error),
        StoreError::Sealed(_) => Some("DMG-0501"),
        StoreError::BadFlow { .. } => Some("DMG-0401"),
        StoreError::NoKey
        | StoreError::LeaseLost(_)
        | StoreError::NotFound(_)
        | StoreError::Refused(_)
        | StoreError::Changed { .. }
        | StoreError::FlowChanged => None,
    }
}

fn database_code(error: &DatabaseError) -> Option<&'static str> {
    if let DatabaseError::NotOwner { .. } = error {
        Some("DMG-0102")
    } else if let DatabaseError::Full = error {
        Some("DMG-0103")
    } else if let DatabaseError::Busy { .. } = error {
        Some("DMG-0101")
    } else if let DatabaseError::Setup(reason) = error {
        let of = |part: &str| reason.contains(part);
        if of("row-level security") {
            Some("DMG-0106")
        } else if of("migration failed") {
            Some("DMG-0104")
        } else {
            of("PostgreSQL").then_some("DMG-0101")
        }
    } else {
        None
    }
}
