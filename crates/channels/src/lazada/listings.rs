//! What a shop offers: the SKUs of its products.

use dermaga_channel::{Call, Error, Listing, ListingPage};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::capabilities::{LISTINGS_OFFSET_MAX, LISTINGS_PAGE_MAX};
use super::client::Client;
use super::orders::product_name;
use super::wire::{SomeId, Text, read_object};

/// The status of what buyers can see.
const ACTIVE: &str = "active";

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(default, borrow)]
    products: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Product {
    item_id: SomeId,
    #[serde(default)]
    status: Text,
    #[serde(default)]
    attributes: Attributes,
    #[serde(default)]
    skus: Vec<Sku>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Attributes {
    name: Text,
}

#[derive(Deserialize)]
struct Sku {
    #[serde(rename = "SkuId")]
    sku_id: SomeId,
    #[serde(default, rename = "Status")]
    status: Text,
    #[serde(default, rename = "SellerSku")]
    seller_sku: Text,
    /// What can be sold.
    #[serde(default, rename = "Available")]
    available: Text,
    /// What is there, with what is held for orders: where nothing else is said.
    #[serde(default)]
    quantity: Text,
    /// Colour, size, …: name and value.
    #[serde(default, rename = "saleProp")]
    properties: Value,
}

impl Product {
    fn listings(self) -> impl Iterator<Item = Listing> {
        let seen = self.status.0.is_empty() || self.status.0.eq_ignore_ascii_case(ACTIVE);
        let (item, name) = (self.item_id.0, self.attributes.name.0);
        self.skus.into_iter().map(move |sku| {
            let options = sku.properties.as_object().into_iter().flatten();
            let options: Vec<&str> = options.filter_map(|(_, value)| value.as_str()).collect();
            let whole = |text: &Text| text.0.parse::<i64>().ok();
            Listing {
                channel_product_id: product_name(item, sku.sku_id.0),
                channel_sku: sku.seller_sku.0.clone(),
                name: if options.is_empty() {
                    name.clone()
                } else {
                    format!("{name} - {}", options.join(", "))
                },
                // Something that cannot be read as a number is not counted as there.
                stock: Some(whole(&sku.available).or(whole(&sku.quantity)).unwrap_or(0).max(0)),
                active: seen && sku.status.0.eq_ignore_ascii_case(ACTIVE),
            }
        })
    }
}

/// A page of what the shop offers. A product that cannot be read is left out: the others stand.
pub(super) async fn list(call: &Call<'_>, page: Option<&str>) -> Result<ListingPage, Error> {
    let client = Client::new(call)?;
    let offset: u32 = match page {
        Some(page) => page.parse().map_err(|_| Error::Unsupported("not a page of listings"))?,
        None => 0,
    };
    if offset > LISTINGS_OFFSET_MAX {
        return Err(Error::Unsupported("more products than the channel lists"));
    }
    let said = [
        ("filter", "all"),
        ("limit", &*LISTINGS_PAGE_MAX.to_string()),
        ("offset", &*offset.to_string()),
        ("options", "1"),
    ];
    let answer = client.get("product_list", "/products/get", &said).await?;
    let found: Page<'_> = read_object("product_list", answer.get().as_bytes())?;
    let products = found.products.iter();
    let products = products
        .filter_map(|row| read_object::<Product>("product_list", row.get().as_bytes()).ok());
    let more = found.products.len() >= LISTINGS_PAGE_MAX as usize;
    Ok(ListingPage {
        listings: products.flat_map(Product::listings).collect(),
        next: more.then(|| (offset + LISTINGS_PAGE_MAX).to_string()),
    })
}
