//! Cancelling units, and answering a buyer who wishes to.
//!
//! The channel does all this by GET requests, which must not be repeated as such. A lost answer is
//! followed by reading the order, like that of any command.

use dermaga_channel::{Done, Error};
use dermaga_domain::command::Reason;
use http::Method;
use serde::Deserialize;

use super::client::Client;
use super::commands::{not_needed, unclear};
use super::list::numbers;
use super::orders::{CANCELED, CANCELLABLE, Item};
use super::wire::{SomeId, Text, read_object};

/// A tip that is a refusal.
const ERROR_TIP: &str = "error";

/// What the channel says of a cancellation, before it and of it.
#[derive(Deserialize)]
struct Tip {
    #[serde(default)]
    tip_content: Text,
    #[serde(default)]
    tip_type: Text,
    #[serde(default)]
    reason_options: Vec<ReasonOption>,
}

/// A reason that the channel takes for these units.
#[derive(Deserialize)]
struct ReasonOption {
    reason_id: SomeId,
    #[serde(default)]
    reason_name: Text,
}

impl Tip {
    fn refusal(&self) -> Option<Error> {
        self.tip_type.0.eq_ignore_ascii_case(ERROR_TIP).then(|| Error::Rejected {
            code: "tip".to_owned(),
            message: self.tip_content.0.chars().take(200).collect(),
        })
    }

    /// The channel's number for a reason: the same, or one of the same name, as countries number them
    /// differently.
    fn option(&self, code: &str, reasons: &[Reason]) -> Result<u64, Error> {
        let by_number =
            self.reason_options.iter().find(|option| option.reason_id.to_string() == code);
        let name = reasons.iter().find(|reason| reason.code == code).map(|reason| reason.english);
        let by_name = || {
            let name = name?.to_ascii_lowercase();
            let named = |option: &&ReasonOption| {
                option.reason_name.0.to_ascii_lowercase().starts_with(&name)
            };
            self.reason_options.iter().find(named)
        };
        let found = by_number.or_else(by_name).map(|option| option.reason_id.0);
        found.ok_or_else(|| {
            let names: Vec<&str> =
                self.reason_options.iter().map(|option| option.reason_name.0.as_str()).collect();
            let message = format!("the channel takes for this order: {}", names.join(", "));
            Error::Rejected { code: "reason".to_owned(), message }
        })
    }
}

/// Cancels every unit that can be: asks first which reasons the channel takes for them.
pub(super) async fn cancel(
    client: &Client<'_>,
    order: &str,
    units: &[Item],
    reason: Option<&str>,
    reasons: &[Reason],
) -> Result<Done, Error> {
    let reason = reason.ok_or(Error::Unsupported("a cancellation without a reason"))?;
    let open = |unit: &&Item| CANCELLABLE.contains(&unit.status.0.as_str());
    let ids: Vec<u64> = units.iter().filter(open).map(|unit| unit.order_item_id.0).collect();
    if ids.is_empty() {
        return not_needed(units, &[CANCELED]);
    }
    let ids = numbers(&ids);
    let said = [("order_id", order), ("order_item_id_list", &ids)];
    let answer = client.get("cancel_validate", "/order/reverse/cancel/validate", &said).await?;
    let tip: Tip = read_object("cancel_validate", answer.get().as_bytes())?;
    if let Some(refusal) = tip.refusal() {
        return Err(refusal);
    }
    let reason = tip.option(reason, reasons)?.to_string();
    let said = [("order_id", order), ("order_item_id_list", &*ids), ("reason_id", &reason)];
    let asked = ("cancel_create", Method::GET, "/order/reverse/cancel/create");
    let answer = client.act(asked, &said).await?;
    let tip: Tip =
        read_object("cancel_create", answer.get().as_bytes()).map_err(|error| unclear(&error))?;
    match tip.refusal() {
        Some(refusal) => Err(refusal),
        None => Ok(Done { answer: "cancelled".to_owned(), changed: true, ..Done::default() }),
    }
}

/// Answers the buyer's wish to cancel, for every wish that is open.
pub(super) async fn decide(
    client: &Client<'_>,
    units: &[Item],
    agree: bool,
) -> Result<Done, Error> {
    let waiting = units.iter().filter(|unit| unit.waits_for_answer());
    let mut wishes: Vec<u64> = waiting.filter_map(|unit| unit.reverse_order_id.0).collect();
    wishes.sort_unstable();
    wishes.dedup();
    if wishes.is_empty() {
        if agree {
            return not_needed(units, &[CANCELED]);
        }
        return Ok(Done { answer: "no wish to cancel is open".to_owned(), ..Done::default() });
    }
    let agreed = agree.to_string();
    for (index, wish) in wishes.iter().enumerate() {
        let said = [("reverse_order_id", &*wish.to_string()), ("agree_cancel", &agreed)];
        let asked = ("cancel_decide", Method::GET, "/order/reverse/cancel/seller/decide");
        // Of several wishes some may be answered by now: the order tells which.
        let partly = |error: Error| if index == 0 { error } else { unclear(&error) };
        client.act(asked, &said).await.map_err(partly)?;
    }
    let answer = format!("{} wishes answered: {agreed}", wishes.len());
    Ok(Done { answer, changed: true, ..Done::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lazada::commands::OFFERS;

    #[test]
    fn a_reason_is_found_by_number_or_by_name() {
        let offer = OFFERS.iter().find(|offer| !offer.reasons.is_empty()).unwrap();
        let tip = |json: &str| serde_json::from_str::<Tip>(json).unwrap();
        let same = tip(r#"{"reason_options":[{"reason_id":"10000021","reason_name":"Habis"}]}"#);
        assert_eq!(same.option("10000021", offer.reasons).unwrap(), 10_000_021);
        let other =
            tip(r#"{"reason_options":[{"reason_id":77,"reason_name":"Out of Stock (SG)"}]}"#);
        assert_eq!(other.option("10000021", offer.reasons).unwrap(), 77);
        assert_eq!(other.option("10000023", offer.reasons).unwrap_err().name(), "rejected");
        assert!(other.refusal().is_none());
        assert!(tip(r#"{"tip_type":"error","tip_content":"no"}"#).refusal().is_some());
    }
}
