//! The channels that are tortured: how orders live there, and what their statuses call for, as the
//! channels' own documents and the seeds' tables say it. Not read from the flows, which are what is tried.

mod lazada;
mod shopee;
mod tiktok;
mod tokopedia;
mod woocommerce;

use anyhow::{Context as _, Result};

/// What happens to an order, step by step: acts of the control API, each with its one word. `pay` is only
/// ever the first: such an order is placed unpaid. What ends with `!` is a command given at the hub.
pub(crate) type Steps = &'static [&'static str];

/// A channel as buyers, couriers and the seller know it.
#[derive(Debug)]
pub(crate) struct Market {
    /// Its name.
    pub(crate) channel: &'static str,
    /// How orders live whose seller works at the channel.
    pub(crate) lives: &'static [Steps],
    /// How orders live whose seller works at the hub.
    pub(crate) hub_lives: &'static [Steps],
    /// What its statuses call for.
    pub(crate) statuses: Statuses,
    /// Whether an order shows every status it ever had; where it does not, one that nobody heard in time
    /// is never heard.
    pub(crate) tells_history: bool,
    /// Whether an order is paid only once a person has downloaded it as completed.
    pub(crate) pays_on_download: bool,
    /// The endpoint that does a command, as the log of calls names it; a command that is not named here
    /// changes nothing.
    pub(crate) endpoints: &'static [(&'static str, &'static str)],
    /// The endpoint by which an order is read alone, where there is one.
    pub(crate) read: Option<&'static str>,
    /// Whether a shop disables webhooks that it could not deliver.
    pub(crate) disables_webhooks: bool,
    /// Faults that cannot happen there.
    pub(crate) lacks: &'static [&'static str],
}

/// Statuses by what they call for; one may be among several.
#[derive(Debug)]
pub(crate) struct Statuses {
    pub(crate) sales_order: &'static [&'static str],
    pub(crate) invoice: &'static [&'static str],
    pub(crate) sent: &'static [&'static str],
    pub(crate) paid: &'static [&'static str],
    pub(crate) cancelled: &'static [&'static str],
    /// Whose cancellation asks a person to void the document, and leaves it as it is.
    pub(crate) asks_a_person: Option<&'static str>,
    /// Whether an order that goes on after its cancellation lives again.
    pub(crate) revives: bool,
}

/// All of them, in the order in which they are connected.
static MARKETS: [&Market; 5] =
    [&tokopedia::MARKET, &tiktok::MARKET, &lazada::MARKET, &shopee::MARKET, &woocommerce::MARKET];

/// Those of these names, or all.
///
/// # Errors
/// A name that none has.
pub(crate) fn named(names: &[String]) -> Result<Vec<&'static Market>> {
    if names.is_empty() {
        return Ok(MARKETS.to_vec());
    }
    names.iter().map(|name| of(name)).collect()
}

/// The one of this name.
///
/// # Errors
/// That there is none.
pub(crate) fn of(name: &str) -> Result<&'static Market> {
    let found = MARKETS.into_iter().find(|market| market.channel == name);
    found.with_context(|| format!("no channel {name:?} is tortured"))
}
