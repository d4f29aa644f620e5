//! The registration of webhooks: one for each topic, looked after because a shop switches off what
//! failed seven times in a row, and never sends again what failed.

use std::collections::BTreeSet;

use dermaga_channel::{Call, Done, Error};
use http::Method;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::capabilities::WEBHOOKS_PAGE_MAX;
use super::client::{Client, wrong_credential};
use super::webhook::TOPICS;
use super::wire::{SomeId, Text, read, read_object};

/// The status of a webhook that is sent.
const ACTIVE: &str = "active";
/// Pages of webhooks that are looked through; a shop with more has lost count of them.
const PAGES_MAX: u32 = 20;
/// Letters that a shop reads as something else in a secret, or may: it decodes entities.
const UNSAFE: [char; 5] = ['&', '<', '>', '"', '\''];

/// A webhook as the shop has it. Its secret is shown to nobody.
#[derive(Deserialize)]
struct Registered {
    id: SomeId,
    #[serde(default)]
    status: Text,
    #[serde(default)]
    topic: Text,
    #[serde(default)]
    delivery_url: Text,
}

impl Registered {
    fn goes_to(&self, base_url: &str, topic: &str) -> bool {
        self.topic.0 == topic && self.delivery_url.0 == format!("{base_url}{topic}")
    }
}

impl Client<'_> {
    /// Everything that is registered, by us and by others.
    async fn registered(&self) -> Result<Vec<Registered>, Error> {
        let mut all = Vec::new();
        for page in 1..=PAGES_MAX {
            let query = [
                ("per_page", &*WEBHOOKS_PAGE_MAX.to_string()),
                ("page", &*page.to_string()),
                ("status", "all"),
                ("orderby", "id"),
                ("order", "asc"),
            ];
            let rows = self.get("webhook_list", "/webhooks", &query).await?;
            let rows: Vec<&RawValue> = read("webhook_list", rows.get().as_bytes())?;
            let count = rows.len();
            let one = |row: &RawValue| read_object("webhook_list", row.get().as_bytes()).ok();
            all.extend(rows.into_iter().filter_map(one));
            if count < WEBHOOKS_PAGE_MAX as usize {
                break;
            }
        }
        Ok(all)
    }

    async fn create(&self, base_url: &str, topic: &str, secret: &str) -> Result<(), Error> {
        let body = json!({
            "name": format!("Dermaga {topic}"), "topic": topic, "status": ACTIVE,
            "delivery_url": format!("{base_url}{topic}"), "secret": secret,
        });
        self.write("webhook_register", (Method::POST, "/webhooks"), &body).await.map(drop)
    }

    async fn switch_on(&self, id: SomeId, secret: &str) -> Result<(), Error> {
        let body = json!({"status": ACTIVE, "secret": secret});
        let path = format!("/webhooks/{id}");
        self.write("webhook_register", (Method::PUT, &path), &body).await.map(drop)
    }

    /// Takes a webhook away; one that is gone already is no failure.
    async fn delete(&self, id: SomeId) -> Result<(), Error> {
        let path = format!("/webhooks/{id}");
        match self.write("webhook_remove", (Method::DELETE, &path), &json!({})).await {
            Ok(_) | Err(Error::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Takes away what goes to addresses that begin with this one: a shop would go on sending to nobody
/// until it has failed seven times, and keep the registration for good.
pub(super) async fn remove(call: &Call<'_>, base_url: &str) -> Result<Done, Error> {
    let client = Client::new(call)?;
    let before = client.registered().await?;
    let ours = before.iter().filter(|it| it.delivery_url.0.starts_with(base_url));
    let mut removed = 0_usize;
    for it in ours {
        client.delete(it.id).await?;
        removed += 1;
    }
    let answer = format!("{removed} webhooks are removed");
    Ok(Done { answer, changed: removed > 0, ..Done::default() })
}

/// The topics that are sent to addresses that begin with this one.
fn standing(registered: &[Registered], base_url: &str) -> BTreeSet<&'static str> {
    let stands = |topic: &&'static str| {
        registered.iter().any(|it| it.goes_to(base_url, topic) && it.status.0 == ACTIVE)
    };
    TOPICS.into_iter().filter(stands).collect()
}

/// Registers all topics, and sets the secret of those that are registered: it cannot be compared.
pub(super) async fn register(call: &Call<'_>, base_url: &str) -> Result<Done, Error> {
    let client = Client::new(call)?;
    let before = client.registered().await?;
    put_right(&client, call, &before, (base_url, &BTreeSet::new())).await
}

/// Looks whether all topics are sent here, and switches on or registers again what is not.
pub(super) async fn watch(call: &Call<'_>, base_url: &str) -> Result<Done, Error> {
    let client = Client::new(call)?;
    let before = client.registered().await?;
    let standing = standing(&before, base_url);
    if standing.len() == TOPICS.len() {
        return Ok(Done { answer: "the webhooks stand".to_owned(), ..Done::default() });
    }
    put_right(&client, call, &before, (base_url, &standing)).await
}

async fn put_right(
    client: &Client<'_>,
    call: &Call<'_>,
    before: &[Registered],
    (base_url, leave): (&str, &BTreeSet<&'static str>),
) -> Result<Done, Error> {
    let secret = call.credentials.get("webhook_secret");
    if secret.is_empty() || secret.contains(UNSAFE) {
        let message = "the webhook secret is of letters and digits";
        return Err(wrong_credential("webhook_secret", message));
    }
    let mut changed = 0_usize;
    for topic in TOPICS.into_iter().filter(|topic| !leave.contains(topic)) {
        let mut ours = before.iter().filter(|it| it.goes_to(base_url, topic));
        match ours.next() {
            None => client.create(base_url, topic, secret).await?,
            Some(it) => client.switch_on(it.id, secret).await?,
        }
        changed += 1;
        // Twice the same would come twice: a registration whose answer was lost.
        for twin in ours {
            client.delete(twin.id).await?;
        }
    }
    if standing(&client.registered().await?, base_url).len() == TOPICS.len() {
        let answer = format!("{changed} webhooks are registered");
        return Ok(Done { answer, changed: true, ..Done::default() });
    }
    Err(Error::Temporary("the webhooks that read back are not those that were set".to_owned()))
}
