//! What error codes mean: the pages of `docs/errors/`, which are written in English.

use axum::extract::{Path, State};
use axum::response::Response;
use dermaga_ui::{CodePage, TextPart};

use crate::App;
use crate::person::Person;
use crate::refusal::{Refusal, shown};

macro_rules! pages {
    ($($code:literal),+ $(,)?) => {
        &[$(($code, include_str!(concat!("../../../../docs/errors/", $code, ".md")))),+]
    };
}

const PAGES: &[(&str, &str)] = pages![
    "DMG-0101", "DMG-0102", "DMG-0103", "DMG-0104", "DMG-0105", "DMG-0106", "DMG-0201", "DMG-0202",
    "DMG-0203", "DMG-0204", "DMG-0205", "DMG-0206", "DMG-0207", "DMG-0208", "DMG-0209", "DMG-0210",
    "DMG-0301", "DMG-0302", "DMG-0303", "DMG-0401", "DMG-0402", "DMG-0501", "DMG-0502", "DMG-0503",
    "DMG-0601", "DMG-0602", "DMG-0603", "DMG-0604", "DMG-0605", "DMG-0606", "DMG-0607", "DMG-0608",
    "DMG-0609", "DMG-0610", "DMG-0701", "DMG-0702", "DMG-0703", "DMG-0704", "DMG-0801", "DMG-0901",
    "DMG-0902", "DMG-0903", "DMG-0904",
];

pub(super) async fn show(
    State(app): State<App>,
    person: Person,
    Path(code): Path<String>,
) -> Result<Response, Refusal> {
    let found = PAGES.iter().find(|(known, _)| *known == code);
    let (_, text) =
        found.ok_or_else(|| Refusal::not_found(person.locale.clone(), person.here.clone()))?;
    let failed = |error| Refusal::of_store(&error, person.locale.clone(), person.here.clone());
    let frame = person.frame(&app, "").await.map_err(failed)?;
    let (title, parts) = read(text);
    Ok(shown(&CodePage { locale: person.locale.clone(), frame, code, title, parts }))
}

/// Headings, paragraphs and numbered steps, as those pages use them.
fn read(text: &str) -> (String, Vec<TextPart>) {
    let (mut title, mut parts) = (String::new(), Vec::new());
    for block in text.split("\n\n").map(str::trim).filter(|block| !block.is_empty()) {
        let plain = block.replace(['`', '*'], "");
        if let Some(first) = plain.strip_prefix("# ") {
            first.split_once(": ").map_or(first, |(_, title)| title).clone_into(&mut title);
        } else if let Some(head) = plain.strip_prefix("## ") {
            parts.push(TextPart::Head(head.to_owned()));
        } else if plain.starts_with("1. ") {
            let steps = plain.lines().map(|line| {
                let step = line.trim_start().split_once(". ");
                step.filter(|(number, _)| number.bytes().all(|it| it.is_ascii_digit()))
                    .map_or(line, |(_, step)| step)
                    .to_owned()
            });
            parts.push(TextPart::Steps(steps.collect()));
        } else {
            parts.push(TextPart::Said(plain));
        }
    }
    (title, parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_here_and_can_be_read() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors");
        let mut there: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .filter_map(|name| Some(name.strip_suffix(".md")?.to_owned()))
            .filter(|name| name.starts_with("DMG-"))
            .collect();
        there.sort();
        assert_eq!(PAGES.iter().map(|(code, _)| *code).collect::<Vec<_>>(), there);
        for (code, text) in PAGES {
            let (title, parts) = read(text);
            assert!(!title.is_empty() && !title.contains("DMG"), "{code}: {title}");
            assert!(parts.iter().any(|part| matches!(part, TextPart::Head(_))), "{code}");
        }
    }
}
