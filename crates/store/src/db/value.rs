//! Parameters of statements.

use std::borrow::Cow;
use std::sync::Arc;

/// One parameter. The null of each type is its own, because PostgreSQL wants to know the type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// A whole number, an id, a time, an amount.
    I64(Option<i64>),
    /// A text. NUL is replaced by U+FFFD: PostgreSQL cannot store it.
    Text(Option<Arc<str>>),
    /// Bytes.
    Blob(Option<Arc<[u8]>>),
    /// A flag.
    Bool(Option<bool>),
}

impl Value {
    /// Null where a whole number belongs.
    pub(crate) const NULL_I64: Self = Self::I64(None);
    /// Null where a text belongs.
    pub(crate) const NULL_TEXT: Self = Self::Text(None);
    /// Null where bytes belong.
    pub(crate) const NULL_BLOB: Self = Self::Blob(None);
    /// Null where a flag belongs.
    pub(crate) const NULL_BOOL: Self = Self::Bool(None);
}

/// The text without NUL, which only one of the two databases can store.
pub(crate) fn without_nul(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::I64(Some(value))
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::I64(Some(value.into()))
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::I64(Some(value.into()))
    }
}

impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        Self::I64(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(Some(value))
    }
}

impl From<Option<bool>> for Value {
    fn from(value: Option<bool>) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(without_nul(value).into()))
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Self::from(value.as_str())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        if value.contains('\0') {
            Self::from(value.as_str())
        } else {
            Self::Text(Some(value.into()))
        }
    }
}

impl From<Option<&str>> for Value {
    fn from(value: Option<&str>) -> Self {
        value.map_or(Self::NULL_TEXT, Self::from)
    }
}

impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        value.map_or(Self::NULL_TEXT, Self::from)
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Blob(Some(value.into()))
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::from(value.to_vec())
    }
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(value: [u8; N]) -> Self {
        Self::from(value.to_vec())
    }
}

impl From<Option<Vec<u8>>> for Value {
    fn from(value: Option<Vec<u8>>) -> Self {
        value.map_or(Self::NULL_BLOB, Self::from)
    }
}
