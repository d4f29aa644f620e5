//! Many rows as one parameter: the JSON array of arrays that `{rows ...}` reads.

use std::fmt::Write as _;

use super::value::{Value, without_nul};

/// Rows in the making, row by row and column by column in the order of the `{rows ...}` macro.
///
/// ```ignore
/// let mut rows = Rows::default();
/// rows.push(&[&order.id, &order.status, &order.seen_at]);
/// conn.execute(&UPSERT, &[org.into(), rows.into()]).await?;
/// ```
#[derive(Debug, Default)]
pub(crate) struct Rows {
    json: String,
    count: usize,
}

impl Rows {
    /// Room for `bytes` of JSON.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self { json: String::with_capacity(bytes), count: 0 }
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, cells: &[&dyn Cell]) {
        self.json.push_str(if self.count == 0 { "[[" } else { ",[" });
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                self.json.push(',');
            }
            cell.write(&mut self.json);
        }
        self.json.push(']');
        self.count += 1;
    }

    /// How many rows there are.
    pub(crate) const fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub(crate) const fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl From<Rows> for Value {
    fn from(rows: Rows) -> Self {
        let mut json = rows.json;
        json.push_str(if rows.count == 0 { "[]" } else { "]" });
        Self::Text(Some(json.into()))
    }
}

/// The companion parameter of `{rows $2+$3: ...}`: all blobs in one, cut out again by offset and
/// length. Cheaper than hexadecimal text where bodies are long.
#[derive(Debug, Default)]
pub(crate) struct Packed(Vec<u8>);

impl Packed {
    /// Adds bytes and gives the two cells that stand for them.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> PackedCell {
        let offset = self.0.len();
        self.0.extend_from_slice(bytes);
        PackedCell { offset, len: bytes.len() }
    }

    /// How many bytes there are.
    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }
}

impl From<Packed> for Value {
    fn from(packed: Packed) -> Self {
        Self::from(packed.0)
    }
}

/// Where bytes lie in a [`Packed`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct PackedCell {
    offset: usize,
    len: usize,
}

/// A value of one column, written as JSON.
pub(crate) trait Cell: Sync {
    /// Appends the JSON text.
    fn write(&self, json: &mut String);
}

fn write_display(value: impl std::fmt::Display, json: &mut String) {
    // Writing to a String cannot fail.
    if write!(json, "{value}").is_err() {
        json.push_str("null");
    }
}

macro_rules! display_cells {
    ($($kind:ty),*) => {$(
        impl Cell for $kind {
            fn write(&self, json: &mut String) {
                write_display(self, json);
            }
        }
    )*};
}
display_cells!(i64, i32, i16, u32, u16, u8, bool);

impl Cell for PackedCell {
    fn write(&self, json: &mut String) {
        write_display(format_args!("{},{}", self.offset, self.len), json);
    }
}

impl Cell for str {
    fn write(&self, json: &mut String) {
        match serde_json::to_string(without_nul(self).as_ref()) {
            Ok(text) => json.push_str(&text),
            Err(_) => json.push_str("null"),
        }
    }
}

impl Cell for String {
    fn write(&self, json: &mut String) {
        self.as_str().write(json);
    }
}

/// A JSON value, for a column of type `json`.
impl Cell for serde_json::Value {
    fn write(&self, json: &mut String) {
        write_display(self, json);
    }
}

/// Bytes as hexadecimal text, for `blob` columns of `{rows $2: ...}`.
impl Cell for [u8] {
    fn write(&self, json: &mut String) {
        json.push('"');
        json.push_str(&hex::encode(self));
        json.push('"');
    }
}

impl Cell for Vec<u8> {
    fn write(&self, json: &mut String) {
        self.as_slice().write(json);
    }
}

impl<const N: usize> Cell for [u8; N] {
    fn write(&self, json: &mut String) {
        self.as_slice().write(json);
    }
}

impl<T: Cell> Cell for Option<T> {
    fn write(&self, json: &mut String) {
        match self {
            Some(value) => value.write(json),
            None => json.push_str("null"),
        }
    }
}

impl<T: Cell + ?Sized> Cell for &T {
    fn write(&self, json: &mut String) {
        (**self).write(json);
    }
}
