//! What waits for a person, and long work.

use super::{DAY, HOUR, NOW, Sample, add as put, frame};
use crate::keys::{Attention, Command, Keyed as _};
use crate::locale::Locale;
use crate::pages::{
    ActivityPage, ActivityRow, AttentionGroup, AttentionPage, AttentionRow, DownloadsPage,
};
use crate::sentence::{Sentence, Value};

fn plain(text: &str) -> Sentence {
    Sentence::new("attention-plain").with("text", text)
}

impl AttentionPage {
    /// Something of every kind.
    pub fn sample(locale: &Locale) -> Self {
        let of_reason = |reason: &Attention| {
            let href = format!("/orders?tab=action_needed&attention={}", reason.key());
            let why = Sentence::new(format!("{}-about", reason.word_key()));
            let row = AttentionRow::new(Sentence::new(reason.word_key()), href, why);
            AttentionRow { count: Some(3), ..row }
        };
        let command = Sentence::new("attention-command").with_name("command", Command::Ship);
        let command = command.with("number", "1948827731");
        let why = Sentence::new("attention-command-why");
        let command = AttentionRow::new(command, "/orders/ord_1", why);
        let gap = Sentence::new("attention-gap-why").with("from", Value::Time(NOW - 3 * DAY));
        let gap = gap.with("to", Value::Time(NOW - 2 * DAY));
        let gap = AttentionRow::new(plain("Toko Kopi"), "/downloads?shop=shp_1", gap);
        let told =
            AttentionRow::new(plain("Toko Kopi"), "/", Sentence::new("attention-notice-why"));
        let shop = Sentence::new("vital-never-note");
        let shop = AttentionRow::new(plain("Toko Kopi"), "/shops/shp_1", shop);
        let sold = Sentence::new("incident-oversold-about");
        let sold = AttentionRow::new(plain("GAYO-250"), "/stock/sku_1", sold);
        let unmapped = AttentionRow::new(
            Sentence::new("attention-unmapped-listings"),
            "/stock?unmapped=1",
            Sentence::new("attention-unmapped-listings-why"),
        );
        let dead = AttentionRow::new(
            Sentence::new("attention-dead"),
            "/log?only=wrong",
            Sentence::new("attention-dead-why"),
        );
        let close = Some("/attention/ntc_1/close".to_owned());
        let code = Some("DMG-0205".to_owned());
        let groups = [
            ("attention-orders", Attention::ALL.iter().map(of_reason).collect()),
            ("attention-commands", vec![AttentionRow { at: Some(NOW - HOUR), ..command }]),
            ("attention-notices", vec![AttentionRow { close, code, ..gap }, told]),
            ("attention-shops", vec![shop]),
            ("attention-stock", vec![AttentionRow { at: Some(NOW - DAY), ..sold }, unmapped]),
            ("attention-messages", vec![AttentionRow { count: Some(2), ..dead }]),
        ];
        Self {
            locale: locale.clone(),
            frame: frame("/attention"),
            notice: None,
            groups: groups.map(|(title, rows)| AttentionGroup { title, rows }).into(),
        }
    }
}

impl ActivityPage {
    /// Work that goes on, work that is done and a download.
    pub fn sample(locale: &Locale) -> Self {
        let row = |ended, failed| ActivityRow {
            id: format!("bat_{ended}"),
            command: Command::Accept,
            total: 400,
            ended,
            failed,
            by: "Dewi Wulandari".to_owned(),
            at: NOW - HOUR,
        };
        Self {
            locale: locale.clone(),
            frame: frame("/activity"),
            batches: vec![row(120, 0), row(400, 7)],
            downloads: DownloadsPage::sample(locale).rows,
        }
    }
}

pub(super) fn add(locale: &Locale, all: &mut Vec<Sample>) {
    let attention = AttentionPage::sample(locale);
    put(all, "attention", attention.clone());
    let notice = Some(Sentence::new("attention-closed"));
    put(all, "attention-closed", AttentionPage { notice, ..attention.clone() });
    put(all, "attention-none", AttentionPage { groups: Vec::new(), ..attention });
    let activity = ActivityPage::sample(locale);
    put(all, "activity", activity.clone());
    let nothing = ActivityPage { batches: Vec::new(), downloads: Vec::new(), ..activity };
    put(all, "activity-none", nothing);
}
