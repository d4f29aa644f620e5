//! Refunds, which are facts about returns.
//!
//! A refund says that money went back, for some units or for an amount. It leaves the order's status
//! as it is, unless nothing is left. None is ever made from here.

use std::sync::Arc;

use dermaga_channel::{
    Call, Changes, Error, Fetched, Heard, HeardFact, Interpretation, Message, Raw, Refetch,
    reason_in_clear,
};
use dermaga_domain::order::Snapshot;
use dermaga_domain::term::About;
use serde::Deserialize;

use super::client::{Client, start_of};
use super::place::{Place, Shelf};
use super::wire::{Gmt, SomeId, Text, read};

/// The message kind of a page of refunds: `[{"order_id": …, "refunds": […]}, …]`.
pub(super) const REFUNDS: &str = "refunds";

/// The status of a refund. The word is ours: a refund has none, it is there or not.
const REFUND: &str = "refund";

/// A refund.
#[derive(Deserialize)]
pub(super) struct Refund {
    id: SomeId,
    #[serde(default)]
    date_created_gmt: Gmt,
    #[serde(default)]
    reason: Text,
}

/// A refund, as a fact.
pub(super) fn fact(refund: &Refund) -> HeardFact {
    HeardFact {
        about: About::Return,
        reference: Some(Arc::from(refund.id.to_string())),
        reason: reason_in_clear(&refund.reason.0, None),
        ..HeardFact::of_order(REFUND, refund.date_created_gmt.0)
    }
}

/// A page of the refunds of orders that changed in a window: a refund changes its order.
pub(super) async fn list(call: &Call<'_>, changes: &Changes) -> Result<Fetched, Error> {
    let client = Client::new(call)?;
    let page = client.changed(start_of(changes, Shelf::Any)?, changes).await?;
    let mut rows = Vec::new();
    for order in page.listed.iter().filter(|order| order.is_refunded()) {
        match client.refunds(order.id).await {
            Ok(refunds) => {
                rows.push(format!("{{\"order_id\":{},\"refunds\":{refunds}}}", order.id));
            }
            // It was deleted between the two requests.
            Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    let body = format!("[{}]", rows.join(","));
    let message = (!rows.is_empty()).then(|| Raw { kind: REFUNDS, body: body.into() });
    Ok(Fetched::page(message, page.next.map(Place::text)))
}

/// What a page of refunds says.
pub(super) fn refunds(message: &Message<'_>) -> Result<Interpretation, Error> {
    #[derive(Deserialize)]
    struct Row {
        order_id: SomeId,
        refunds: Vec<Refund>,
    }
    let rows: Vec<Row> = read(REFUNDS, message.body)?;
    let heard = rows.into_iter().map(|row| Heard {
        channel_shop_id: message.channel_shop_id.map(str::to_owned),
        channel_order_id: row.order_id.to_string(),
        facts: row.refunds.iter().map(fact).collect(),
        snapshot: Snapshot::default(),
        refetch: Refetch::IfNews,
    });
    Ok(Interpretation { orders: heard.collect(), ..Interpretation::default() })
}
