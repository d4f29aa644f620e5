//! Planted secrets and buyer data, and the search for them in what a hub leaves behind.

use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use crate::Failure;

/// What is in every input of every test: what sandbox, testkit and benchmarks give out as buyers and
/// secrets begins, ends or stands like this and nothing else does.
pub const PLANTED: [&str; 16] = [
    "6281200000",
    "Jl. Contoh",
    "@pembeli.example",
    "Sari Contoh",
    "Budi Contoh",
    "Dewi Contoh",
    "Agus Contoh",
    "Rina Contoh",
    "Joko Contoh",
    "Maya Contoh",
    "Tono Contoh",
    "c:SBXTOKEN",
    "sandbox-secret-not-a-real-one",
    "webhook-secret-of-",
    "role-password-of-",
    "password-of-a-test",
];

/// Places that a search names at most.
const SHOWN_MAX: usize = 40;

/// The forms in which a text may lie about: as it is, inside JSON, in an address, in hexadecimal
/// digits, and in base64 at each of the three places where it can begin.
#[must_use]
pub fn forms(text: &str) -> Vec<String> {
    let mut forms = vec![text.to_owned(), serde_json::Value::from(text).to_string()];
    // Without the quotes.
    forms[1] = forms[1].trim_matches('"').to_owned();
    forms.push(escaped(text));
    forms.push(percent(text, "%20"));
    forms.push(percent(text, "+"));
    forms.push(percent(text, "%20").to_lowercase());
    forms.push(hex::encode(text));
    forms.push(hex::encode_upper(text));
    for skipped in 0..3_usize {
        // The bytes before it are not known, so that the digits they share with it are left out; so
        // are those that it shares with what follows.
        let padded = [vec![0; skipped], text.as_bytes().to_vec()].concat();
        let whole = padded.len() / 3 * 4;
        for engine in [&STANDARD, &URL_SAFE] {
            let encoded = engine.encode(&padded);
            forms.extend(encoded.get((skipped * 4).div_ceil(3)..whole).map(str::to_owned));
        }
    }
    forms.sort();
    forms.dedup();
    // A short one would be found by chance.
    forms.retain(|form| form.len() >= text.len().min(8));
    forms
}

/// Every character as JSON may write it.
fn escaped(text: &str) -> String {
    text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect()
}

fn percent(text: &str, space: &str) -> String {
    let encoded = |byte: u8| match byte {
        b' ' => space.to_owned(),
        b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encoded).collect()
}

/// Searches every file under a folder, whatever it is, for any form of any of the texts. Gives the
/// places, as `file:form`.
///
/// # Errors
/// When `grep` is not there or cannot read.
pub fn search<'a>(
    folder: &Path,
    texts: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<String>, Failure> {
    let patterns: Vec<String> = texts.into_iter().flat_map(forms).collect();
    let list = tempfile::NamedTempFile::new()?;
    std::fs::write(list.path(), patterns.join("\n"))?;
    let found = Command::new("grep")
        .env("LC_ALL", "C")
        .args(["-r", "-a", "-o", "-F", "-f"])
        .arg(list.path())
        .arg(".")
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()?;
    match found.status.code() {
        Some(0 | 1) => {}
        _ => return Err(String::from_utf8_lossy(&found.stderr).into_owned().into()),
    }
    let mut places: Vec<String> =
        String::from_utf8_lossy(&found.stdout).lines().map(str::to_owned).collect();
    places.sort();
    places.dedup();
    places.truncate(SHOWN_MAX);
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_planted_text_is_found_however_it_is_written() {
        let text = "Jl. Contoh 7/ä";
        let folder = tempfile::TempDir::new().unwrap();
        let written: [Vec<u8>; 9] = [
            text.as_bytes().to_vec(),
            serde_json::to_vec(&format!("x\n{text}")).unwrap(),
            b"\\u004a\\u006c\\u002e\\u0020\\u0043\\u006f\\u006e\\u0074\\u006f\\u0068\\u0020\\u0037\\u002f\\u00e4"
                .to_vec(),
            b"/orders?q=Jl.%20Contoh%207%2F%C3%A4".to_vec(),
            b"q=Jl.+Contoh+7%2F%C3%A4&".to_vec(),
            hex::encode(text).into_bytes(),
            STANDARD.encode(format!("{text} und so weiter")).into_bytes(),
            STANDARD.encode(format!("x{text}")).into_bytes(),
            URL_SAFE.encode(format!("xy{text}z")).into_bytes(),
        ];
        for (number, bytes) in written.iter().enumerate() {
            let among = [&[0, 255, 10], bytes.as_slice(), &[0, 0]].concat();
            std::fs::write(folder.path().join(number.to_string()), among).unwrap();
        }
        std::fs::write(folder.path().join("other"), "Jl. Contoh 8").unwrap();
        let places = search(folder.path(), [text]).unwrap();
        for number in 0..written.len() {
            let here = format!("./{number}:");
            assert!(places.iter().any(|place| place.starts_with(&here)), "{number}: {places:?}");
        }
        assert!(!places.iter().any(|place| place.starts_with("./other")), "{places:?}");
        assert_eq!(search(folder.path(), ["Jl. Lain 7/ä"]).unwrap(), Vec::<String>::new());
    }
}
