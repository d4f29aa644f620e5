//! What a shop offers: a listing for each SKU of each product.

use dermaga_channel::{Call, Error, Listing, ListingPage};
use serde::Deserialize;
use serde_json::json;

use super::capabilities::LISTINGS_PAGE_MAX;
use super::client::{Client, Said};
use super::endpoints;
use super::packages::sku_name;
use super::wire::{Count, Id, SomeId, Text, read};

/// The status of a product that buyers can see.
const ACTIVE: &str = "ACTIVATE";
/// The status of one that is gone.
const DELETED: &str = "DELETED";

#[derive(Deserialize, Default)]
#[serde(default)]
struct Answer {
    products: Option<Vec<Product>>,
    next_page_token: Text,
}

#[derive(Deserialize)]
struct Product {
    id: SomeId,
    #[serde(default)]
    title: Text,
    #[serde(default)]
    status: Text,
    #[serde(default)]
    skus: Option<Vec<Sku>>,
}

#[derive(Deserialize)]
struct Sku {
    id: SomeId,
    #[serde(default)]
    seller_sku: Text,
    #[serde(default)]
    inventory: Option<Vec<Inventory>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Inventory {
    quantity: Count,
}

impl Product {
    fn listings(self) -> Vec<Listing> {
        let active = self.status.0 == ACTIVE;
        let (id, title) = (Id(Some(self.id.0)), self.title.0);
        let of = |sku: Sku| {
            let counted = sku.inventory.unwrap_or_default();
            let units = counted.iter().fold(0, |sum: i64, one| sum.saturating_add(one.quantity.0));
            Listing {
                channel_product_id: sku_name(&id, &Id(Some(sku.id.0))).unwrap_or_default(),
                channel_sku: sku.seller_sku.0,
                name: title.clone(),
                stock: Some(units),
                active,
            }
        };
        self.skus.unwrap_or_default().into_iter().map(of).collect()
    }
}

/// A page of what the shop offers.
pub(super) async fn list(call: &Call<'_>, page: Option<&str>) -> Result<ListingPage, Error> {
    let client = Client::new(call)?;
    let size = LISTINGS_PAGE_MAX.to_string();
    let mut query = vec![("page_size", &*size)];
    query.extend(page.map(|token| ("page_token", token)));
    let said = Said { query: &query, body: Some(&json!({})), ..Said::default() };
    let data = client.ask(&endpoints::LISTINGS, said).await?;
    let answer: Option<Answer> = read("listings", data.get().as_bytes())?;
    let answer = answer.unwrap_or_default();
    let products = answer.products.unwrap_or_default().into_iter();
    Ok(ListingPage {
        listings: products
            .filter(|product| product.status.0 != DELETED)
            .flat_map(Product::listings)
            .collect(),
        next: answer.next_page_token.some().filter(|next| Some(next.as_str()) != page),
    })
}
