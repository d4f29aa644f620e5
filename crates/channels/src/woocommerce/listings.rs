//! What a shop offers: products, and variations in place of the products that have them.

use dermaga_channel::{Call, Error, Listing, ListingPage};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::capabilities::{LISTINGS_PAGE_MAX, VARIATIONS_PAGE_MAX};
use super::client::Client;
use super::orders::product_name;
use super::wire::{Amount, Id, SomeId, Text, read};

/// Pages of variations that are read of one product.
const VARIATION_PAGES_MAX: u32 = 50;
/// The status of a product that buyers can see.
const PUBLISHED: &str = "publish";
/// The stock of a product that is not counted and not there.
const OUT_OF_STOCK: &str = "outofstock";

/// A product, or a variation of one.
#[derive(Deserialize)]
struct Product {
    id: SomeId,
    #[serde(default)]
    name: Text,
    #[serde(default, rename = "type")]
    kind: Text,
    #[serde(default)]
    status: Text,
    #[serde(default)]
    sku: Text,
    /// `true`, `false`, or of a variation `"parent"`: its product counts for all of them.
    #[serde(default)]
    manage_stock: Flag,
    #[serde(default)]
    stock_quantity: Option<Amount>,
    #[serde(default)]
    stock_status: Text,
    #[serde(default)]
    attributes: Option<Vec<Attribute>>,
}

/// A word or a truth value.
#[derive(Deserialize, Default)]
#[serde(untagged)]
pub(super) enum Flag {
    Said(bool),
    Word(String),
    #[default]
    Nothing,
}

impl Flag {
    pub(super) fn is_on(&self) -> bool {
        match self {
            Self::Said(said) => *said,
            Self::Word(word) => word == "parent",
            Self::Nothing => false,
        }
    }
}

/// A property; of a variation with the one value that it has.
#[derive(Deserialize)]
struct Attribute {
    #[serde(default)]
    option: Text,
}

impl Product {
    /// Bundles of products and links to other shops have no stock of their own.
    fn is_sold_here(&self) -> bool {
        !matches!(self.kind.0.as_str(), "grouped" | "external")
    }

    /// What the shop shows as sellable. It can be below zero, where a shop has sold what it had not.
    fn stock(&self) -> Option<i64> {
        if !self.manage_stock.is_on() {
            return (self.stock_status.0 == OUT_OF_STOCK).then_some(0);
        }
        // Half a unit cannot be sold from here.
        Some(self.stock_quantity.unwrap_or_default().whole().unwrap_or_default().max(0))
    }

    fn listing(self, of: Option<&Self>) -> Listing {
        let stock = self.stock();
        let options = self.attributes.iter().flatten().filter_map(|it| it.option.clone().some());
        let options: Vec<String> = options.collect();
        let (channel_product_id, name) = match of {
            Some(of) if options.is_empty() => (of.variation(self.id), of.name.0.clone()),
            Some(of) => (of.variation(self.id), format!("{} - {}", of.name.0, options.join(", "))),
            None => (self.id.to_string(), self.name.0),
        };
        let seen = of.is_none_or(|of| of.status.0 == PUBLISHED) && self.status.0 == PUBLISHED;
        Listing { channel_product_id, channel_sku: self.sku.0, name, stock, active: seen }
    }

    fn variation(&self, id: SomeId) -> String {
        product_name(Id(Some(self.id.0)), Id(Some(id.0))).unwrap_or_default()
    }
}

fn products(rows: &RawValue) -> Result<Vec<Product>, Error> {
    read("listing", rows.get().as_bytes())
}

/// A page of what the shop offers.
pub(super) async fn list(call: &Call<'_>, page: Option<&str>) -> Result<ListingPage, Error> {
    let client = Client::new(call)?;
    let number: u32 = match page {
        Some(page) => page.parse().map_err(|_| Error::Unsupported("not a page of listings"))?,
        None => 1,
    };
    let query = [
        ("status", "any"),
        ("orderby", "id"),
        ("order", "asc"),
        ("per_page", &*LISTINGS_PAGE_MAX.to_string()),
        ("page", &*number.to_string()),
    ];
    let rows = products(&client.get("listings", "/products", &query).await?)?;
    let next = (rows.len() >= LISTINGS_PAGE_MAX as usize).then(|| (number + 1).to_string());
    let mut listings = Vec::with_capacity(rows.len());
    for product in rows.into_iter().filter(Product::is_sold_here) {
        let variations = match product.kind.0.as_str() {
            "variable" => client.variations(product.id).await?,
            _ => Vec::new(),
        };
        if variations.is_empty() {
            listings.push(product.listing(None));
        } else {
            listings.extend(variations.into_iter().map(|one| one.listing(Some(&product))));
        }
    }
    Ok(ListingPage { listings, next })
}

impl Client<'_> {
    async fn variations(&self, product: SomeId) -> Result<Vec<Product>, Error> {
        let path = format!("/products/{product}/variations");
        let mut all = Vec::new();
        for page in 1..=VARIATION_PAGES_MAX {
            let query = [
                ("orderby", "id"),
                ("order", "asc"),
                ("per_page", &*VARIATIONS_PAGE_MAX.to_string()),
                ("page", &*page.to_string()),
            ];
            let rows = match self.get("variations", &path, &query).await {
                Ok(rows) => products(&rows)?,
                // It was deleted between the two requests.
                Err(Error::NotFound) => Vec::new(),
                Err(error) => return Err(error),
            };
            let count = rows.len();
            all.extend(rows);
            if count < VARIATIONS_PAGE_MAX as usize {
                break;
            }
        }
        Ok(all)
    }
}
