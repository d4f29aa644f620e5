//! Bodies as channels write them, read without repeating what is in them.

use std::borrow::Cow;

use dermaga_channel::Error;
use serde::de::{Deserialize, Deserializer, Error as _};
use serde_json::value::RawValue;

/// The largest body that is read: 8 MiB, as large as an answer may be.
const BODY_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Reads a body.
///
/// # Errors
/// [`Error::Malformed`] with the name of the field. Never with its value: it may be a buyer's.
pub(crate) fn read<'a, T: Deserialize<'a>>(what: &str, body: &'a [u8]) -> Result<T, Error> {
    if body.len() > BODY_BYTES_MAX {
        return Err(Error::Malformed(format!("{what}: more than {BODY_BYTES_MAX} bytes")));
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| malformed(what, &error.path().to_string(), error.inner()))?;
    json.end().map_err(|error| malformed(what, ".", &error))?;
    Ok(value)
}

/// Reads a body that must be an object: the library would fill a struct from a list as well, field
/// by field.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_object<'a, T: Deserialize<'a>>(what: &str, body: &'a [u8]) -> Result<T, Error> {
    match body.trim_ascii_start().first() {
        Some(b'[') => Err(Error::Malformed(format!("{what}: a list, not an object"))),
        _ => read(what, body),
    }
}

/// What is wrong, and where. The library's own text is not used: it repeats values.
fn malformed(what: &str, path: &str, error: &serde_json::Error) -> Error {
    let wrong = match error.classify() {
        serde_json::error::Category::Syntax => "is not JSON".to_owned(),
        serde_json::error::Category::Eof => "is cut short".to_owned(),
        serde_json::error::Category::Io => "cannot be read".to_owned(),
        serde_json::error::Category::Data => missing_field(error)
            .map_or_else(|| "is not what it should be".to_owned(), |name| format!("lacks {name}")),
    };
    Error::Malformed(format!("{what}: {path} {wrong}"))
}

/// The name of the field that is not there; names are ours, never the sender's.
fn missing_field(error: &serde_json::Error) -> Option<String> {
    let text = error.to_string();
    let (name, _) = text.strip_prefix("missing field `")?.split_once('`')?;
    Some(name.to_owned())
}

/// The text of a scalar: digits of a number, or a decoded string. None for null.
pub(crate) fn scalar<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Cow<'de, str>>, D::Error> {
    let text = <&RawValue>::deserialize(from)?.get();
    match text.as_bytes().first() {
        Some(b'n') => Ok(None),
        Some(b'-' | b'0'..=b'9') => Ok(Some(Cow::Borrowed(text))),
        Some(b'"') => match text.get(1..text.len() - 1) {
            Some(plain) if !plain.contains('\\') => Ok(Some(Cow::Borrowed(plain.trim()))),
            _ => serde_json::from_str::<String>(text)
                .map(|decoded| Some(Cow::Owned(decoded.trim().to_owned())))
                .map_err(|_| D::Error::custom("not a text")),
        },
        _ => Err(D::Error::custom("neither a number nor a text")),
    }
}

/// A text; what else is a scalar is taken as its text, null as none. It may hold anything that people type.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Text(pub(crate) String);

impl Text {
    /// The text, unless it is blank.
    pub(crate) fn some(self) -> Option<String> {
        (!self.0.is_empty()).then_some(self.0)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self(scalar(from)?.unwrap_or_default().into_owned()))
    }
}

/// The longest status that is taken for one, in characters.
const STATUS_LENGTH_MAX: usize = 64;

/// A status of an order. Unknown ones are kept as they are; the flow says what they mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Status(pub(crate) String);

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = scalar(from)?.unwrap_or_default();
        if text.is_empty() || text.len() > STATUS_LENGTH_MAX {
            return Err(D::Error::custom("not a status"));
        }
        Ok(Self(text.into_owned()))
    }
}

/// A whole number, written as number or text: null and blank are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Count(pub(crate) i64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = scalar(from)?.unwrap_or_default();
        if text.is_empty() {
            return Ok(Self(0));
        }
        text.parse().map(Self).map_err(|_| D::Error::custom("not a whole number"))
    }
}
