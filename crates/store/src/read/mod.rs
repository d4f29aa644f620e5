//! Reading: what pages, API and command line show. One file per subject; nothing here writes.
//!
//! Every list is paged by key, newest first where time matters, so that a deep page costs no more
//! than the first.

mod attention;
pub mod bin;
pub mod case;
mod census;
pub mod detail;
pub mod doctor;
pub mod exchanges;
pub mod feed;
pub mod flows;
pub mod health;
pub mod incidents;
mod kept;
pub mod ledger;
pub mod listed;
pub mod orders;
mod parts;
pub mod shelf;
pub mod stock;

use dermaga_domain::id::{OrgId, ShopId, WarehouseId};

/// Accounts have a place of their own; this is the name by which readers know it.
pub use crate::access as accounts;
pub use parts::{Document, Holding, Line};

use crate::db::Rows;

/// Who reads: an org, and the shops and warehouses of it that they may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The org.
    pub org: OrgId,
    /// The shops; none = every shop of the org.
    pub shops: Option<Vec<ShopId>>,
    /// The warehouses; none = every warehouse of the org.
    pub warehouses: Option<Vec<WarehouseId>>,
}

impl Scope {
    /// Everything of an org.
    #[must_use]
    pub const fn all(org: OrgId) -> Self {
        Self { org, shops: None, warehouses: None }
    }

    /// Whether they may see everything of the org.
    #[must_use]
    pub const fn is_all(&self) -> bool {
        self.shops.is_none() && self.warehouses.is_none()
    }

    /// Whether they may see a warehouse.
    #[must_use]
    pub fn sees_warehouse(&self, warehouse: WarehouseId) -> bool {
        self.warehouses.as_ref().is_none_or(|warehouses| warehouses.contains(&warehouse))
    }

    /// The shops as a parameter, with whether all are meant.
    pub(crate) fn shop_values(&self) -> (crate::db::Value, crate::db::Value) {
        let ids = self.shops.iter().flatten().map(|shop| shop.0);
        (id_rows(ids).into(), self.shops.is_none().into())
    }

    /// The warehouses as a parameter, with whether all are meant.
    pub(crate) fn warehouse_values(&self) -> (crate::db::Value, crate::db::Value) {
        let ids = self.warehouses.iter().flatten().map(|warehouse| warehouse.0);
        (id_rows(ids).into(), self.warehouses.is_none().into())
    }

    /// Whether they may see a shop.
    #[must_use]
    pub fn sees(&self, shop: ShopId) -> bool {
        self.shops.as_ref().is_none_or(|shops| shops.contains(&shop))
    }
}

/// A document's number as people read it: `SO-000123`, `INV-000123`, `DLV-000123`, `PAY-000123`.
#[must_use]
pub fn document_number(kind: &str, number: i64) -> String {
    let series = match kind {
        "sales_order" => "SO",
        "invoice" => "INV",
        "delivery" => "DLV",
        "payment" => "PAY",
        _ => "DOC",
    };
    format!("{series}-{number:06}")
}

/// Ids as rows of one column.
pub(crate) fn id_rows(ids: impl IntoIterator<Item = i64>) -> Rows {
    let mut rows = Rows::default();
    for id in ids {
        rows.push(&[&id]);
    }
    rows
}

/// Every statement that reads.
#[cfg(test)]
pub(crate) fn statements() -> Vec<&'static crate::db::Statement> {
    [
        attention::STATEMENTS,
        bin::STATEMENTS,
        case::STATEMENTS,
        detail::STATEMENTS,
        doctor::STATEMENTS,
        exchanges::STATEMENTS,
        feed::STATEMENTS,
        flows::STATEMENTS,
        health::STATEMENTS,
        incidents::STATEMENTS,
        kept::STATEMENTS,
        ledger::STATEMENTS,
        listed::STATEMENTS,
        orders::list::STATEMENTS,
        parts::STATEMENTS,
        shelf::STATEMENTS,
        stock::STATEMENTS,
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::document_number;

    #[test]
    fn a_number_tells_its_series() {
        assert_eq!(document_number("sales_order", 123), "SO-000123");
        assert_eq!(document_number("invoice", 1_234_567), "INV-1234567");
        assert_eq!(document_number("delivery", 1), "DLV-000001");
        assert_eq!(document_number("payment", 9), "PAY-000009");
    }
}
