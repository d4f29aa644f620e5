//! The opening stock as people bring it: a CSV file.

/// The columns, by their names in the first line; in any order.
const COLUMNS: [&str; 4] = ["sku", "name", "warehouse", "quantity"];

/// One line of opening stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpeningRow {
    /// The line in the file, the header being line 1.
    pub line: u64,
    /// The SKU's code.
    pub sku: String,
    /// What people call it; only used when the SKU is new.
    pub name: String,
    /// The warehouse's name.
    pub warehouse: String,
    /// Units on the shelf.
    pub quantity: i64,
}

impl OpeningRow {
    /// SKU and warehouse as they stand there, without space around.
    pub(super) fn named(&self) -> (String, String) {
        (self.sku.trim().to_owned(), self.warehouse.trim().to_owned())
    }
}

/// Why a line of opening stock cannot be used, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowTrouble {
    /// The first line does not name a column.
    #[error("the first line has no column {column:?}; it must name {}", COLUMNS.join(", "))]
    NoColumn {
        /// The column.
        column: &'static str,
    },
    /// The line is no CSV.
    #[error("{why}")]
    Unreadable {
        /// What the reader says.
        why: String,
    },
    /// A cell is empty.
    #[error("the column {column:?} is empty")]
    Empty {
        /// Its column.
        column: &'static str,
    },
    /// The quantity is no number of units.
    #[error("{found:?} is not a number of units; write digits only, such as 12")]
    NotUnits {
        /// What stands there.
        found: String,
    },
    /// There is no such warehouse.
    #[error("there is no warehouse {name:?}; there are: {there}")]
    NoWarehouse {
        /// What stands there.
        name: String,
        /// The names that there are.
        there: String,
    },
    /// A bundle has no stock of its own.
    #[error("{sku} is a bundle: it has no stock of its own")]
    Bundle {
        /// Its code.
        sku: String,
    },
    /// A line before is about the same SKU and warehouse.
    #[error("{sku} in {warehouse} stands in the file twice")]
    Twice {
        /// The SKU's code.
        sku: String,
        /// The warehouse's name.
        warehouse: String,
    },
    /// There is opening stock already.
    #[error("{sku} in {warehouse} was opened before; write a count instead")]
    OpenedBefore {
        /// The SKU's code.
        sku: String,
        /// The warehouse's name.
        warehouse: String,
    },
    /// The SKU could not be made.
    #[error("there is no SKU {sku}")]
    NoSku {
        /// Its code.
        sku: String,
    },
}

/// A line that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// The line in the file.
    pub line: u64,
    /// What is wrong and what to write instead.
    pub reason: RowTrouble,
}

/// A file as far as it can be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OpeningFile {
    /// The lines that can be used.
    pub rows: Vec<OpeningRow>,
    /// The others.
    pub errors: Vec<RowError>,
}

/// Reads opening stock. Comma or semicolon, whichever the first line uses.
#[must_use]
pub fn parse_opening(text: &str) -> OpeningFile {
    let mut file = OpeningFile::default();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.lines().next().unwrap_or_default();
    let delimiter = if first.contains(';') && !first.contains(',') { b';' } else { b',' };
    let mut reader = ::csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .trim(::csv::Trim::All)
        .from_reader(text.as_bytes());
    let places = match reader.headers().map(places) {
        Ok(Ok(places)) => places,
        Ok(Err(reason)) => {
            file.errors.push(RowError { line: 1, reason });
            return file;
        }
        Err(error) => {
            file.errors.push(RowError { line: 1, reason: unreadable(&error) });
            return file;
        }
    };
    let mut record = ::csv::StringRecord::new();
    loop {
        let line = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(false) => return file,
            Ok(true) => {
                let line = record.position().map_or(line, ::csv::Position::line);
                match row(line, &record, places) {
                    Ok(row) => file.rows.push(row),
                    Err(reason) => file.errors.push(RowError { line, reason }),
                }
            }
            Err(error) => file.errors.push(RowError { line, reason: unreadable(&error) }),
        }
    }
}

fn unreadable(error: &::csv::Error) -> RowTrouble {
    RowTrouble::Unreadable { why: error.to_string() }
}

fn places(header: &::csv::StringRecord) -> Result<[usize; 4], RowTrouble> {
    let mut places = [0; 4];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        let found = header.iter().position(|name| name.eq_ignore_ascii_case(column));
        *place = found.ok_or(RowTrouble::NoColumn { column })?;
    }
    Ok(places)
}

fn row(
    line: u64,
    record: &::csv::StringRecord,
    places: [usize; 4],
) -> Result<OpeningRow, RowTrouble> {
    let [sku, name, warehouse, quantity] =
        places.map(|place| record.get(place).unwrap_or_default().to_owned());
    for (column, cell) in [("sku", &sku), ("warehouse", &warehouse), ("quantity", &quantity)] {
        if cell.is_empty() {
            return Err(RowTrouble::Empty { column });
        }
    }
    let digits = quantity.bytes().all(|byte| byte.is_ascii_digit());
    let Some(quantity) = quantity.parse().ok().filter(|_| digits) else {
        return Err(RowTrouble::NotUnits { found: quantity });
    };
    Ok(OpeningRow { line, sku, name, warehouse, quantity })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_rows_and_names_the_lines_that_are_wrong() {
        let file = parse_opening(
            "\u{feff}SKU,name,warehouse,quantity\nGAYO,\"Kopi, Gayo\",Bandung,12\n,Teh,Bandung,1\n\
             TEH,Teh,Bandung,1.000\nTEH,Teh\nTEH,Teh,Bandung,-1\nTEH,Teh,Bandung, 3 \n",
        );
        let row = |line, sku: &str, name: &str, quantity| OpeningRow {
            line,
            sku: sku.to_owned(),
            name: name.to_owned(),
            warehouse: "Bandung".to_owned(),
            quantity,
        };
        assert_eq!(file.rows, [row(2, "GAYO", "Kopi, Gayo", 12), row(7, "TEH", "Teh", 3)]);
        let lines: Vec<u64> = file.errors.iter().map(|error| error.line).collect();
        assert_eq!(lines, [3, 4, 5, 6]);
        assert!(file.errors[1].reason.to_string().contains("1.000"), "{}", file.errors[1].reason);
    }

    #[test]
    fn semicolons_and_other_orders_of_columns_are_read() {
        let file = parse_opening("quantity;warehouse;name;sku\n5;Jakarta;Teh;TEH\n");
        assert_eq!((file.rows.len(), file.errors.len()), (1, 0));
        assert_eq!((file.rows[0].sku.as_str(), file.rows[0].quantity), ("TEH", 5));
    }

    #[test]
    fn a_file_without_the_columns_is_refused_with_their_names() {
        let file = parse_opening("code,stock\nGAYO,1\n");
        assert!(file.rows.is_empty());
        assert_eq!(file.errors.len(), 1);
        assert!(file.errors[0].reason.to_string().contains("sku, name, warehouse, quantity"));
    }
}
