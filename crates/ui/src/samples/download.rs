//! Downloads: the list with its forms, and one download in every state.

use super::{HOUR, MINUTE, NOW, Sample, add as put, frame};
use crate::keys::{DownloadOutcome, DownloadState};
use crate::locale::Locale;
use crate::pages::{Choice, DownloadForm, DownloadOrder, DownloadPage, DownloadRow, DownloadsPage};
use crate::sentence::Sentence;

fn row(state: DownloadState) -> DownloadRow {
    DownloadRow {
        id: "dwn_06ez8d4tqcz00".to_owned(),
        shop: "sari lumbung".to_owned(),
        channel: "Tokopedia".to_owned(),
        what: Sentence::new("download-what-range")
            .with_time("from", NOW - 50 * HOUR)
            .with_time("to", NOW - HOUR),
        state,
        total: 5_120,
        failed: 0,
        by: "Dewi Wulandari".to_owned(),
        at: NOW - 12 * MINUTE,
    }
}

fn order(number: &str, outcome: Option<DownloadOutcome>, changes: &[&str]) -> DownloadOrder {
    DownloadOrder {
        number: number.to_owned(),
        order: None,
        outcome,
        ended: false,
        changes: changes.iter().map(|&word| word.to_owned()).collect(),
        code: None,
        reason: String::new(),
    }
}

impl DownloadsPage {
    /// Two downloads.
    pub fn sample(locale: &Locale) -> Self {
        let shops = [("shp_01", "sari lumbung"), ("shp_02", "lumbung.resmi")];
        let choice = |(value, label): (&str, &str)| Choice {
            value: value.to_owned(),
            label: label.to_owned(),
        };
        let form = DownloadForm {
            shops: shops.map(choice).to_vec(),
            from: "2026-11-19T00:00".to_owned(),
            ..DownloadForm::default()
        };
        let numbers = Sentence::new("download-what-numbers").with("n", 12_i64);
        let failed = DownloadRow { failed: 3, what: numbers, ..row(DownloadState::Done) };
        Self {
            locale: locale.clone(),
            frame: frame("/downloads"),
            form,
            rows: vec![row(DownloadState::Ready), failed],
            newer: None,
            older: None,
        }
    }
}

impl DownloadPage {
    /// One that waits for a person.
    pub fn sample(locale: &Locale) -> Self {
        let tab = |(outcome, count): (DownloadOutcome, i64)| {
            (outcome, count, "/downloads/dwn_06ez8d4tqcz00?show=x".to_owned())
        };
        let counts = [
            (DownloadOutcome::Failed, 1),
            (DownloadOutcome::NotFound, 2),
            (DownloadOutcome::Changed, 812),
            (DownloadOutcome::New, 20),
            (DownloadOutcome::Same, 4_285),
        ];
        let failed = DownloadOrder {
            code: Some("DMG-0202".to_owned()),
            reason: "the channel is in trouble (500)".to_owned(),
            ended: true,
            ..order("1948827700", Some(DownloadOutcome::Failed), &[])
        };
        let rows = vec![
            failed,
            order("1948827701", Some(DownloadOutcome::NotFound), &[]),
            order(
                "1948827731",
                Some(DownloadOutcome::Changed),
                &["payment-paid", "tab-completed", "change-content"],
            ),
            order("1948827744", Some(DownloadOutcome::New), &["document-invoice"]),
            order("1948827750", Some(DownloadOutcome::Same), &[]),
        ];
        let changes = [("payment-paid", 806), ("delivery-sent", 41), ("change-bin-in", 6)];
        Self {
            locale: locale.clone(),
            frame: frame("/downloads/dwn_06ez8d4tqcz00"),
            download: DownloadRow { failed: 1, ..row(DownloadState::Ready) },
            looked_at: 5_120,
            ended: 3,
            is_listing: false,
            trouble: None,
            agreed_at: None,
            outcomes: counts.map(tab).to_vec(),
            changes: changes.map(|(word, count)| (word.to_owned(), count)).to_vec(),
            shown: None,
            rows,
            notice: None,
            newer: None,
            older: Some("/downloads/dwn_06ez8d4tqcz00?after=4.1".to_owned()),
        }
    }
}

pub(super) fn add(locale: &Locale, all: &mut Vec<Sample>) {
    let list = DownloadsPage::sample(locale);
    put(all, "downloads", list.clone());
    put(all, "downloads-empty", DownloadsPage { rows: Vec::new(), ..list.clone() });
    let error = Sentence::new("error-download-too-old").with("days", 3_i64).with_time("at", NOW);
    let wrong = DownloadForm { error: Some((error, "from")), ..list.form.clone() };
    put(all, "downloads-refused", DownloadsPage { form: wrong, ..list.clone() });
    let none = DownloadForm::default();
    put(all, "downloads-no-shops", DownloadsPage { form: none, rows: Vec::new(), ..list });

    let ready = DownloadPage::sample(locale);
    put(all, "download-ready", ready.clone());
    let listing = DownloadPage {
        download: row(DownloadState::Reading),
        is_listing: true,
        rows: Vec::new(),
        changes: Vec::new(),
        trouble: Some(("DMG-0202".to_owned(), NOW + MINUTE)),
        ..ready.clone()
    };
    put(all, "download-listing", listing.clone());
    let unread = order("1948827799", None, &[]);
    put(
        all,
        "download-reading",
        DownloadPage {
            is_listing: false,
            trouble: None,
            looked_at: 2_560,
            rows: vec![unread],
            ..listing
        },
    );
    let applying = DownloadPage {
        download: row(DownloadState::Applying),
        agreed_at: Some(NOW - MINUTE),
        ended: 1_200,
        ..ready.clone()
    };
    put(all, "download-applying", applying.clone());
    let mut done = DownloadPage {
        download: DownloadRow { failed: 1, ..row(DownloadState::Done) },
        ended: 5_120,
        notice: Some(Sentence::new("notice-download-retry")),
        ..applying
    };
    for row in &mut done.rows {
        row.ended = true;
        row.order = Some("ord_06ez8d4tqcz01".to_owned());
    }
    put(all, "download-done", done);
    let outcomes = ready.outcomes.iter().map(|(each, _, href)| (*each, 0, href.clone()));
    let nothing = DownloadPage {
        outcomes: outcomes.collect(),
        changes: Vec::new(),
        rows: Vec::new(),
        shown: Some(DownloadOutcome::Changed),
        ..ready
    };
    put(all, "download-nothing", nothing);
}
