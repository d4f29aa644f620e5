//! What a shop offers.

use dermaga_channel::{Call, Error, Listing, ListingPage};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::capabilities::LISTINGS_PAGE_MAX;
use super::client::Client;
use super::wire::{Id, SomeId, Status, Text, read, whole};

/// A product, or a variant of one.
#[derive(Deserialize)]
struct Product {
    basic: Basic,
    #[serde(default)]
    stock: Option<Stock>,
    #[serde(default)]
    variant: Option<Variant>,
    #[serde(default)]
    other: Option<Other>,
}

#[derive(Deserialize)]
struct Basic {
    #[serde(rename = "productID")]
    product_id: SomeId,
    #[serde(default, alias = "Name")]
    name: Text,
    #[serde(default)]
    status: Option<Status>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Stock {
    /// Whether stock is counted at all; without, it never runs out.
    #[serde(rename = "useStock")]
    use_stock: Option<bool>,
    value: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Variant {
    #[serde(rename = "isParent")]
    is_parent: Option<bool>,
    #[serde(rename = "childrenID")]
    children: Option<Vec<Id>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Other {
    /// The seller's code.
    sku: Text,
}

/// The status of a product that buyers can see.
const ACTIVE: &str = "1";

impl Product {
    /// The variants to look at instead of this one: a parent is not sold itself.
    fn variants(&self) -> Vec<String> {
        let variant = self.variant.as_ref().filter(|variant| variant.is_parent == Some(true));
        let children = variant.and_then(|variant| variant.children.as_ref());
        children.into_iter().flatten().filter_map(Id::text).collect()
    }

    fn listing(self) -> Result<Listing, Error> {
        let stock = self.stock.unwrap_or_default();
        let value = match (stock.use_stock, stock.value.some()) {
            (Some(false), _) | (_, None) => None,
            (_, Some(text)) => Some(whole(&text).ok_or_else(|| {
                Error::Malformed("listing: stock.value is not a number of units".to_owned())
            })?),
        };
        Ok(Listing {
            channel_product_id: self.basic.product_id.0,
            channel_sku: self.other.unwrap_or_default().sku.0,
            name: self.basic.name.0,
            stock: value,
            active: self.basic.status.is_some_and(|status| status.0 == ACTIVE),
        })
    }
}

fn products(data: &RawValue) -> Result<Vec<Product>, Error> {
    Ok(read::<Option<Vec<Product>>>("listing", data.get().as_bytes())?.unwrap_or_default())
}

/// A page of what the shop offers, variants in place of their parents.
pub(super) async fn list(call: &Call<'_>, page: Option<&str>) -> Result<ListingPage, Error> {
    let client = Client::new(call)?;
    let number: u32 = match page {
        Some(page) => page.parse().map_err(|_| Error::Unsupported("not a page of listings"))?,
        None => 1,
    };
    let page_size = LISTINGS_PAGE_MAX.to_string();
    let query = [
        ("shop_id", client.shop_id()?),
        ("page", &number.to_string()),
        ("per_page", &page_size),
        ("sort", "1"),
    ];
    let rows = products(&client.products(&query).await?)?;
    let next = (rows.len() >= LISTINGS_PAGE_MAX).then(|| (number + 1).to_string());
    let mut listings = Vec::with_capacity(rows.len());
    for product in rows {
        let variants = product.variants();
        if variants.is_empty() {
            listings.push(product.listing()?);
        }
        for variant in variants {
            match client.products(&[("product_id", &variant)]).await {
                Ok(data) => {
                    for product in products(&data)? {
                        listings.push(product.listing()?);
                    }
                }
                // It was deleted between the two requests.
                Err(Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(ListingPage { listings, next })
}

impl Client<'_> {
    async fn products(&self, query: &[(&str, &str)]) -> Result<Box<RawValue>, Error> {
        let path = format!("/inventory/v1/fs/{}/product/info", self.fs_id);
        self.get("listings", &path, query).await
    }
}
