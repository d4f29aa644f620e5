//! `dermaga bench`: torture and benchmarks.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use dermaga_bench::control::{Control, DistantClock};
use dermaga_bench::{ingest, seller, torture, webhook};
use dermaga_channel::http::Client;
use dermaga_domain::id::OrgId;
use dermaga_domain::time::{Clock, Span};
use dermaga_engine::{Engine, Settings};
use dermaga_store::apply::NewAct;
use serde_json::{Value, json};

use crate::clock::SystemClock;
use crate::hub::{Hub, Place, asked_to_end, listen};

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Every fault switched on while the hub is killed at random; exit status 0 only without a
    /// difference.
    Torture(torture::Args),
    /// Orders a second in batches, next to the fastest client that writes the same rows.
    Ingest(ingest::Args),
    /// Webhooks a second, kept before they are answered, next to a handler that does no more.
    Webhook(webhook::Args),
    /// A hub on a sandbox's clock, for torture.
    #[command(hide = true)]
    Hub(HubArgs),
}

#[derive(Debug, clap::Args)]
struct HubArgs {
    #[command(flatten)]
    place: Place,
    #[arg(long)]
    listen: SocketAddr,
    #[arg(long)]
    public_url: String,
    #[arg(long)]
    control: String,
    #[arg(long)]
    channel: String,
    #[arg(long)]
    plant: Option<String>,
}

/// Runs the command.
pub async fn run(args: Args) -> Result<()> {
    match args.what {
        What::Torture(args) => {
            let program = std::env::current_exe().context("where is this program?")?;
            torture::run(args, program, SystemClock.now()).await
        }
        What::Ingest(args) => ingest::run(args, Arc::new(SystemClock)).await,
        What::Webhook(args) => webhook::run(args, Arc::new(SystemClock)).await,
        What::Hub(args) => hub(args).await,
    }
}

async fn hub(args: HubArgs) -> Result<()> {
    if let Some(plant) = &args.plant {
        plant_bug(plant)?;
    }
    let listener = listen(args.listen).await?;
    args.place.migrate().await?;
    let client = Client::build()?;
    let clock: Arc<dyn Clock> = Arc::new(DistantClock::follow(&client, &args.control).await?);
    let store = args.place.open(Arc::clone(&clock)).await?;
    let settings = Settings {
        public_url: Some(args.public_url),
        pull_interval: Span::minutes(2),
        status_interval: Span::minutes(3),
        return_interval: Span::minutes(3),
        listing_interval: Span::hours(2),
        watch_interval: Span::minutes(30),
        tick_ms: 200,
        unpaced: true,
    };
    let seller = SetUp { keys: args.place.keys, control: args.control, channel: args.channel };
    let extra = move |engine: Engine| bench_routes(engine);
    let hub = Hub::start_with(store, clock, settings, listener, extra).await?;
    seller.once(&hub.engine, &client).await?;
    asked_to_end().await?;
    hub.stop().await
}

/// The seller, set up by the first start of the first hub.
struct SetUp {
    keys: PathBuf,
    control: String,
    channel: String,
}

impl SetUp {
    async fn once(&self, engine: &Engine, client: &Client) -> Result<()> {
        if !engine.store().orgs().await?.is_empty() {
            return Ok(());
        }
        let org = engine.store().create_org("Toko Contoh").await?;
        let api_key = super::api_key(engine.store(), org, "bench").await?;
        let control = Control::There(client, &self.control);
        seller::connect(engine, org, control, &self.channel).await?;
        let told = serde_json::to_vec(&json!({"api_key": api_key}))?;
        std::fs::write(self.keys.join("seller.json"), told)?;
        Ok(())
    }
}

fn plant_bug(name: &str) -> Result<()> {
    anyhow::bail!("this build has no bug {name:?} to plant; build it with the feature `planted`")
}

/// What torture asks of a hub beside the API: a person's act, and the doctor.
fn bench_routes(engine: Engine) -> Router {
    Router::new()
        .route("/bench/act", post(act))
        .route("/bench/doctor", get(doctor))
        .with_state(engine)
}

async fn act(State(engine): State<Engine>, Json(asked): Json<Value>) -> StatusCode {
    match try_act(&engine, &asked).await {
        Ok(true) => StatusCode::NO_CONTENT,
        Ok(false) => StatusCode::NOT_FOUND,
        Err(error) => {
            tracing::warn!(error = %error, "an act failed");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

async fn try_act(engine: &Engine, asked: &Value) -> Result<bool> {
    let number = asked["channel_order_id"].as_str().context("no order")?;
    let kind = asked["act"].as_str().context("no act")?.parse()?;
    let org = only_org(engine).await?;
    let Some(order) = super::find_order(engine.store(), org, number).await? else {
        return Ok(false);
    };
    engine.act(org, order, NewAct { kind, by: None, note: None }).await?;
    Ok(true)
}

async fn doctor(State(engine): State<Engine>) -> Result<Json<Value>, StatusCode> {
    let broken = |error: &dyn std::fmt::Display| {
        tracing::error!(error = %error, "the doctor failed");
        StatusCode::INTERNAL_SERVER_ERROR
    };
    let org = only_org(&engine).await.map_err(|error| broken(&error))?;
    let findings = super::doctor::findings(engine.store(), org).await;
    findings.map(Json).map_err(|error| broken(&error))
}

async fn only_org(engine: &Engine) -> Result<OrgId> {
    engine.store().orgs().await?.first().copied().context("there is no org yet")
}
