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

/// A line that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// The line in the file.
    pub line: u64,
    /// What is wrong and what to write instead.
    pub reason: String,
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
            file.errors.push(RowError { line: 1, reason: error.to_string() });
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
            Err(error) => file.errors.push(RowError { line, reason: error.to_string() }),
        }
    }
}

fn places(header: &::csv::StringRecord) -> Result<[usize; 4], String> {
    let mut places = [0; 4];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        *place =
            header.iter().position(|name| name.eq_ignore_ascii_case(column)).ok_or_else(|| {
                format!(
                    "the first line has no column {column:?}; it must name {}",
                    COLUMNS.join(", ")
                )
            })?;
    }
    Ok(places)
}

fn row(line: u64, record: &::csv::StringRecord, places: [usize; 4]) -> Result<OpeningRow, String> {
    let [sku, name, warehouse, quantity] =
        places.map(|place| record.get(place).unwrap_or_default().to_owned());
    for (column, cell) in [("sku", &sku), ("warehouse", &warehouse), ("quantity", &quantity)] {
        if cell.is_empty() {
            return Err(format!("the column {column:?} is empty"));
        }
    }
    let digits = quantity.bytes().all(|byte| byte.is_ascii_digit());
    let quantity = quantity.parse().ok().filter(|_| digits).ok_or_else(|| {
        format!("{quantity:?} is not a number of units; write digits only, such as 12")
    })?;
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
        assert!(file.errors[1].reason.contains("1.000"), "{}", file.errors[1].reason);
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
        assert!(file.errors[0].reason.contains("sku, name, warehouse, quantity"));
    }
}
