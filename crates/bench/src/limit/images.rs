//! Row images: what a run wrote, by transaction.

use std::collections::{BTreeSet, HashMap, HashSet};

use anyhow::{Context as _, Result, bail};

use crate::ingest::orders;

/// One value of a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Cell {
    Null,
    Integer(i64),
    Truth(bool),
    Text(String),
    Bytes(Vec<u8>),
}

/// A table with its rows.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: String,
    /// Names of the columns, with their types as the database spells them.
    pub(super) columns: Vec<(String, String)>,
    /// The columns of the primary key.
    pub(super) key: Vec<String>,
    pub(super) rows: Vec<Vec<Cell>>,
}

impl Table {
    fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|(column, _)| column == name)
    }

    fn integer(&self, row: &[Cell], column: &str) -> Option<i64> {
        match row.get(self.column(column)?)? {
            Cell::Integer(value) => Some(*value),
            Cell::Null | Cell::Truth(_) | Cell::Text(_) | Cell::Bytes(_) => None,
        }
    }
}

/// The rows of one table in one transaction.
#[derive(Debug)]
pub(super) struct Part {
    /// The place of the table.
    pub(super) table: usize,
    pub(super) rows: Vec<Vec<Cell>>,
}

/// Everything a run wrote.
#[derive(Debug)]
pub(super) struct Images {
    pub(super) tables: Vec<Table>,
    /// Whether a table's rows are written by several transactions, so that the last one stands.
    pub(super) shared: Vec<bool>,
    /// The transactions.
    pub(super) groups: Vec<Vec<Part>>,
}

/// Puts every row into the transaction that wrote it. `before` are the tables of the ground.
pub(super) fn arrange(
    before: &[Table],
    mut after: Vec<Table>,
    size: u64,
    units: u64,
) -> Result<Images> {
    // Rows of other tables refer to orders.
    after.sort_by_key(|table| (table.name != "orders", table.name.clone()));
    let order_group = order_groups(&after, size)?;
    if u64::try_from(order_group.len())? != units {
        bail!("the run left {} orders and not {units}", order_group.len());
    }
    let count = usize::try_from(units.div_ceil(size))?;
    let touched = sku_groups(&after, &order_group);
    let mut groups: Vec<Vec<Part>> = (0..count).map(|_| Vec::new()).collect();
    let mut shared = Vec::new();
    for (place, table) in after.iter_mut().enumerate() {
        let known: HashSet<Vec<Cell>> = before
            .iter()
            .find(|old| old.name == table.name)
            .map(|old| old.rows.iter().cloned().collect())
            .unwrap_or_default();
        let mut several = false;
        let mut parts: Vec<Vec<Vec<Cell>>> = vec![Vec::new(); count];
        for row in std::mem::take(&mut table.rows) {
            if known.contains(&row) {
                continue;
            }
            let order = ["order_id", "subject_id"]
                .iter()
                .chain((table.name == "orders").then_some(&"id"))
                .find_map(|column| order_group.get(&table.integer(&row, column)?));
            if let Some(&group) = order {
                parts[group].push(row);
                continue;
            }
            several = true;
            let all: BTreeSet<usize>;
            let groups = match table.integer(&row, "sku_id").and_then(|sku| touched.get(&sku)) {
                Some(groups) => groups,
                None => {
                    all = (0..count).collect();
                    &all
                }
            };
            for &group in groups {
                parts[group].push(row.clone());
            }
        }
        shared.push(several);
        for (group, rows) in parts.into_iter().enumerate().filter(|(_, rows)| !rows.is_empty()) {
            groups[group].push(Part { table: place, rows });
        }
    }
    Ok(Images { tables: after, shared, groups })
}

/// The transaction of each order, by its id.
fn order_groups(tables: &[Table], size: u64) -> Result<HashMap<i64, usize>> {
    let table = tables.iter().find(|table| table.name == "orders").context("no table of orders")?;
    let number = table.column("channel_order_id").context("orders have no number")?;
    let mut groups = HashMap::new();
    for row in &table.rows {
        let id = table.integer(row, "id").context("an order has no id")?;
        let Cell::Text(number) = &row[number] else { bail!("an order's number is no text") };
        let place = orders::place(number).context("an order that the run did not place")?;
        groups.insert(id, usize::try_from(place / size)?);
    }
    Ok(groups)
}

/// The transactions in which each SKU moved.
fn sku_groups(tables: &[Table], orders: &HashMap<i64, usize>) -> HashMap<i64, BTreeSet<usize>> {
    let mut groups: HashMap<i64, BTreeSet<usize>> = HashMap::new();
    for table in tables.iter().filter(|table| table.name == "movement") {
        for row in &table.rows {
            let order = table.integer(row, "order_id").and_then(|order| orders.get(&order));
            if let (Some(sku), Some(&group)) = (table.integer(row, "sku_id"), order) {
                groups.entry(sku).or_default().insert(group);
            }
        }
    }
    groups
}

impl Images {
    /// The text that writes rows of a table, after `values`: the last writer stands where several
    /// transactions write a row.
    pub(super) fn conflict(&self, place: usize) -> String {
        let table = &self.tables[place];
        if !self.shared[place] {
            return String::new();
        }
        let set: Vec<String> = table
            .columns
            .iter()
            .filter(|(column, _)| !table.key.contains(column))
            .map(|(column, _)| format!("{column} = excluded.{column}"))
            .collect();
        format!(" ON CONFLICT ({}) DO UPDATE SET {}", table.key.join(", "), set.join(", "))
    }
}
