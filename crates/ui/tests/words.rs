//! Both languages say the same things, and nothing is asked for that neither says.

use std::collections::{BTreeMap, BTreeSet};

use dermaga_ui::{
    About, Act, Actor, Arg, Attention, Axis, Command, CommandState, Delivery, Direction, Document,
    DownloadOutcome, DownloadState, Ensure, FlowView, Holding, Incident, KeyScope, Keyed, Language,
    Light, Mode, MoneyPart, MovementKind, Outcome, Payment, Preset, PushOutcome, Restock, Role,
    Source, StockAct, Tab, Task, UserState, Verb, View, Vital, Words,
};

const SOURCES: [(Language, &str); 2] = [
    (Language::Indonesian, include_str!("../words/id.ftl")),
    (Language::English, include_str!("../words/en.ftl")),
];

/// Keys with the arguments each wants.
fn keys(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        if let Some((key, _)) = line.split_once(" = ").filter(|_| !line.starts_with(' ')) {
            key.clone_into(&mut current);
            assert!(keys.insert(current.clone(), BTreeSet::new()).is_none(), "{key} twice");
        }
        for part in line.split('$').skip(1) {
            let name: String = part.chars().take_while(char::is_ascii_alphanumeric).collect();
            keys.entry(current.clone()).or_default().insert(name);
        }
    }
    keys
}

#[test]
fn both_languages_have_the_same_keys_and_arguments() {
    let [(_, id), (_, en)] = SOURCES;
    let (id, en) = (keys(id), keys(en));
    assert!(id.len() > 400, "only {} keys were read", id.len());
    for (key, args) in &id {
        assert_eq!(en.get(key), Some(args), "{key}");
    }
    assert_eq!(id.len(), en.len());
}

#[test]
fn every_sentence_can_be_filled() {
    for (language, source) in SOURCES {
        let words = Words::of(language);
        assert!(words.faults().is_empty(), "{:?}", words.faults());
        for (key, names) in keys(source) {
            for n in [0, 1, 2, 1_234_567] {
                let args: Vec<(&str, Arg<'_>)> =
                    names.iter().map(|name| (name.as_str(), Arg::Number(n))).collect();
                let text = words.find(&key, &args);
                assert!(text.is_some_and(|text| !text.contains('{')), "{key}");
            }
        }
    }
}

#[test]
fn numbers_in_sentences_follow_the_language() {
    let args = [("n", Arg::Number(1_234))];
    assert_eq!(Words::of(Language::Indonesian).get("lines-units", &args), "1.234 unit");
    assert_eq!(Words::of(Language::English).get("lines-units", &args), "1,234 units");
    let one = [("n", Arg::Number(1))];
    assert_eq!(Words::of(Language::English).get("lines-units", &one), "1 unit");
    assert_eq!(Words::of(Language::English).get("no-such-key", &[]), "⟦no-such-key⟧");
    assert_eq!(Words::of(Language::English).get("lines-units", &[]), "⟦lines-units⟧");
}

fn of<T: Keyed>(values: &[T], endings: &[&str], all: &mut Vec<String>) {
    for value in values {
        all.extend(endings.iter().map(|ending| format!("{}{ending}", value.word_key())));
    }
}

fn domain_keys() -> Vec<String> {
    let mut all = Vec::new();
    of(Tab::ALL, &["", "-about"], &mut all);
    of(View::ALL, &["", "-about"], &mut all);
    of(Attention::ALL, &["", "-about"], &mut all);
    of(Verb::ALL, &["", "-about"], &mut all);
    of(MovementKind::ALL, &["", "-n"], &mut all);
    of(Document::ALL, &[""], &mut all);
    of(Delivery::ALL, &[""], &mut all);
    of(Payment::ALL, &[""], &mut all);
    of(Mode::ALL, &[""], &mut all);
    of(Source::ALL, &[""], &mut all);
    of(Ensure::ALL, &[""], &mut all);
    of(Actor::ALL, &[""], &mut all);
    of(About::ALL, &[""], &mut all);
    of(Preset::ALL, &[""], &mut all);
    of(Holding::ALL, &[""], &mut all);
    of(Act::ALL, &[""], &mut all);
    of(Command::ALL, &["", "-about"], &mut all);
    of(CommandState::ALL, &[""], &mut all);
    of(Direction::ALL, &[""], &mut all);
    of(DownloadOutcome::ALL, &[""], &mut all);
    of(Light::ALL, &[""], &mut all);
    of(PushOutcome::ALL, &[""], &mut all);
    of(Task::ALL, &["", "-about"], &mut all);
    of(Vital::ALL, &[""], &mut all);
    of(DownloadState::ALL, &[""], &mut all);
    of(Outcome::ALL, &[""], &mut all);
    of(MoneyPart::ALL, &[""], &mut all);
    of(Axis::ALL, &[""], &mut all);
    of(Restock::ALL, &[""], &mut all);
    of(FlowView::ALL, &[""], &mut all);
    of(Role::ALL, &["", "-about"], &mut all);
    of(KeyScope::ALL, &["", "-about"], &mut all);
    of(UserState::ALL, &[""], &mut all);
    of(Incident::ALL, &["", "-about"], &mut all);
    of(StockAct::ALL, &["", "-about"], &mut all);
    all.extend((1..=12).map(|month| format!("month-{month}")));
    all
}

#[test]
fn every_value_of_the_domain_has_its_words() {
    for (language, source) in SOURCES {
        let keys = keys(source);
        for key in domain_keys() {
            assert!(keys.contains_key(&key), "{} in {}", key, language.code());
        }
    }
    for tab in Tab::ALL {
        assert_eq!(Tab::from_key(tab.key()), Some(*tab));
    }
    assert_eq!(Tab::from_key("shipped"), None);
}

#[test]
fn tabs_are_called_as_in_seller_centres() {
    let words = Words::of(Language::Indonesian);
    let called: Vec<String> =
        View::ALL.iter().map(|view| words.get(view.word_key(), &[])).collect();
    assert_eq!(
        called,
        [
            "Semua",
            "Belum Dibayar",
            "Pesanan Baru",
            "Siap Dikirim",
            "Dalam Pengiriman",
            "Selesai",
            "Dibatalkan",
            "Dikomplain",
            "Gagal Kirim",
            "Perlu Tindakan",
        ]
    );
}

/// Keys that callers choose: sentences of an order and answers to a form.
const CHOSEN: [&str; 21] = [
    "explain-",
    "notice-",
    "act-does-",
    "login-error-",
    "attention-note-",
    "cancelled-",
    "filter-",
    "error-",
    "command-by-",
    "field-",
    "refusal-",
    "audit-",
    "access-error-",
    "limits-",
    "buyer-",
    "change-",
    "vital-",
    "download-what-",
    "row-",
    "bin-why-",
    "stock-wrong-",
];

#[test]
fn no_word_is_kept_that_nothing_shows() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut shown = String::new();
    for part in ["templates", "src", "src/pages", "../web/src/pages", "../web/src/pages/shops"] {
        for file in std::fs::read_dir(folder.join(part)).unwrap() {
            let path = file.unwrap().path();
            if path.is_file() {
                shown.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let domain: BTreeSet<String> = domain_keys().into_iter().collect();
    for key in keys(SOURCES[0].1).into_keys() {
        let chosen = CHOSEN.iter().any(|prefix| key.starts_with(prefix));
        let literal = shown.contains(&format!("\"{key}\""));
        assert!(chosen || literal || domain.contains(&key), "{key} is shown nowhere");
    }
}
