//! Where it happens: the shops of the channels and what they sell.

use std::collections::BTreeSet;

use anyhow::Result;
use serde_json::{Value, json};

use super::market::Market;
use crate::control::{Control, text};

/// A shop: its channel, and the channel's id of it.
pub(crate) type Place = (String, String);

/// The shops of the channels and what they sell.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) markets: Vec<&'static Market>,
    /// What there is, each with its channel and with the name of its shop's warehouse at the hub.
    pub(crate) products: Vec<Value>,
    /// Of each channel with several shops the last one: its flow is edited, so that an order is paid only
    /// once it was downloaded, and its webhooks cease.
    edited: BTreeSet<Place>,
}

impl Scene {
    /// Reads it from the sandbox, channel by channel in the order in which they were connected.
    pub(crate) async fn of(control: Control<'_>, markets: &[&'static Market]) -> Result<Self> {
        let (mut products, mut edited) = (Vec::new(), BTreeSet::new());
        let mut warehouses = BTreeSet::new();
        for market in markets {
            let given = control.get(&format!("/control/{}/credentials", market.channel)).await?;
            let shops = given["shops"].as_array().into_iter().flatten();
            let linked: Vec<&Value> = shops.filter(|shop| shop["linked"] != json!(false)).collect();
            if let [_, .., last] = linked[..] {
                edited.insert((market.channel.to_owned(), text(&last["id"])));
            }
            for shop in linked {
                let name = text(&shop["name"]);
                let warehouse = match warehouses.insert(name.clone()) {
                    true => name,
                    false => format!("{name} ({})", market.channel),
                };
                products.extend(products_of(&given, shop).map(|mut product| {
                    product["channel"] = json!(market.channel);
                    product["warehouse"] = json!(warehouse);
                    product
                }));
            }
        }
        Ok(Self { markets: markets.to_vec(), products, edited })
    }

    /// What can be sold and compared: where a product's stock is counted with another's, or not at all,
    /// the channel shows something else than what is left of it.
    pub(crate) fn sold(&self) -> impl Iterator<Item = &Value> {
        self.products.iter().filter(|product| product["counts_itself"] != json!(false))
    }

    /// What one channel's shops sell.
    pub(crate) fn sold_at(&self, market: &Market) -> Vec<&Value> {
        self.sold().filter(|product| product["channel"] == market.channel).collect()
    }

    /// The shop of a channel whose flow is edited, if there is one.
    pub(crate) fn edited_at(&self, market: &Market) -> Option<&Place> {
        self.edited.iter().find(|(channel, _)| channel == market.channel)
    }

    /// Whether orders of this shop are paid only once they were downloaded.
    pub(crate) fn pays_on_download(&self, place: &Place) -> bool {
        let market = self.markets.iter().find(|market| market.channel == place.0);
        market.is_some_and(|market| market.pays_on_download) || self.edited.contains(place)
    }
}

/// What a shop has.
fn products_of<'a>(given: &'a Value, shop: &'a Value) -> impl Iterator<Item = Value> + 'a {
    let products = given["products"].as_array().into_iter().flatten();
    products.filter(|product| product["shop_id"] == shop["id"]).cloned()
}

/// The shop of an order or a product.
pub(crate) fn place_of(row: &Value) -> Place {
    (text(&row["channel"]), text(&row["shop_id"]))
}
