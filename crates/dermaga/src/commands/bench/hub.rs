//! `dermaga bench hub`: a hub on a sandbox's clock, with doors of its own for torture.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use dermaga_bench::control::{Control, DistantClock};
use dermaga_bench::seller;
use dermaga_channel::http::Client;
use dermaga_channel::reach::this_machine;
use dermaga_domain::planted::{self, Bug};
use dermaga_domain::time::{Clock, Span};
use dermaga_engine::{Engine, Settings};
use dermaga_store::command::Giver;
use dermaga_store::read::accounts::READ;
use serde_json::json;

use super::doors;
use crate::hub::{Hub, Place, asked_to_end, listen};

#[derive(Debug, clap::Args)]
pub(super) struct HubArgs {
    #[command(flatten)]
    place: Place,
    #[arg(long)]
    listen: SocketAddr,
    #[arg(long)]
    public_url: String,
    #[arg(long)]
    control: String,
    /// The channels that the seller connects.
    #[arg(long = "channel", required = true)]
    channels: Vec<String>,
    /// By how much its clock is ahead of the sandbox's.
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    off_seconds: i64,
    /// The bug to plant.
    #[arg(long)]
    plant: Option<Bug>,
}

pub(super) async fn run(args: HubArgs) -> Result<()> {
    if let Some(bug) = args.plant
        && !planted::plant(bug)
    {
        bail!("this build has no bugs to plant; build it with the feature `planted`");
    }
    let listener = listen(args.listen).await?;
    args.place.migrate().await?;
    let client = Client::reaching(&this_machine())?;
    let distant = DistantClock::follow(&client, &args.control).await?;
    distant.set_off(Span::seconds(args.off_seconds));
    let clock: Arc<dyn Clock> = Arc::new(distant.clone());
    let store = args.place.open(Arc::clone(&clock)).await?;
    // One node has the page that the seller's browser comes back to.
    let has_page = args.public_url == format!("http://{}", args.listen);
    let settings = Settings {
        public_url: Some(args.public_url),
        pull_interval: Span::minutes(2),
        status_interval: Span::minutes(6),
        return_interval: Span::minutes(6),
        listing_interval: Span::minutes(6),
        watch_interval: Span::minutes(30),
        tick_ms: 200,
        unpaced: true,
        ..Settings::default()
    };
    let control_url = args.control.clone();
    let seller = SetUp { keys: args.place.keys, control: args.control, channels: args.channels };
    let extra = move |engine: Engine| doors::routes(engine, distant);
    let hub = Hub::start_with(store, (clock, client.clone()), settings, listener, extra).await?;
    seller.once(&hub.engine, &client).await?;
    let org = *hub.engine.store().orgs().await?.first().context("there is no seller")?;
    if has_page {
        let (engine, client) = (hub.engine.clone(), client.clone());
        drop(tokio::spawn(async move {
            seller::consent_when_wanted(engine, org, Control::There(&client, &control_url)).await;
        }));
    }
    asked_to_end().await?;
    hub.stop().await
}

/// The seller, set up by the first start of the first hub.
struct SetUp {
    keys: PathBuf,
    control: String,
    channels: Vec<String>,
}

impl SetUp {
    async fn once(&self, engine: &Engine, client: &Client) -> Result<()> {
        if !engine.store().orgs().await?.is_empty() {
            return Ok(());
        }
        let org = engine.store().create_org("Toko Contoh").await?;
        let api_key = crate::commands::api_key(engine.store(), org, ("bench", READ)).await?;
        let control = Control::There(client, &self.control);
        let mut all = Vec::new();
        for channel in &self.channels {
            let shops = seller::connect(engine, org, control, channel).await?;
            // Of several the last follows an edited flow, in which it matters how a status was heard.
            if let [_, .., edited] = shops[..] {
                seller::pay_on_download(engine, org, edited).await?;
            }
            all.extend(shops);
        }
        seller::listings_read(engine, org).await?;
        for shop in all {
            engine.store().set_shop_push(org, shop, true, Giver::Machine).await?;
        }
        let told = serde_json::to_vec(&json!({"api_key": api_key}))?;
        std::fs::write(self.keys.join("seller.json"), told)?;
        Ok(())
    }
}
