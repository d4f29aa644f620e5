//! Where pushes go, and those that were lost.
//!
//! An app has one address for all its shops. A push that failed four times is kept for three days; what
//! it told is in the lists as well, so that it is taken for what it is: news that were missed, after which
//! the orders are pulled at once.

use dermaga_channel::{Call, Done, Error};
use serde::Deserialize;
use serde_json::json;

use super::client::{self, Client};
use super::commands::rejected;
use super::webhook::{CODES, PUSH};
use super::wire::{Count, Text, read};

/// The word of an app whose pushes are switched off, because too many of them failed.
const SUSPENDED: &str = "Suspended";
/// Answers of lost pushes, 100 each, that are worked off in one look.
const LOST_PAGES_MAX: usize = 50;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Config {
    callback_url: Text,
    live_push_status: Text,
    push_config_on_list: Option<Vec<Count>>,
}

impl Config {
    fn stands(&self, address: &str) -> bool {
        let on = self.push_config_on_list.as_deref().unwrap_or_default();
        self.callback_url.0 == address
            && !self.live_push_status.0.eq_ignore_ascii_case(SUSPENDED)
            && CODES.iter().all(|code| on.contains(&Count(*code)))
    }
}

/// The address of the pushes, below this one.
fn address(call: &Call<'_>, base_url: &str) -> Result<String, Error> {
    let address = format!("{base_url}{PUSH}");
    if call.credentials.get("push_url").trim().is_empty() {
        // The connection works without: its orders are pulled.
        let message = format!("enter the address of the pushes, or all are refused: {address}");
        return Err(rejected("push_url", &message));
    }
    Ok(address)
}

/// What is added to an answer where pushes would be refused: they are signed for another address than
/// the entered one.
fn warning(call: &Call<'_>, address: &str) -> String {
    let entered = call.credentials.get("push_url").trim();
    if entered == address {
        return String::new();
    }
    let slash = entered.trim_end_matches('/') == address.trim_end_matches('/');
    let how = if slash { " by a slash at its end" } else { "" };
    format!("; push_url differs from it{how}, so that all are refused")
}

/// Sends pushes to an address below this one.
pub(super) async fn register(call: &Call<'_>, base_url: &str) -> Result<Done, Error> {
    let address = address(call, base_url)?;
    set(&Client::new(call)?, &address).await?;
    let answer = format!("pushes go to {address}{}", warning(call, &address));
    Ok(Done { answer, changed: true, ..Done::default() })
}

/// Looks whether pushes still come here, and sends them here again if not; and works off those that were
/// lost meanwhile.
pub(super) async fn watch(call: &Call<'_>, base_url: &str) -> Result<Done, Error> {
    let address = address(call, base_url)?;
    let client = Client::new(call)?;
    let stands = client.push_config().await?.stands(&address);
    if !stands {
        set(&client, &address).await?;
    }
    let lost = client.work_off_lost().await?;
    let told = if stands { "pushes stand" } else { "pushes are registered again" };
    let answer = format!("{told}, {lost} were lost{}", warning(call, &address));
    Ok(Done { answer, changed: !stands || lost > 0, ..Done::default() })
}

async fn set(client: &Client<'_>, address: &str) -> Result<(), Error> {
    let body = json!({"callback_url": address, "set_push_config_on": CODES});
    client.post(&client::PUSH_SET, &body).await?;
    if client.push_config().await?.stands(address) {
        return Ok(());
    }
    Err(Error::Temporary("the address that reads back is not the one that was set".to_owned()))
}

impl Client<'_> {
    async fn push_config(&self) -> Result<Config, Error> {
        let told = self.get(&client::PUSH, &[]).await?;
        let config: Option<Config> = read("push_config", told.get().as_bytes())?;
        Ok(config.unwrap_or_default())
    }

    /// Counts the pushes that were lost, and says that they were seen.
    async fn work_off_lost(&self) -> Result<usize, Error> {
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Lost {
            push_message_list: Option<Vec<serde::de::IgnoredAny>>,
            has_next_page: Option<bool>,
            last_message_id: Count,
        }
        let mut count = 0;
        for _ in 0..LOST_PAGES_MAX {
            let told = self.get(&client::PUSH_LOST, &[]).await?;
            let lost: Option<Lost> = read("push_lost", told.get().as_bytes())?;
            let lost = lost.unwrap_or_default();
            let here = lost.push_message_list.map_or(0, |list| list.len());
            if here == 0 {
                break;
            }
            count += here;
            let body = json!({"last_message_id": lost.last_message_id.0});
            self.post(&client::PUSH_SEEN, &body).await?;
            if lost.has_next_page != Some(true) {
                break;
            }
        }
        Ok(count)
    }
}
