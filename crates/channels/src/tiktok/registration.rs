//! Webhooks, registered for each topic of each shop that the seller's consent opens.

use dermaga_channel::{Call, Done, Error};
use serde::Deserialize;
use serde_json::json;

use super::client::{Client, Said};
use super::consent::Shop;
use super::endpoints;
use super::webhook::TOPICS;
use super::wire::{Text, read};

/// A webhook as the channel has it.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Registered {
    event_type: Text,
    address: Text,
}

impl Client<'_> {
    /// What is registered for a shop, by us and by others.
    async fn registered(&self, shop: &Shop) -> Result<Vec<Registered>, Error> {
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Answer {
            webhooks: Option<Vec<Registered>>,
        }
        let said = Said::default();
        let data = self.ask_of(&endpoints::WEBHOOKS, said, Some(&shop.cipher.0)).await?;
        let answer: Option<Answer> = read("webhook_list", data.get().as_bytes())?;
        Ok(answer.unwrap_or_default().webhooks.unwrap_or_default())
    }

    /// The topics of a shop that do not go to addresses that begin with this one.
    async fn astray(&self, shop: &Shop, base_url: &str) -> Result<Vec<&'static str>, Error> {
        let registered = self.registered(shop).await?;
        let stands = |topic: &str| {
            let address = format!("{base_url}{topic}");
            registered.iter().any(|it| it.event_type.0 == topic && it.address.0 == address)
        };
        Ok(TOPICS.into_iter().filter(|topic| !stands(topic)).collect())
    }

    async fn set(&self, shop: &Shop, base_url: &str, topic: &str) -> Result<(), Error> {
        let body = json!({"address": format!("{base_url}{topic}"), "event_type": topic});
        let said = Said { body: Some(&body), ..Said::default() };
        self.ask_of(&endpoints::WEBHOOK_SET, said, Some(&shop.cipher.0)).await.map(drop)
    }

    async fn delete(&self, shop: &Shop, topic: &str) -> Result<(), Error> {
        let body = json!({"event_type": topic});
        let said = Said { body: Some(&body), ..Said::default() };
        self.ask_of(&endpoints::WEBHOOK_REMOVE, said, Some(&shop.cipher.0)).await.map(drop)
    }
}

/// Sends all topics of all shops to addresses that begin with this one: all of them `anew`, or only what
/// goes elsewhere or nowhere.
pub(super) async fn stand(call: &Call<'_>, base_url: &str, anew: bool) -> Result<Done, Error> {
    let client = Client::new(call)?;
    let shops = client.shops().await?;
    let mut changed = 0_usize;
    for shop in &shops {
        let wanted = if anew { TOPICS.to_vec() } else { client.astray(shop, base_url).await? };
        for topic in &wanted {
            client.set(shop, base_url, topic).await?;
            changed += 1;
        }
        if !wanted.is_empty() && !client.astray(shop, base_url).await?.is_empty() {
            let why = "the webhooks that read back are not those that were set";
            return Err(Error::Temporary(why.to_owned()));
        }
    }
    if changed == 0 {
        return Ok(Done { answer: "the webhooks stand".to_owned(), ..Done::default() });
    }
    let answer = format!("{changed} webhooks of {} shops are registered", shops.len());
    Ok(Done { answer, changed: true, ..Done::default() })
}

/// Takes away what goes to addresses that begin with this one: the channel would go on sending there.
pub(super) async fn remove(call: &Call<'_>, base_url: &str) -> Result<Done, Error> {
    let client = Client::new(call)?;
    let mut removed = 0_usize;
    for shop in &client.shops().await? {
        let registered = client.registered(shop).await?;
        for it in registered.iter().filter(|it| it.address.0.starts_with(base_url)) {
            client.delete(shop, &it.event_type.0).await?;
            removed += 1;
        }
    }
    let answer = format!("{removed} webhooks are removed");
    Ok(Done { answer, changed: removed > 0, ..Done::default() })
}
