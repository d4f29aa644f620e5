//! Recycle bin, transmit log and error pages.

use super::orders::{binned, filters, row};
use super::{DAY, MINUTE, NOW, SECOND, Sample, add as put, frame};
use crate::keys::{Act, Actor, Direction, Outcome};
use crate::locale::Locale;
use crate::pages::{BinPage, BinRow, Chip, ErrorPage, Filters, LogPage, LogRow};
use crate::sentence::Sentence;

impl BinPage {
    /// Two documents in the bin.
    pub fn sample(locale: &Locale) -> Self {
        Self {
            locale: locale.clone(),
            frame: frame("/bin"),
            filters: filters(),
            notice: None,
            kept_days: 90,
            rows: vec![
                bin_row("1948840006", "bin-why-channel"),
                BinRow { restores: None, ..bin_row("1948840021", "bin-why-person") },
                bin_row("1948840022", "bin-why-by"),
            ],
            newer: None,
            older: None,
        }
    }
}

impl LogPage {
    /// Exchanges that went well and badly.
    pub fn sample(locale: &Locale) -> Self {
        Self {
            locale: locale.clone(),
            frame: frame("/log"),
            notice: None,
            chips: Vec::new(),
            offers: vec![
                ("log-wrong", "/log?only=wrong".to_owned()),
                ("log-missing", "/log?only=missing".to_owned()),
            ],
            rows: Outcome::ALL
                .iter()
                .zip(0_i64..)
                .map(|(outcome, n)| exchange(*outcome, n))
                .collect(),
            newer: None,
            older: Some("/log?after=01J9".to_owned()),
        }
    }
}

impl ErrorPage {
    /// A page that is not there.
    pub fn sample(locale: &Locale) -> Self {
        Self {
            locale: locale.clone(),
            status: 404,
            code: "page_not_found".to_owned(),
            reference: "req_01J9ZK4W".to_owned(),
            here: "/orders/ord_0".to_owned(),
        }
    }
}

pub(super) fn add(locale: &Locale, all: &mut Vec<Sample>) {
    let bin = BinPage::sample(locale);
    put(all, "bin", bin.clone());
    let done = Sentence::new("notice-done").with_name("act", Act::Restore);
    put(all, "bin-restored", BinPage { notice: Some(done), ..bin.clone() });
    put(all, "bin-empty", BinPage { rows: Vec::new(), ..bin.clone() });
    let chip =
        Chip { kind: "filter-query", value: "SRM-150".to_owned(), without: "/bin".to_owned() };
    let found = Filters { chips: vec![chip], ..filters() };
    put(all, "bin-nothing-found", BinPage { rows: Vec::new(), filters: found, ..bin });
    let log = LogPage::sample(locale);
    put(all, "log", log.clone());
    put(all, "log-empty", LogPage { rows: Vec::new(), older: None, ..log.clone() });
    let told = Some(Sentence::new("log-read-again"));
    put(all, "log-again", LogPage { notice: told, ..log.clone() });
    let chips = vec![Chip { kind: "log-wrong", value: String::new(), without: "/log".to_owned() }];
    let nothing = LogPage { rows: Vec::new(), older: None, chips, offers: Vec::new(), ..log };
    put(all, "log-nothing-found", nothing);
    for (name, status) in [
        ("error-400", 400),
        ("error-401", 401),
        ("error-403", 403),
        ("error-404", 404),
        ("error-405", 405),
        ("error-413", 413),
        ("error-429", 429),
        ("error-500", 500),
        ("error-503", 503),
        ("error-other", 418),
    ] {
        put(all, name, ErrorPage { status, ..ErrorPage::sample(locale) });
    }
}

fn bin_row(number: &str, why: &str) -> BinRow {
    let why = Sentence::new(why).with_name("actor", Actor::Buyer);
    let why = why.with("status", "15 Instant cancel by buyer").with("person", "Dewi Wulandari");
    BinRow {
        order: binned(number),
        why,
        note: "salah alamat".to_owned(),
        erased_at: Some(NOW + 88 * DAY),
        restores: Some(Sentence::new("act-does-restore").with("n", 3)),
        revision: NOW,
    }
}

fn exchange(outcome: Outcome, n: i64) -> LogRow {
    let order = row("1948827731");
    let well = matches!(outcome, Outcome::Accepted | Outcome::Repeated);
    LogRow {
        id: format!("msg_7KQ{n:02}"),
        at: NOW - n * 7 * MINUTE - 12 * SECOND,
        direction: if n % 2 == 0 { Direction::In } else { Direction::Out },
        channel: order.channel,
        shop: if outcome == Outcome::Unsigned { String::new() } else { order.shop },
        what: if n % 2 == 0 { "order_notification" } else { "GET /v2/order/list" }.to_owned(),
        outcome,
        http_status: (outcome != Outcome::Unknown).then_some(if well { 200 } else { 401 + n }),
        note: if well { String::new() } else { "retry after 30 s".to_owned() },
        attempt: 1 + n / 4,
        duration_ms: 140 + n * 613,
        order: well.then_some(((n % 3 != 0).then_some(order.id), order.number)),
        window: (n % 4 == 1).then_some((NOW - 3_600 * 1_000_000, NOW)),
        page: (n % 4 == 1 && well).then(|| "2".to_owned()),
        again: match outcome {
            Outcome::Malformed => Some("log-again-hear"),
            Outcome::Temporary | Outcome::Accepted => Some("log-again-read"),
            Outcome::Repeated
            | Outcome::AuthExpired
            | Outcome::AuthRefused
            | Outcome::ConsentNeeded
            | Outcome::RateLimited
            | Outcome::Unknown
            | Outcome::Rejected
            | Outcome::NotFound
            | Outcome::Unsigned
            | Outcome::Unsupported => None,
        },
        answer: (!well).then(|| format!("/log/exc_7KQ{n:02}/answer")),
    }
}
