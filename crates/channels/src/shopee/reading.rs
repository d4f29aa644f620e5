//! Orders as they are listed and fetched.
//!
//! A list names orders and nothing more, and an order does not tell the tracking numbers of its parcels:
//! each page of a list is read with its details, and the parcels that a courier knows of with theirs.
//! A message holds one order with them: `{"order": …, "packages": […]}`.

use bytes::Bytes;
use dermaga_channel::{Call, Changes, Error, Fetched, Raw, Stretch, Walked, Window};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::capabilities::{DETAILS_BATCH_MAX, ORDERS_PAGE_MAX, WINDOW_DAYS_MAX};
use super::client::{self, Client};
use super::orders::DETAIL;
use super::packages::is_arranged;
use super::wire::{Sn, Text, is_sn, read, read_object};

/// What is told of an order besides what always is.
const FIELDS: &str = "buyer_user_id,buyer_username,estimated_shipping_fee,recipient_address,\
    actual_shipping_fee,actual_shipping_fee_confirmed,item_list,pay_time,buyer_cancel_reason,\
    cancel_by,cancel_reason,fulfillment_flag,pickup_done_time,package_list,shipping_carrier,\
    payment_method,total_amount,checkout_shipping_carrier";

/// The longest stretch of a list, in seconds.
pub(super) const WINDOW_SECONDS_MAX: i64 = WINDOW_DAYS_MAX * 86_400;

/// A window in whole seconds, the channel's widest at most: its first, and its last, which is taken to
/// be in it.
pub(super) fn seconds(changes: &Changes) -> (i64, i64) {
    let from = changes.from.as_seconds();
    let to = changes.to.as_seconds() + i64::from(changes.to.0.rem_euclid(1_000_000) > 0);
    (from, to.min(from.saturating_add(WINDOW_SECONDS_MAX)))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Page {
    more: Option<bool>,
    next_cursor: Text,
    order_list: Option<Vec<Listed>>,
}

#[derive(Deserialize)]
struct Listed {
    order_sn: Sn,
}

/// A page of the orders that changed in a window, with their details.
pub(super) async fn list_orders(call: &Call<'_>, changes: &Changes) -> Result<Fetched, Error> {
    let client = Client::new(call)?;
    let (from, to) = seconds(changes);
    if from >= to {
        return Ok(Fetched::default());
    }
    let window = Window { from, end: to, longest: WINDOW_SECONDS_MAX, page_max: ORDERS_PAGE_MAX };
    let mut stretch = window.resumed(changes.page.as_deref());
    let (ids, next) = loop {
        let (ids, more) = client.list(&stretch).await?;
        match window.after(&stretch, ids.len(), more) {
            Walked::Narrower(half) => stretch = half,
            Walked::Kept(next) => break (ids, next.map(|next| next.text())),
        }
    };
    // An order that is listed and has no details is gone; nobody asked for it.
    let messages = details(&client, &ids).await?.messages;
    Ok(Fetched { messages, next, not_found: Vec::new() })
}

impl Client<'_> {
    /// The ids on a page of the list, and the mark of the next one.
    async fn list(&self, stretch: &Stretch) -> Result<(Vec<String>, Option<String>), Error> {
        let (from, to) = (stretch.from.to_string(), stretch.to.to_string());
        let size = ORDERS_PAGE_MAX.to_string();
        let mut query = vec![
            ("time_range_field", "update_time"),
            ("time_from", &*from),
            ("time_to", &*to),
            ("page_size", &*size),
            ("response_optional_fields", "order_status"),
            ("request_order_status_pending", "true"),
        ];
        query.extend(Some(("cursor", &*stretch.mark)).filter(|(_, mark)| !mark.is_empty()));
        let told = self.get(&client::ORDER_LIST, &query).await?;
        let page: Option<Page> = read("order_list", told.get().as_bytes())?;
        let page = page.unwrap_or_default();
        let more = (page.more == Some(true)).then_some(page.next_cursor.0);
        let rows = page.order_list.unwrap_or_default();
        Ok((rows.into_iter().map(|row| row.order_sn.0).collect(), more))
    }
}

/// The details of orders.
pub(super) async fn fetch_orders(call: &Call<'_>, ids: &[String]) -> Result<Fetched, Error> {
    details(&Client::new(call)?, ids).await
}

/// An order, as far as reading goes.
#[derive(Deserialize)]
pub(super) struct Looked {
    pub(super) order_sn: Sn,
    #[serde(default)]
    pub(super) package_list: Option<Vec<Parcel>>,
}

/// A parcel of an order, as far as reading goes.
#[derive(Deserialize)]
pub(super) struct Parcel {
    pub(super) package_number: Sn,
    #[serde(default)]
    pub(super) logistics_status: Text,
}

async fn details(client: &Client<'_>, ids: &[String]) -> Result<Fetched, Error> {
    let mut fetched = Fetched::default();
    let (wanted, strange): (Vec<&String>, Vec<&String>) = ids.iter().partition(|id| is_sn(id));
    fetched.not_found.extend(strange.into_iter().cloned());
    for some in wanted.chunks(DETAILS_BATCH_MAX as usize) {
        let found = client.orders(some).await?;
        let looked = |order: &RawValue| read_object::<Looked>(DETAIL, order.get().as_bytes()).ok();
        let looked: Vec<Option<Looked>> = found.iter().map(|order| looked(order)).collect();
        let is_found = |id: &String| looked.iter().flatten().any(|it| it.order_sn.0 == *id);
        fetched.not_found.extend(some.iter().copied().filter(|id| !is_found(id)).cloned());
        let parcels = looked.iter().flatten().flat_map(|order| order.package_list.iter().flatten());
        let arranged = parcels.filter(|it| is_arranged(&it.logistics_status.0));
        let arranged: Vec<&str> = arranged.map(|it| it.package_number.0.as_str()).collect();
        let parcels = client.parcels(&arranged).await?;
        for (order, looked) in found.iter().zip(&looked) {
            let of = looked.as_ref().map(|looked| looked.order_sn.0.as_str());
            let mine = parcels.iter().filter(|(sn, _)| Some(sn.as_str()) == of);
            let mine: Vec<&str> = mine.map(|(_, parcel)| parcel.get()).collect();
            // Details that cannot be read go to the inbox all the same, where they are kept.
            let body = format!("{{\"order\":{order},\"packages\":[{}]}}", mine.join(","));
            fetched.messages.push(Raw { kind: DETAIL, body: Bytes::from(body) });
        }
    }
    Ok(fetched)
}

impl Client<'_> {
    /// Those of these orders that are there. Whether an unknown one among them is left out or refuses
    /// the whole request is not documented: then each is asked for by itself.
    async fn orders(&self, ids: &[&String]) -> Result<Vec<Box<RawValue>>, Error> {
        match self.orders_at_once(ids).await {
            Err(Error::NotFound) if ids.len() > 1 => {}
            Err(Error::NotFound) => return Ok(Vec::new()),
            told => return told,
        }
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            match self.orders_at_once(std::slice::from_ref(id)).await {
                Ok(orders) => found.extend(orders),
                Err(Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    async fn orders_at_once(&self, ids: &[&String]) -> Result<Vec<Box<RawValue>>, Error> {
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Answer<'a> {
            #[serde(borrow)]
            order_list: Option<Vec<&'a RawValue>>,
        }
        let ids: Vec<&str> = ids.iter().map(|id| id.as_str()).collect();
        let query = [
            ("order_sn_list", &*ids.join(",")),
            ("request_order_status_pending", "true"),
            ("response_optional_fields", FIELDS),
        ];
        let told = self.get(&client::ORDER_DETAIL, &query).await?;
        let answer: Option<Answer<'_>> = read(DETAIL, told.get().as_bytes())?;
        let orders = answer.unwrap_or_default().order_list.unwrap_or_default();
        Ok(orders.into_iter().map(ToOwned::to_owned).collect())
    }

    /// One order.
    pub(super) async fn order(&self, id: &str) -> Result<Box<RawValue>, Error> {
        if !is_sn(id) {
            return Err(Error::NotFound);
        }
        self.orders_at_once(&[&id.to_owned()]).await?.into_iter().next().ok_or(Error::NotFound)
    }

    /// The details of parcels, each with its order.
    async fn parcels(&self, numbers: &[&str]) -> Result<Vec<(String, Box<RawValue>)>, Error> {
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Answer<'a> {
            #[serde(borrow)]
            package_list: Option<Vec<&'a RawValue>>,
        }
        #[derive(Deserialize)]
        struct Whose {
            order_sn: Sn,
        }
        let mut found = Vec::new();
        for some in numbers.chunks(DETAILS_BATCH_MAX as usize) {
            let query = [("package_number_list", &*some.join(","))];
            let told = match self.get(&client::PACKAGES, &query).await {
                Ok(told) => told,
                // Without them the orders tell what they tell.
                Err(Error::NotFound) => continue,
                Err(error) => return Err(error),
            };
            let answer: Option<Answer<'_>> = read("package_detail", told.get().as_bytes())?;
            for parcel in answer.unwrap_or_default().package_list.unwrap_or_default() {
                let whose: Whose = read_object("package_detail", parcel.get().as_bytes())?;
                found.push((whose.order_sn.0, parcel.to_owned()));
            }
        }
        Ok(found)
    }
}
