//! Reasons that people give for what happens to an order.

use std::sync::Arc;

use dermaga_domain::order::Buyer;

/// The longest reason that is kept, in characters.
const LENGTH_MAX: usize = 200;
/// Digits of a reason before they may be somebody's number.
const DIGITS_MAX: usize = 4;
/// Shorter words are nobody's name.
const NAME_LENGTH_MIN: usize = 3;
/// Words of an address.
const ADDRESS_WORDS: [&str; 9] =
    ["jl", "jln", "jalan", "gg", "gang", "rt", "rw", "blok", "kelurahan"];

/// The reason as it may stand beside a fact, which is kept in clear and outlives the buyer's data.
///
/// People write what they like. So words that may lead to a person are left out whole: a number of
/// five digits or more, an e-mail address, words of an address, or a word of the buyer's own name,
/// street or note. The message that says them is kept, sealed, like every message.
#[must_use]
pub fn reason_in_clear(words: &str, buyer: Option<&Buyer>) -> Option<Arc<str>> {
    let words: String = words.chars().take(LENGTH_MAX).collect();
    let digits = words.chars().filter(char::is_ascii_digit).count();
    let personal = digits > DIGITS_MAX
        || words.contains('@')
        || parts(&words).any(|word| ADDRESS_WORDS.contains(&word.as_str()))
        || buyer.is_some_and(|buyer| tells_of(&words, buyer));
    (!words.is_empty() && !personal).then(|| Arc::from(words))
}

fn tells_of(words: &str, buyer: &Buyer) -> bool {
    let known: Vec<String> = [&buyer.name, &buyer.address, &buyer.note]
        .into_iter()
        .flat_map(|text| parts(text))
        .filter(|word| word.chars().count() >= NAME_LENGTH_MIN)
        .collect();
    parts(words).any(|word| known.contains(&word))
}

/// The words of a text, in small letters.
fn parts(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_that_tells_of_a_person_is_left_out() {
        let buyer = Buyer {
            name: "Sari Contoh".to_owned(),
            address: "Komplek Melati 1".to_owned(),
            ..Buyer::default()
        };
        let kept = |words: &str| reason_in_clear(words, Some(&buyer)).is_some();
        for words in ["Barang rusak", "dikemas hari ini", "AWB 1234 salah", "ganti jalur"] {
            assert!(kept(words), "{words}");
        }
        for words in [
            "",
            "hubungi 0812-0000-0001",
            "ke sari@contoh",
            "kirim ke Jl. Mawar 7",
            "penerima SARI, bukan Budi",
            "pagar hijau, melati",
        ] {
            assert!(!kept(words), "{words}");
        }
        assert_eq!(
            reason_in_clear(&"a".repeat(300), None).map(|kept| kept.len()),
            Some(LENGTH_MAX)
        );
    }
}
