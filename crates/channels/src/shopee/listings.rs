//! What a shop offers: products, and variants in place of the products that have them.

use dermaga_channel::{Call, Error, Listing, ListingPage};
use serde::Deserialize;

use super::capabilities::{DETAILS_BATCH_MAX, LISTINGS_PAGE_MAX};
use super::client::{self, Client};
use super::packages::model_name;
use super::wire::{Count, Text, read};

/// The status of a product that buyers can see.
const NORMAL: &str = "NORMAL";
/// What is listed: on sale, and taken off the shelf by the seller.
const STATUSES: [&str; 2] = [NORMAL, "UNLIST"];

/// What is left of a product or variant.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct StockInfo {
    summary_info: Option<Summary>,
    pub(super) seller_stock: Option<Vec<AtPlace>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Summary {
    total_reserved_stock: Count,
    total_available_stock: Count,
}

/// The seller's units in one place.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct AtPlace {
    pub(super) location_id: Text,
    pub(super) stock: Count,
}

impl StockInfo {
    /// What can be bought.
    fn available(&self) -> i64 {
        self.summary_info.as_ref().map_or(0, |summary| summary.total_available_stock.0)
    }

    /// What is promised to promotions and to orders that have not left.
    pub(super) fn reserved(&self) -> i64 {
        self.summary_info.as_ref().map_or(0, |summary| summary.total_reserved_stock.0.max(0))
    }
}

/// A product.
#[derive(Deserialize)]
pub(super) struct Item {
    pub(super) item_id: Count,
    #[serde(default)]
    item_name: Text,
    #[serde(default)]
    item_sku: Text,
    #[serde(default)]
    item_status: Text,
    #[serde(default)]
    pub(super) has_model: Option<bool>,
    #[serde(default)]
    pub(super) stock_info_v2: Option<StockInfo>,
}

/// A variant of a product.
#[derive(Deserialize)]
pub(super) struct Model {
    pub(super) model_id: Count,
    #[serde(default)]
    model_sku: Text,
    #[serde(default)]
    model_name: Text,
    #[serde(default)]
    pub(super) stock_info_v2: Option<StockInfo>,
}

impl Item {
    fn listing(&self, model: Option<&Model>) -> Listing {
        let stock = model.map_or(&self.stock_info_v2, |model| &model.stock_info_v2);
        let sku = model.map(|model| model.model_sku.0.clone()).filter(|sku| !sku.is_empty());
        let named = model.map(|model| model.model_name.0.as_str()).filter(|it| !it.is_empty());
        let name = &self.item_name.0;
        Listing {
            channel_product_id: model_name(
                self.item_id.0,
                model.map_or(0, |model| model.model_id.0),
            ),
            channel_sku: sku.unwrap_or_else(|| self.item_sku.0.clone()),
            name: named.map_or_else(|| name.clone(), |named| format!("{name} - {named}")),
            stock: Some(stock.as_ref().map_or(0, StockInfo::available).max(0)),
            active: self.item_status.0 == NORMAL,
        }
    }
}

impl Client<'_> {
    /// The details of products.
    pub(super) async fn items(&self, ids: &[i64]) -> Result<Vec<Item>, Error> {
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Answer {
            item_list: Option<Vec<Item>>,
        }
        let mut items = Vec::with_capacity(ids.len());
        for some in ids.chunks(DETAILS_BATCH_MAX as usize) {
            let some: Vec<String> = some.iter().map(i64::to_string).collect();
            let query = [("item_id_list", &*some.join(","))];
            let told = match self.get(&client::ITEM_DETAIL, &query).await {
                Ok(told) => told,
                Err(Error::NotFound) => continue,
                Err(error) => return Err(error),
            };
            let answer: Option<Answer> = read("listing_detail", told.get().as_bytes())?;
            items.extend(answer.unwrap_or_default().item_list.unwrap_or_default());
        }
        Ok(items)
    }

    /// The variants of a product; none of one that was deleted meanwhile.
    pub(super) async fn models(&self, item: i64) -> Result<Vec<Model>, Error> {
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Answer {
            model: Option<Vec<Model>>,
        }
        match self.get(&client::MODELS, &[("item_id", &*item.to_string())]).await {
            Ok(told) => {
                let answer: Option<Answer> = read("variants", told.get().as_bytes())?;
                Ok(answer.unwrap_or_default().model.unwrap_or_default())
            }
            Err(Error::NotFound) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Page {
    item: Option<Vec<Named>>,
    has_next_page: Option<bool>,
    next_offset: Count,
}

#[derive(Deserialize)]
struct Named {
    item_id: Count,
}

/// A page of what the shop offers.
pub(super) async fn list(call: &Call<'_>, page: Option<&str>) -> Result<ListingPage, Error> {
    let client = Client::new(call)?;
    let offset: i64 = match page {
        Some(page) => page.parse().map_err(|_| Error::Unsupported("not a page of listings"))?,
        None => 0,
    };
    let (offset_text, size) = (offset.to_string(), LISTINGS_PAGE_MAX.to_string());
    let mut query = vec![("offset", &*offset_text), ("page_size", &*size)];
    query.extend(STATUSES.map(|status| ("item_status", status)));
    let told = client.get(&client::ITEMS, &query).await?;
    let page: Option<Page> = read("listings", told.get().as_bytes())?;
    let page = page.unwrap_or_default();
    let ids: Vec<i64> =
        page.item.unwrap_or_default().into_iter().map(|item| item.item_id.0).collect();
    let next = page.next_offset.0;
    let more = page.has_next_page == Some(true) && next > offset;
    let mut listings = Vec::with_capacity(ids.len());
    for item in client.items(&ids).await? {
        if item.has_model == Some(true) {
            let models = client.models(item.item_id.0).await?;
            listings.extend(models.iter().map(|model| item.listing(Some(model))));
        } else {
            listings.push(item.listing(None));
        }
    }
    Ok(ListingPage { listings, next: more.then(|| next.to_string()) })
}
