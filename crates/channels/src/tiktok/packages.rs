//! The lines of an order and its parcels: rows of one unit each, grouped.

use std::collections::BTreeMap;
use std::sync::Arc;

use dermaga_channel::Error;
use dermaga_domain::money::{Currency, Minor};
use dermaga_domain::order::{Line, LineKey, Package, PackageKey};
use serde::Deserialize;

use super::money::too_large;
use super::wire::{Amount, Id, Text};

/// The word of a cancelled row, and how pushes spell it.
pub(super) const CANCELLED: [&str; 2] = ["CANCELLED", "CANCEL"];

/// One unit of the order.
#[derive(Deserialize, Clone, Default)]
#[serde(default)]
pub(super) struct Row {
    product_id: Id,
    sku_id: Id,
    seller_sku: Text,
    product_name: Text,
    sku_name: Text,
    /// Before any discount.
    original_price: Option<Amount>,
    sale_price: Amount,
    pub(super) display_status: Text,
    pub(super) package_id: Id,
    pub(super) package_status: Text,
    shipping_provider_name: Text,
    tracking_number: Text,
}

/// The name of a SKU, the same in orders and in listings: it is told its stock under its product, so that
/// it is named by both.
pub(super) fn sku_name(product: &Id, sku: &Id) -> Option<String> {
    match (&product.0, &sku.0) {
        (Some(product), Some(sku)) => Some(format!("{product}-{sku}")),
        (_, Some(one)) | (Some(one), None) => Some(one.clone()),
        (None, None) => None,
    }
}

impl Row {
    fn is_cancelled(&self) -> bool {
        CANCELLED.contains(&self.display_status.0.as_str())
    }

    fn price(&self, currency: Currency) -> Result<Minor, Error> {
        self.original_price.unwrap_or(self.sale_price).minor(currency).ok_or_else(too_large)
    }

    /// Rows of one SKU and price are one line. A price that the channel does not show is one too.
    fn key(&self, currency: Currency) -> Result<LineKey, Error> {
        let name = sku_name(&self.product_id, &self.sku_id)
            .ok_or_else(|| Error::Malformed("a line without product and SKU".to_owned()))?;
        Ok(LineKey(Arc::from(format!("{name}@{}", self.price(currency)?))))
    }

    fn line(&self, currency: Currency) -> Result<Line, Error> {
        let named = |text: &Text| text.0.clone();
        let (product, sku) = (named(&self.product_name), named(&self.sku_name));
        Ok(Line {
            key: self.key(currency)?,
            channel_product_id: sku_name(&self.product_id, &self.sku_id).unwrap_or_default(),
            channel_sku: self.seller_sku.0.clone(),
            name: if sku.is_empty() { product } else { format!("{product} - {sku}") },
            quantity: 0,
            cancelled: 0,
            unit_price: self.price(currency)?,
            units: Vec::new(),
        })
    }
}

/// The lines, in the order in which the channel shows their first units. `living`: the order is not
/// cancelled as a whole, so that a cancelled row is a unit less. A whole that is cancelled says so by its
/// status alone, and its lines stay what they were.
pub(super) fn lines(rows: &[Row], currency: Currency, living: bool) -> Result<Vec<Line>, Error> {
    let mut lines: Vec<Line> = Vec::new();
    for row in rows {
        let key = row.key(currency)?;
        let at = match lines.iter().position(|line| line.key == key) {
            Some(at) => at,
            None => {
                lines.push(row.line(currency)?);
                lines.len() - 1
            }
        };
        if let Some(line) = lines.get_mut(at) {
            line.quantity += 1;
            line.cancelled += i64::from(living && row.is_cancelled());
        }
    }
    Ok(lines)
}

/// The courier and the tracking number on the order's head: those of its only parcel.
pub(super) struct Courier<'a> {
    pub(super) carrier: &'a str,
    pub(super) awb: &'a str,
}

/// The parcels: those that the head names, with the rows that are in them. Outside of the United States
/// there is one as soon as the order is paid; its tracking number comes when it is arranged.
pub(super) fn packages(
    named: &[String],
    rows: &[Row],
    currency: Currency,
    head: &Courier<'_>,
) -> Result<Vec<Package>, Error> {
    let mut parcels: BTreeMap<&str, Package> = BTreeMap::new();
    let of_rows = rows.iter().filter_map(|row| row.package_id.0.as_deref());
    let ids: Vec<&str> = named.iter().map(String::as_str).chain(of_rows).collect();
    for id in ids {
        parcels.entry(id).or_insert_with(|| Package {
            key: PackageKey(Arc::from(id)),
            carrier: String::new(),
            booking_code: None,
            awb: None,
            lines: Vec::new(),
        });
    }
    for row in rows.iter().filter(|row| !row.is_cancelled()) {
        let parcel = row.package_id.0.as_deref().and_then(|id| parcels.get_mut(id));
        let Some(parcel) = parcel else { continue };
        let key = row.key(currency)?;
        match parcel.lines.iter_mut().find(|(line, _)| *line == key) {
            Some((_, quantity)) => *quantity += 1,
            None => parcel.lines.push((key, 1)),
        }
        if parcel.carrier.is_empty() {
            parcel.carrier.clone_from(&row.shipping_provider_name.0);
        }
        parcel.awb = parcel.awb.take().or_else(|| row.tracking_number.clone().some());
    }
    let only = parcels.len() == 1;
    Ok(parcels
        .into_values()
        .map(|mut parcel| {
            if parcel.carrier.is_empty() {
                head.carrier.clone_into(&mut parcel.carrier);
            }
            let awb = (only && !head.awb.is_empty()).then(|| head.awb.to_owned());
            parcel.awb = parcel.awb.or(awb);
            parcel
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::super::wire::read;
    use super::*;

    fn rows(json: &str) -> Vec<Row> {
        read("rows", json.as_bytes()).unwrap()
    }

    const THREE: &str = r#"[
        {"product_id":"17","sku_id":"171","seller_sku":"KAOS-M","product_name":"Kaos","sku_name":"M",
         "original_price":"80000","sale_price":"75000","display_status":"AWAITING_SHIPMENT","package_id":"1152"},
        {"product_id":"17","sku_id":"171","seller_sku":"KAOS-M","original_price":"80000",
         "display_status":"CANCELLED","package_id":"1152"},
        {"product_id":"17","sku_id":"171","seller_sku":"KAOS-M","original_price":"80000",
         "display_status":"IN_TRANSIT","package_id":"1153","tracking_number":"JX1","shipping_provider_name":"J&T"},
        {"product_id":"17","sku_id":"171","seller_sku":"KAOS-M","original_price":"0","display_status":"IN_TRANSIT"}]"#;

    #[test]
    fn rows_of_a_sku_and_price_are_a_line() {
        let told = lines(&rows(THREE), Currency::IDR, true).unwrap();
        let shown: Vec<_> = told
            .iter()
            .map(|line| (&*line.key.0, line.quantity, line.cancelled, line.unit_price))
            .collect();
        assert_eq!(shown, [("17-171@80000", 3, 1, 80_000), ("17-171@0", 1, 0, 0)]);
        assert_eq!((told[0].name.as_str(), &*told[0].channel_product_id), ("Kaos - M", "17-171"));
        let dead = lines(&rows(THREE), Currency::IDR, false).unwrap();
        assert_eq!(dead[0].cancelled, 0, "its status says so");
        assert!(lines(&rows("[{}]"), Currency::IDR, true).is_err());
    }

    #[test]
    fn a_parcel_holds_its_own_rows() {
        let head = Courier { carrier: "Ekspres", awb: "HEAD1" };
        let named = ["1152".to_owned(), "1154".to_owned()];
        let told = packages(&named, &rows(THREE), Currency::IDR, &head).unwrap();
        let key = LineKey(Arc::from("17-171@80000"));
        let shown: Vec<_> = told
            .iter()
            .map(|it| (&*it.key.0, it.carrier.as_str(), it.awb.as_deref(), it.lines.clone()))
            .collect();
        assert_eq!(
            shown,
            [
                ("1152", "Ekspres", None, vec![(key.clone(), 1)]),
                ("1153", "J&T", Some("JX1"), vec![(key, 1)]),
                ("1154", "Ekspres", None, vec![]),
            ]
        );
        let only = packages(&named[..1], &[], Currency::IDR, &head).unwrap();
        assert_eq!(only[0].awb.as_deref(), Some("HEAD1"));
    }
}
