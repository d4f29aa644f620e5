//! How one reader sees numbers, money and time: language, time zone and the moment of the page.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::keys::Keyed;
use crate::sentence::{Sentence, Value};
use crate::words::{Arg, Language, Words};

/// Time in microseconds since 1970 in UTC, as everywhere in the hub.
pub type Micros = i64;

/// The time zones that are offered where a person sets one.
pub const ZONES: [&str; 3] = ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"];

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// From here on a deadline is shown as near.
const SOON: i64 = 2 * HOUR;

/// An amount in the currency's minor units; IDR has none, so 1 is one rupiah.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// Minor units.
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: String,
}

impl Money {
    /// Whole rupiah.
    pub fn rupiah(amount: i64) -> Self {
        Self { amount, currency: "IDR".to_owned() }
    }
}

/// A whole number, behind as many references as a template puts before it.
pub trait Whole {
    /// The number itself.
    fn whole(&self) -> i64;
}

impl Whole for i64 {
    fn whole(&self) -> i64 {
        *self
    }
}

impl<T: Whole + ?Sized> Whole for &T {
    fn whole(&self) -> i64 {
        (**self).whole()
    }
}

/// Money, behind as many references as a template puts before it.
pub trait Amount {
    /// The money itself.
    fn amount(&self) -> &Money;
}

impl Amount for Money {
    fn amount(&self) -> &Money {
        self
    }
}

impl<T: Amount + ?Sized> Amount for &T {
    fn amount(&self) -> &Money {
        (**self).amount()
    }
}

/// How near a deadline is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Countdown {
    /// `late`, `soon` or empty, for the stylesheet.
    pub class: &'static str,
    /// The sign beside the words; empty when there is time.
    pub icon: &'static str,
    /// The words: `Lewat 2 j 15 m`, `55 menit`.
    pub text: String,
}

/// Language, zone and the moment of the page.
#[derive(Debug, Clone)]
pub struct Locale {
    /// The reader's language.
    pub language: Language,
    /// The shop's (or the org's) zone: it decides what day it is.
    pub zone: TimeZone,
    /// When the page was made.
    pub now: Micros,
}

impl Locale {
    /// The words of the language.
    pub fn words(&self) -> &'static Words {
        Words::of(self.language)
    }

    /// The word under a key.
    pub fn word(&self, key: impl AsRef<str>) -> String {
        self.words().get(key.as_ref(), &[])
    }

    /// The word of a value of the domain.
    pub fn name(&self, value: impl Keyed) -> String {
        self.word(value.word_key())
    }

    /// The one-line explanation of a value, under its key with `-about`.
    pub fn about(&self, value: impl Keyed) -> String {
        self.word(format!("{}-about", value.word_key()))
    }

    /// The sentence under a key with `n` filled in.
    pub fn count(&self, key: &str, n: impl Whole) -> String {
        self.words().get(key, &[("n", Arg::Number(n.whole()))])
    }

    /// The sentence under a value's key with `-n`, with `n` filled in: `3 unit dialokasikan`.
    pub fn count_of(&self, value: impl Keyed, n: impl Whole) -> String {
        self.count(&format!("{}-n", value.word_key()), n)
    }

    /// The sentence under a key with one named text filled in.
    pub fn with(&self, key: &str, name: &str, text: impl AsRef<str>) -> String {
        self.words().get(key, &[(name, Arg::from(text.as_ref()))])
    }

    /// A sentence whose arguments were chosen elsewhere.
    pub fn say(&self, sentence: &Sentence) -> String {
        let args: Vec<(&str, Arg<'_>)> =
            sentence.args.iter().map(|(name, value)| (*name, self.arg(value))).collect();
        self.words().get(&sentence.key, &args)
    }

    fn arg<'a>(&self, value: &'a Value) -> Arg<'a> {
        match value {
            Value::Text(text) => Arg::from(text.as_str()),
            Value::Number(number) => Arg::Number(*number),
            Value::Time(at) => Arg::from(self.short(at)),
            Value::Span(span) => Arg::from(self.span(*span)),
            Value::Ago(at) => Arg::from(self.ago(at)),
            Value::Money(money) => Arg::from(self.money(money)),
            Value::Word(key) => Arg::from(self.word(key)),
            Value::Words(keys) => {
                let words: Vec<String> = keys.iter().map(|key| self.word(key)).collect();
                Arg::from(words.join(", "))
            }
        }
    }

    /// `1.234` in Indonesian, `1,234` in English.
    pub fn number(&self, number: impl Whole) -> String {
        group_digits(&number.whole().to_string(), self.thousands())
    }

    /// A change: `+3`, `−2`, `0`.
    pub fn signed(&self, number: impl Whole) -> String {
        let sign = if number.whole() > 0 { "+" } else { "" };
        format!("{sign}{}", self.number(number))
    }

    /// `Rp1.234.567`; a minus sign goes before the currency.
    pub fn money(&self, money: impl Amount) -> String {
        let money = money.amount();
        let exponent = exponent(&money.currency);
        let digits = format!("{:0>width$}", money.amount.unsigned_abs(), width = exponent + 1);
        let (whole, part) = digits.split_at(digits.len().saturating_sub(exponent));
        let sign = if money.amount < 0 { "−" } else { "" };
        let symbol =
            if money.currency == "IDR" { "Rp".to_owned() } else { format!("{} ", money.currency) };
        let point = match (part.is_empty(), self.language) {
            (true, _) => "",
            (false, Language::Indonesian) => ",",
            (false, Language::English) => ".",
        };
        format!("{sign}{symbol}{}{point}{part}", group_digits(whole, self.thousands()))
    }

    /// `21 Nov 2026 14.05 WIB`.
    pub fn time(&self, at: impl Whole) -> String {
        let at = self.zoned(at.whole());
        format!("{} {} {}", self.date(&at), self.clock(&at), at.strftime("%Z"))
    }

    /// `21 Nov 14.05`; with the year when it is another.
    pub fn short(&self, at: impl Whole) -> String {
        let at = self.zoned(at.whole());
        if at.year() == self.zoned(self.now).year() {
            format!("{} {} {}", at.day(), self.month(&at), self.clock(&at))
        } else {
            format!("{} {}", self.date(&at), self.clock(&at))
        }
    }

    /// `Hari ini 14.05`, `Besok 11.00`, else as [`Locale::short`].
    pub fn near(&self, at: impl Whole) -> String {
        let at = at.whole();
        match self.day_word(at) {
            Some(word) => format!("{word} {}", self.clock(&self.zoned(at))),
            None => self.short(at),
        }
    }

    /// `Hari ini, 21 Nov 2026`.
    pub fn day(&self, at: impl Whole) -> String {
        let at = at.whole();
        let date = self.date(&self.zoned(at));
        match self.day_word(at) {
            Some(word) => format!("{word}, {date}"),
            None => date,
        }
    }

    /// `09.58.30`.
    pub fn seconds(&self, at: impl Whole) -> String {
        let at = self.zoned(at.whole());
        match self.language {
            Language::Indonesian => at.strftime("%H.%M.%S").to_string(),
            Language::English => at.strftime("%H:%M:%S").to_string(),
        }
    }

    /// For the `datetime` attribute: `2026-11-21T14:05:00+07:00`.
    pub fn machine(&self, at: impl Whole) -> String {
        self.zoned(at.whole()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    /// How long something took: `12 ms`, from a second on `1,6 dtk`.
    pub fn duration(&self, ms: impl Whole) -> String {
        let ms = ms.whole();
        if ms < 1000 {
            return format!("{ms} ms");
        }
        let point = if self.language == Language::Indonesian { ',' } else { '.' };
        let text = format!("{}{point}{}", ms / 1000, (ms % 1000) / 100);
        self.with("seconds", "s", text)
    }

    /// How long ago: `18 menit lalu`.
    pub fn ago(&self, at: impl Whole) -> String {
        let past = self.now.saturating_sub(at.whole()).max(0);
        if past < MINUTE {
            self.word("ago-now")
        } else if past < HOUR {
            self.count("ago-minutes", past / MINUTE)
        } else if past < DAY {
            self.count("ago-hours", past / HOUR)
        } else {
            self.count("ago-days", past / DAY)
        }
    }

    /// What is left until a deadline.
    pub fn left(&self, due: impl Whole) -> Countdown {
        let left = due.whole().saturating_sub(self.now);
        if left < 0 {
            let text = self.with("due-late", "span", self.span(-left));
            return Countdown { class: "late", icon: "late", text };
        }
        let text = self.span(left);
        if left < SOON {
            return Countdown { class: "soon", icon: "clock", text };
        }
        Countdown { class: "", icon: "", text }
    }

    /// `kurang dari semenit`, `55 menit`, `1 j 25 m`, `21 jam`, `3 hari`.
    fn span(&self, span: i64) -> String {
        if span < MINUTE {
            return self.word("span-moment");
        }
        if span < HOUR {
            return self.count("span-minutes", span / MINUTE);
        }
        if span >= 3 * DAY {
            return self.count("span-days", span / DAY);
        }
        let (hours, minutes) = (span / HOUR, (span % HOUR) / MINUTE);
        if hours >= 12 || minutes == 0 {
            return self.count("span-hours", hours);
        }
        self.words().get("span-mixed", &[("h", hours.into()), ("m", minutes.into())])
    }

    fn zoned(&self, at: Micros) -> Zoned {
        Timestamp::from_microsecond(at).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(self.zone.clone())
    }

    fn day_word(&self, at: Micros) -> Option<String> {
        let (day, today) = (self.zoned(at).date(), self.zoned(self.now).date());
        let key = if day == today {
            "day-today"
        } else if Some(day) == today.yesterday().ok() {
            "day-yesterday"
        } else if Some(day) == today.tomorrow().ok() {
            "day-tomorrow"
        } else {
            return None;
        };
        Some(self.word(key))
    }

    fn date(&self, at: &Zoned) -> String {
        format!("{} {} {}", at.day(), self.month(at), at.year())
    }

    fn month(&self, at: &Zoned) -> String {
        self.word(format!("month-{}", at.month()))
    }

    fn clock(&self, at: &Zoned) -> String {
        match self.language {
            Language::Indonesian => at.strftime("%H.%M").to_string(),
            Language::English => at.strftime("%H:%M").to_string(),
        }
    }

    fn thousands(&self) -> char {
        if self.language == Language::Indonesian { '.' } else { ',' }
    }
}

/// Digits behind the point of a currency; the rupiah is kept whole.
fn exponent(currency: &str) -> usize {
    match currency {
        "IDR" | "JPY" | "KRW" | "VND" => 0,
        _ => 2,
    }
}

/// Groups the digits of a whole number by thousands; a minus sign becomes a true one.
pub(crate) fn group_digits(number: &str, separator: char) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |rest| ("−", rest));
    let mut text = String::from(sign);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locale(language: Language) -> Locale {
        Locale {
            language,
            zone: TimeZone::get("Asia/Jakarta").unwrap(),
            // 21 Nov 2026 14.05 in Jakarta
            now: 1_795_244_700 * SECOND,
        }
    }

    #[test]
    fn money_and_numbers_follow_the_language() {
        let (id, en) = (locale(Language::Indonesian), locale(Language::English));
        assert_eq!(id.money(Money::rupiah(1_234_567)), "Rp1.234.567");
        assert_eq!(en.money(Money::rupiah(-10_000)), "−Rp10,000");
        assert_eq!(id.money(Money { amount: 5, currency: "USD".to_owned() }), "USD 0,05");
        assert_eq!(en.money(Money { amount: 123_456, currency: "USD".to_owned() }), "USD 1,234.56");
        assert_eq!(id.number(10_391), "10.391");
        assert_eq!(en.number(-999), "−999");
    }

    #[test]
    fn times_are_told_in_the_shops_zone() {
        let (id, en) = (locale(Language::Indonesian), locale(Language::English));
        assert_eq!(id.time(id.now), "21 Nov 2026 14.05 WIB");
        assert_eq!(en.time(en.now), "21 Nov 2026 14:05 WIB");
        assert_eq!(id.near(id.now + 3 * HOUR), "Hari ini 17.05");
        assert_eq!(id.near(id.now + DAY), "Besok 14.05");
        assert_eq!(id.day(id.now - DAY), "Kemarin, 20 Nov 2026");
        assert_eq!(en.short(en.now - 400 * DAY), "17 Oct 2025 14:05");
        assert_eq!(id.machine(id.now), "2026-11-21T14:05:00+07:00");
    }

    #[test]
    fn a_deadline_is_neutral_then_near_then_late() {
        let id = locale(Language::Indonesian);
        let told = |left: i64| {
            let left = id.left(id.now + left);
            (left.class, left.text)
        };
        assert_eq!(told(-(2 * HOUR + 15 * MINUTE)), ("late", "Lewat 2 j 15 m".to_owned()));
        assert_eq!(told(-30 * SECOND), ("late", "Lewat kurang dari semenit".to_owned()));
        assert_eq!(told(MINUTE - 1), ("soon", "kurang dari semenit".to_owned()));
        assert_eq!(told(MINUTE), ("soon", "1 menit".to_owned()));
        assert_eq!(told(55 * MINUTE), ("soon", "55 menit".to_owned()));
        assert_eq!(told(2 * HOUR + 55 * MINUTE), ("", "2 j 55 m".to_owned()));
        assert_eq!(told(21 * HOUR + MINUTE), ("", "21 jam".to_owned()));
        assert_eq!(told(4 * DAY), ("", "4 hari".to_owned()));
        let en = locale(Language::English);
        assert_eq!(en.left(en.now + 20 * SECOND).text, "less than a minute");
    }
}
