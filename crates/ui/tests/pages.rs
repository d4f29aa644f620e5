//! Every page in every state and both languages is sound HTML under a strict content policy.

mod html;

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};

use dermaga_ui::{Language, OrderPage, OrdersPage, Page as _, assets, samples};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

/// Renders every sample and hands each to a check that names what is wrong.
fn every_page(check: impl Fn(&html::Document) -> Vec<String>) {
    let mut wrong = Vec::new();
    for language in Language::ALL {
        for sample in samples(*language) {
            let name = format!("{}.{}", sample.name, language.code());
            let Ok(text) = sample.page.render() else {
                wrong.push(format!("{name}: does not render"));
                continue;
            };
            match html::Document::read(&text) {
                Ok(document) => {
                    wrong
                        .extend(check(&document).into_iter().map(|what| format!("{name}: {what}")));
                }
                Err(what) => wrong.push(format!("{name}: {what}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pages_are_well_formed() {
    every_page(|_| Vec::new());
}

#[test]
fn no_word_is_missing() {
    every_page(|document| {
        let missing = document.text.split('⟦').skip(1).filter_map(|rest| rest.split('⟧').next());
        missing.map(|key| format!("no word for {key}")).collect()
    });
}

#[test]
fn nothing_needs_a_loose_content_policy() {
    every_page(|document| {
        let mut wrong = Vec::new();
        for element in &document.elements {
            if element.name == "style" || (element.name == "script" && !element.has("src")) {
                wrong.push(format!("inline <{}>", element.name));
            }
            for (name, value) in &element.attributes {
                if name == "style" || name.starts_with("on") || name.contains("hx-on") {
                    wrong.push(format!("inline {name}"));
                }
                // The one way out: to a channel's page that asks the seller, which learns nothing of us.
                let way_out = element.name == "a"
                    && name == "href"
                    && value.starts_with("https://")
                    && element.get("rel") == Some("noreferrer");
                if value.starts_with("javascript:") || (value.contains("//") && !way_out) {
                    wrong.push(format!("{name} leads elsewhere: {value}"));
                }
            }
        }
        wrong
    });
}

#[test]
fn everything_pointed_at_is_there() {
    let paths: BTreeSet<&str> = assets().iter().map(|asset| asset.path).collect();
    let icons = assets().iter().find(|asset| asset.path.starts_with("/assets/icons")).unwrap();
    let icons = std::str::from_utf8(icons.bytes).unwrap();
    every_page(|document| {
        let mut wrong = Vec::new();
        let mut ids = BTreeSet::new();
        for id in document.elements.iter().filter_map(|element| element.get("id")) {
            if !ids.insert(id) {
                wrong.push(format!("id {id} twice"));
            }
        }
        for element in &document.elements {
            for name in ["for", "aria-labelledby", "aria-describedby"] {
                if let Some(id) = element.get(name).filter(|id| !ids.contains(id)) {
                    wrong.push(format!("{name} points at {id}, which is not there"));
                }
            }
            for value in ["href", "src"].iter().filter_map(|name| element.get(name)) {
                let (path, anchor) = value.split_once('#').unwrap_or((value, ""));
                if path.starts_with("/assets/") && !paths.contains(path) {
                    wrong.push(format!("{path} is no asset"));
                }
                if element.name == "use" && !icons.contains(&format!("id=\"{anchor}\"")) {
                    wrong.push(format!("no sign {anchor}"));
                }
                if path.is_empty() && !ids.contains(anchor) {
                    wrong.push(format!("#{anchor} is not on the page"));
                }
            }
        }
        wrong
    });
}

#[test]
fn every_page_can_be_read_and_worked_without_eyes_or_mouse() {
    every_page(|document| {
        let mut wrong = Vec::new();
        let count = |name: &str| document.elements.iter().filter(|e| e.name == name).count();
        for (name, wanted) in [("h1", 1), ("main", 1), ("title", 1)] {
            if count(name) != wanted {
                wrong.push(format!("{} <{name}>", count(name)));
            }
        }
        let labels: BTreeSet<&str> =
            document.elements.iter().filter_map(|element| element.get("for")).collect();
        for element in &document.elements {
            let field = matches!(element.name.as_str(), "input" | "select" | "textarea")
                && element.get("type") != Some("hidden");
            if field && !element.get("id").is_some_and(|id| labels.contains(id)) {
                wrong.push(format!("no label for {:?}", element.attributes));
            }
            if element.name == "th" && !element.has("scope") {
                wrong.push("th without scope".to_owned());
            }
            if element.name == "html" && !element.has("lang") {
                wrong.push("no language".to_owned());
            }
            let named = element.has("aria-label") || !element.text.trim().is_empty();
            if matches!(element.name.as_str(), "a" | "button" | "summary") && !named {
                wrong.push(format!("nameless {} {:?}", element.name, element.attributes));
            }
        }
        wrong
    });
}

#[test]
fn what_channels_and_people_say_stays_text() {
    let hostile = "<script>alert(1)</script>\" onclick='x' & ⚓";
    for language in Language::ALL {
        let locale = samples_locale(*language);
        let mut list = OrdersPage::sample(&locale);
        for row in &mut list.rows {
            row.number = hostile.to_owned();
            row.buyer = hostile.to_owned();
            row.lines[0].name = hostile.to_owned();
        }
        list.frame.query = hostile.to_owned();
        let mut order = OrderPage::sample(&locale);
        order.number = hostile.to_owned();
        order.lines[0].name = hostile.to_owned();
        for text in [list.render().unwrap(), order.render().unwrap()] {
            let document = html::Document::read(&text).unwrap();
            let scripts = document.elements.iter().filter(|e| e.name == "script");
            assert!(scripts.into_iter().all(|script| script.has("src")));
            assert!(!text.contains("<script>alert"));
            assert!(document.elements.iter().all(|element| !element.has("onclick")));
        }
    }
}

fn samples_locale(language: Language) -> dermaga_ui::Locale {
    let zone = jiff::tz::TimeZone::get("Asia/Makassar").unwrap_or(jiff::tz::TimeZone::UTC);
    dermaga_ui::Locale { language, zone, now: 1_795_244_700_000_000 }
}

#[test]
fn the_first_page_is_small() {
    let page = samples(Language::Indonesian).into_iter().find(|sample| sample.name == "orders");
    let text = page.unwrap().page.render().unwrap();
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(text.as_bytes()).unwrap();
    let page = packer.finish().unwrap().len();
    let all: usize = assets().iter().map(|asset| asset.gzip_bytes.len()).sum::<usize>() + page;
    assert!(all < 100 * 1024, "{all} bytes, the page alone {page}");
}

#[test]
fn packed_assets_unpack_to_themselves() {
    for asset in assets() {
        let mut unpacked = Vec::new();
        GzDecoder::new(asset.gzip_bytes).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, asset.bytes, "{}", asset.path);
        let stem = asset.path.trim_start_matches("/assets/");
        assert_eq!(stem.split('.').count(), 3, "{} has no fingerprint", asset.path);
    }
}

#[test]
fn a_status_leads_to_its_row() {
    for language in Language::ALL {
        let pages: Vec<(String, String)> = samples(*language)
            .into_iter()
            .map(|sample| (sample.name.to_owned(), sample.page.render().unwrap()))
            .collect();
        let flow = &pages.iter().find(|(name, _)| name == "flow").unwrap().1;
        let order = &pages.iter().find(|(name, _)| name == "order").unwrap().1;
        let mut followed = 0;
        for link in order.split("/flows/tokopedia?shop=shp_01#").skip(1) {
            let anchor = link.split('"').next().unwrap();
            assert!(flow.contains(&format!("id=\"{anchor}\"")), "{anchor} has no row");
            followed += 1;
        }
        assert!(followed >= 6, "only {followed} statuses lead to the flow");
    }
}
