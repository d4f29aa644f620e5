//! What is held about one buyer: given out, and erased.

use std::fmt;
use std::path::Path;

use dermaga_domain::id::{OrderId, OrgId};
use dermaga_domain::order::Buyer;
use dermaga_domain::time::Time;
use dermaga_store::command::Giver;
use dermaga_store::read::Scope;
use dermaga_store::read::orders::Order;
use dermaga_store::retention::{Copies, Erased, Erasure, HeldBuyer, HeldLabel, Wish};

use crate::engine::Engine;
use crate::error::{Error, Result};

/// Digits that two ways of writing a phone number must share.
const PHONE_MIN: usize = 8;

/// Whose data is meant.
#[derive(Clone, PartialEq, Eq)]
pub enum Whose {
    /// The buyer of this order, and of every order with the same phone number or e-mail address.
    Order(OrderId),
    /// Who has this phone number, however it is written.
    Phone(String),
    /// Who has this e-mail address.
    Email(String),
}

impl fmt::Debug for Whose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order(order) => write!(f, "Order({order})"),
            Self::Phone(_) => f.write_str("Phone(…)"),
            Self::Email(_) => f.write_str("Email(…)"),
        }
    }
}

/// What is held about one buyer.
#[derive(Debug, Clone)]
pub struct BuyerExport {
    /// The orders, with what is held of the buyer in each.
    pub orders: Vec<(Order, Option<Buyer>)>,
    /// Labels that name the buyer.
    pub labels: Vec<HeldLabel>,
    /// Raw copies that speak of the buyer.
    pub copies: Copies,
    /// When it was looked.
    pub at: Time,
}

/// Who was found.
struct Found {
    held: Vec<HeldBuyer>,
    wish: Wish,
}

impl Engine {
    /// What is held about a buyer; that it was asked for stands in the audit.
    ///
    /// # Errors
    /// When nothing is held, or the store's.
    pub async fn export_buyer(&self, org: OrgId, whose: &Whose, by: Giver) -> Result<BuyerExport> {
        let found = self.find_buyer(org, whose).await?;
        let ids: Vec<OrderId> = found.wish.orders.iter().map(|(id, ..)| *id).collect();
        let mut orders = Vec::with_capacity(ids.len());
        for id in &ids {
            let Some(order) = self.store().order(&Scope::all(org), *id).await? else { continue };
            let buyer = found.held.iter().find(|held| held.order == *id);
            orders.push((order, buyer.map(|held| held.buyer.clone())));
        }
        let labels = self.store().held_labels(org, &ids).await?;
        let copies = self.store().copies(org, &found.wish).await?;
        self.store().note_buyer_export(org, &ids, by).await?;
        Ok(BuyerExport { orders, labels, copies, at: self.now() })
    }

    /// Erases what is held about a buyer: fields, labels, and raw copies. Orders, documents, money and
    /// stock stay. What comes again of these orders' buyer is not kept.
    ///
    /// # Errors
    /// When nothing is held, or the store's.
    pub async fn erase_buyer(&self, org: OrgId, whose: &Whose, by: Giver) -> Result<Erased> {
        // What waits is read first: afterwards there would be nothing to compare it with.
        while self.ingest(org).await?.messages > 0 {}
        let found = self.find_buyer(org, whose).await?;
        let copies = self.store().copies(org, &found.wish).await?;
        if let Some(file) = &self.settings().erasures {
            self.remember_outside(file, org, &found.wish).await?;
        }
        let erased = self.store().erase_buyers(org, found.wish, copies, by).await?;
        tracing::info!(org.id = %org, orders = erased.orders, "a buyer was erased");
        Ok(erased)
    }

    /// Erases buyers that came again although they were erased, with the raw copies; says of how many
    /// orders.
    ///
    /// # Errors
    /// The store's.
    pub async fn erase_again(&self, org: OrgId) -> Result<usize> {
        let orders = self.store().came_again(org).await?;
        if orders.is_empty() {
            return Ok(0);
        }
        let ids: Vec<OrderId> = orders.iter().map(|(id, ..)| *id).collect();
        let buyers = self.store().buyers(&Scope::all(org), &ids).await?;
        let texts = buyers.into_values().flat_map(|buyer| [buyer.phone, buyer.email]);
        let wish = Wish { orders, texts: telling(texts) };
        let copies = self.store().copies(org, &wish).await?;
        let erased = self.store().erase_buyers(org, wish, copies, Giver::Machine).await?;
        tracing::info!(org.id = %org, orders = erased.orders, "buyers that had been erased came again and were erased");
        Ok(erased.orders)
    }

    async fn find_buyer(&self, org: OrgId, whose: &Whose) -> Result<Found> {
        let (mut texts, mut own) = (Vec::new(), None);
        match whose {
            Whose::Order(id) => {
                let mut buyers = self.store().buyers(&Scope::all(org), &[*id]).await?;
                if let Some(buyer) = buyers.remove(id) {
                    texts.extend([buyer.phone, buyer.email]);
                }
                own = Some(*id);
            }
            Whose::Phone(text) | Whose::Email(text) => texts.push(text.clone()),
        }
        let texts = telling(texts);
        let mut held = Vec::new();
        let mut after = Some(OrderId(i64::MIN));
        while let Some(from) = after {
            let (some, next) = self.store().held_buyers(org, from).await?;
            held.extend(some.into_iter().filter(|held| {
                own == Some(held.order) || texts.iter().any(|text| fits(&held.buyer, text))
            }));
            after = next;
        }
        let mut ids: Vec<OrderId> = held.iter().map(|held| held.order).chain(own).collect();
        ids.sort_unstable();
        ids.dedup();
        let orders = self.store().orders_by_id(org, &ids).await?;
        if orders.is_empty() {
            return Err(Error::Store(dermaga_store::Error::NotFound("buyer")));
        }
        // As the channels wrote them, for the raw copies.
        let written =
            held.iter().flat_map(|held| [held.buyer.phone.clone(), held.buyer.email.clone()]);
        let texts = telling(texts.into_iter().chain(written));
        Ok(Found { held, wish: Wish { orders, texts } })
    }

    /// Keeps outside of the database that a buyer was erased: a backup that is older does not know it.
    async fn remember_outside(&self, file: &Path, org: OrgId, wish: &Wish) -> Result<()> {
        let shops = self.store().shops(org, None).await?;
        let at = self.now().0;
        let mut lines = String::new();
        for (_, shop, order) in &wish.orders {
            let Some(shop) = shops.iter().find(|known| known.id == *shop) else { continue };
            let erasure = Erasure {
                channel: shop.channel.clone(),
                shop: shop.channel_shop_id.clone(),
                order: order.clone(),
                at,
            };
            let line = serde_json::to_string(&erasure)
                .map_err(|_| Error::Refused("the erasure cannot be written".to_owned()))?;
            lines.push_str(&line);
            lines.push('\n');
        }
        let kept = keep(file.to_owned(), lines).await;
        kept.map_err(|error| {
            Error::Refused(format!(
                "nothing was erased: the list of erasures {} cannot be written: {error}",
                file.display()
            ))
        })
    }
}

/// Texts that tell one person from others: a masked number fits many.
fn telling(texts: impl IntoIterator<Item = String>) -> Vec<String> {
    let tells = |text: &String| !text.contains('*') && text.chars().count() >= PHONE_MIN;
    let mut texts: Vec<String> = texts.into_iter().filter(tells).collect();
    texts.sort();
    texts.dedup();
    texts
}

/// Adds lines to a file that outlives the database.
async fn keep(file: std::path::PathBuf, lines: String) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let write = move || {
        let mut open = std::fs::OpenOptions::new();
        let mut file = open.append(true).create(true).mode(0o600).open(file)?;
        file.write_all(lines.as_bytes())?;
        file.sync_all()
    };
    tokio::task::spawn_blocking(write).await.map_err(std::io::Error::other)?
}

/// Whether a buyer has this phone number or e-mail address.
fn fits(buyer: &Buyer, text: &str) -> bool {
    if text.contains('@') {
        return buyer.email.trim().to_lowercase() == text.trim().to_lowercase();
    }
    same_number(&buyer.phone, text)
}

/// Whether two texts are the same phone number, with or without its country and its leading zero.
fn same_number(one: &str, other: &str) -> bool {
    if one.contains('*') {
        return false;
    }
    let digits = |text: &str| -> String {
        let all: String = text.chars().filter(char::is_ascii_digit).collect();
        all.trim_start_matches('0').to_owned()
    };
    let (one, other) = (digits(one), digits(other));
    let (long, short) = if one.len() >= other.len() { (&one, &other) } else { (&other, &one) };
    short.len() >= PHONE_MIN && long.len() - short.len() <= 3 && long.ends_with(short.as_str())
}

impl BuyerExport {
    /// Everything, as it is given out.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let orders = self.orders.iter().map(|(order, buyer)| {
            let labels = self.labels.iter().filter(|label| label.order == order.id);
            serde_json::json!({
                "id": order.id.to_string(),
                "channel": order.channel,
                "sub_platform": order.sub_platform,
                "shop_id": order.shop.to_string(),
                "channel_order_id": order.channel_order_id,
                "ordered_at": order.ordered_at.map(|at| at.0),
                "lines": order.lines.iter().map(|line| serde_json::json!({
                    "name": line.name,
                    "quantity": line.quantity,
                })).collect::<Vec<_>>(),
                "total": order.money.as_ref().map(|money| money.total),
                "currency": order.money.as_ref().map(|money| money.currency.as_str()),
                "buyer": buyer.as_ref().map(fields),
                "labels": labels.map(|label| serde_json::json!({
                    "command_id": label.command.to_string(),
                    "media_type": label.media_type,
                    "fetched_at": label.at.0,
                })).collect::<Vec<_>>(),
            })
        });
        serde_json::json!({
            "at": self.at.0,
            "orders": orders.collect::<Vec<_>>(),
            "raw_messages": self.copies.messages.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "raw_answers": self.copies.answers.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })
    }
}

fn fields(buyer: &Buyer) -> serde_json::Value {
    serde_json::json!({
        "name": buyer.name,
        "phone": buyer.phone,
        "email": buyer.email,
        "address": buyer.address,
        "district": buyer.district,
        "city": buyer.city,
        "province": buyer.province,
        "postal_code": buyer.postal_code,
        "note": buyer.note,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        for text in ["6281200000777", "+62 812-0000-0777", "081200000777", "81200000777"] {
            assert!(same_number("6281200000777", text), "{text}");
        }
        for text in ["6281200000778", "777", "", "0777"] {
            assert!(!same_number("6281200000777", text), "{text}");
        }
        assert!(!same_number("62812*****777", "62812*****777"));
    }

    #[test]
    fn nobody_is_printed() {
        let whose =
            [Whose::Phone("6281200000777".to_owned()), Whose::Email("a@b.example".to_owned())];
        assert_eq!(format!("{whose:?}"), "[Phone(…), Email(…)]");
    }
}
