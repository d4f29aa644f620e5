//! `dermaga serve`: the hub.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Result, bail};
use dermaga_engine::{ChosenRate, Settings};

use super::backup::Kept;
use crate::clock::SystemClock;
use crate::hub::{Hub, Place, asked_to_end, listen};
use crate::listed::Listed;
use crate::socket::Listening;

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// Where pages, API and webhooks answer.
    #[arg(long, env = "DERMAGA_LISTEN", default_value = "127.0.0.1:8600")]
    listen: SocketAddr,
    /// The address under which channels reach this hub; without one no webhooks are registered.
    #[arg(long, env = "DERMAGA_PUBLIC_URL")]
    public_url: Option<String>,
    /// Rates that the channels grant this app in the place of those they document, with commas between
    /// them: `tokopedia=20/40,lazada:orders=10`; per second, and at once.
    #[arg(long, env = "DERMAGA_RATES", default_value = "", hide_default_value = true)]
    rates: Listed<ChosenRate>,
    #[command(flatten)]
    kept: Kept,
}

/// Refuses a rate of a channel that there is not: it would be without effect, and nobody would know.
fn check_rates(rates: &[ChosenRate]) -> Result<()> {
    let registry = dermaga_channels::all();
    let lost = rates.iter().find(|chosen| registry.find(&chosen.channel).is_none());
    if let Some(ChosenRate { channel, .. }) = lost {
        let known: Vec<&str> = registry.iter().map(|(name, _)| name).collect();
        bail!("there is no channel {channel:?} to rate; the channels are: {}", known.join(", "));
    }
    Ok(())
}

/// Runs the command until the process is asked to end.
pub async fn run(args: Args) -> Result<()> {
    check_rates(&args.rates.0)?;
    let listener = listen(args.listen).await?;
    args.place.migrate().await?;
    let clock = Arc::new(SystemClock);
    let store = args.place.open(clock.clone()).await?;
    let (retention, erasures) = (args.kept.rules(), Some(args.place.erasures()));
    let public_url = args.public_url.map(|url| url.trim_end_matches('/').to_owned());
    let rates = args.rates.0;
    let settings = Settings { public_url, retention, erasures, rates, ..Settings::default() };
    let hub = Hub::start(store, (clock, args.place.client()?), settings, listener).await?;
    let socket = Listening::open(&args.place, &hub.engine)?;
    // A service's output is a log, which is no place for it: there `user create-owner` begins.
    if let Some(link) = hub.setup.as_ref().filter(|_| std::io::stdout().is_terminal()) {
        tell(link);
    }
    tracing::info!(address = %hub.address, "the hub is ready");
    asked_to_end().await?;
    tracing::info!("the hub stops");
    if let Some(socket) = socket {
        socket.close().await;
    }
    hub.stop().await
}

/// The link goes to the terminal and never into the log.
#[expect(clippy::print_stdout, reason = "who starts the hub for the first time needs the link")]
fn tell(link: &str) {
    println!("Nobody can log in yet. Make the owner's account here, once:");
    println!("  {link}");
}
