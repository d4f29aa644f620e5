//! A seller who connects every linked shop of a sandbox channel, with a warehouse each and stock.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use dermaga_channel::consent::{BACK, came_back};
use dermaga_domain::flow::{Effect, Ensures, Flow, Preset, Rule};
use dermaga_domain::id::{ConnectionId, OrgId, ShopId};
use dermaga_engine::{Connect, ConnectShop, Engine, NO_SESSION, TaskKind};
use dermaga_store::command::Giver;
use dermaga_store::stock::{NewSku, OpeningRow};
use dermaga_store::{NewFlowVersion, Secret, Shop};
use serde_json::{Value, json};

use crate::control::{Control, text};

/// The secret with which the sandbox signs webhooks to this hub.
const WEBHOOK_SECRET: &str = "webhook-secret-of-the-sandbox";

/// What a connection's trouble is called when the seller is to consent again.
const CONSENT_WANTED: &str = "DMG-0209";

/// How often the seller looks after the connections, in real time.
const CONSENT_LOOK_EVERY: Duration = Duration::from_millis(100);

/// How long reading the listings may take, in real time.
const LISTINGS_LIMIT: Duration = Duration::from_secs(60);

/// Connects; gives the shops in the order of the sandbox.
///
/// # Errors
/// Whatever connecting meets.
pub async fn connect(
    engine: &Engine,
    org: OrgId,
    control: Control<'_>,
    channel: &str,
) -> Result<Vec<ShopId>> {
    let given = control.get(&format!("/control/{channel}/credentials")).await?;
    let new =
        Connect { channel: channel.to_owned(), name: channel.to_owned(), fields: fields(&given) };
    let asks = engine.registry().find(channel).is_some_and(|found| found.consent().is_some());
    let connection = if asks {
        consent(engine, org, control, new).await?
    } else {
        engine.connect(org, new).await?
    };
    sign_for_address(engine, org, control, connection).await?;
    engine.register_webhooks(org, connection).await?;
    enter_push_address(engine, org, control, (channel, connection, &given)).await?;
    let mut shops = Vec::new();
    for shop in given["shops"].as_array().context("the sandbox lists no shops")? {
        if shop["linked"] == json!(false) {
            continue;
        }
        let name = text(&shop["name"]);
        // A seller's shops on two channels may have one name; each keeps its goods by itself here.
        let taken = engine.store().warehouses(org).await?.iter().any(|one| one.name == name);
        let place = if taken { format!("{name} ({channel})") } else { name.clone() };
        let warehouse = engine.store().create_warehouse(org, &place).await?;
        stock(engine, org, &given, shop, &place).await?;
        let new = ConnectShop {
            channel_shop_id: text(&shop["id"]),
            name,
            zone: "Asia/Jakarta".to_owned(),
            preset: Preset::Classic,
            order_sync_from: None,
            return_sync_from: Some(engine.now()),
            order_sync: true,
            number_by_invoice: true,
            sources: vec![(warehouse, Some(text(&shop["warehouse_id"])))],
        };
        shops.push(engine.connect_shop(org, connection, new).await?);
    }
    Ok(shops)
}

/// What a person enters in the channel's console, where no call of the channel's sets it.
async fn enter_push_address(
    engine: &Engine,
    org: OrgId,
    control: Control<'_>,
    (channel, connection, given): (&str, ConnectionId, &Value),
) -> Result<()> {
    let (Some(last), Some(public)) =
        (given["push_path"].as_str(), engine.settings().public_url.as_deref())
    else {
        return Ok(());
    };
    let found = engine.store().connections(org, Some(connection)).await?;
    let route = &found.first().context("there is no connection")?.webhook_route;
    let url = format!("{public}/webhooks/{route}/{last}");
    let target = format!("/control/{channel}/push-address");
    control.ask("PUT", &target, &json!({"url": url})).await.map(drop)
}

/// Where webhooks are signed for the address they go to, it is entered once it is known, and the seller is
/// asked again.
async fn sign_for_address(
    engine: &Engine,
    org: OrgId,
    control: Control<'_>,
    connection: ConnectionId,
) -> Result<()> {
    let found = engine.store().connections(org, Some(connection)).await?;
    let found = found.into_iter().next().context("there is no connection")?;
    let channel = engine.registry().find(&found.channel).context("there is no channel")?;
    let asks = channel.capabilities().credentials.iter().any(|field| field.name == "push_url");
    let Some(public) = engine.webhooks_url(&found).filter(|_| asks) else { return Ok(()) };
    let entered = [("push_url".to_owned(), Secret(format!("{public}push")))];
    let asked = (connection, &entered[..]);
    let page = engine.ask_consent_again(org, NO_SESSION, asked, &back(engine)).await?;
    press(engine, org, control, (&found.channel, page)).await.map(drop)
}

/// The seller is asked, and says yes.
async fn consent(
    engine: &Engine,
    org: OrgId,
    control: Control<'_>,
    new: Connect,
) -> Result<ConnectionId> {
    let channel = new.channel.clone();
    let page = engine.ask_consent(org, NO_SESSION, new, &back(engine)).await?;
    press(engine, org, control, (&channel, page)).await
}

/// Looks after the connections for as long as the hub runs: wherever a channel wants the seller's consent
/// again, the seller gives it. Where a renewal's answer is lost, nothing else helps: what renews is taken
/// once.
pub async fn consent_when_wanted(engine: Engine, org: OrgId, control: Control<'_>) {
    loop {
        tokio::time::sleep(CONSENT_LOOK_EVERY).await;
        if let Err(error) = consent_where_wanted(&engine, org, control).await {
            tracing::warn!(error = %error, "the seller could not consent");
        }
    }
}

async fn consent_where_wanted(engine: &Engine, org: OrgId, control: Control<'_>) -> Result<()> {
    for connection in engine.store().connections(org, None).await? {
        if connection.trouble.as_deref() == Some(CONSENT_WANTED) {
            let asked = (connection.id, &[][..]);
            let page = engine.ask_consent_again(org, NO_SESSION, asked, &back(engine)).await?;
            press(engine, org, control, (&connection.channel, page)).await?;
        }
    }
    Ok(())
}

fn back(engine: &Engine) -> String {
    let public = engine.settings().public_url.as_deref().unwrap_or("http://127.0.0.1");
    format!("{public}/{BACK}")
}

/// Presses *Allow* at the channel's page, as the control API does it without a browser.
async fn press(
    engine: &Engine,
    org: OrgId,
    control: Control<'_>,
    (channel, page): (&str, String),
) -> Result<ConnectionId> {
    let target = format!("/control/{channel}/consent");
    let answer = control.ask("POST", &target, &json!({"page": page})).await?;
    let (state, returned) =
        came_back(&text(&answer["back"])).context("the sandbox sends the browser elsewhere")?;
    let asked = (state.as_str(), &returned);
    Ok(engine.take_consent(org, NO_SESSION, asked, Giver::Machine).await?.connection)
}

/// Edits the flow of a shop: an order is paid only once a person has downloaded it.
///
/// # Errors
/// The store's.
pub async fn pay_on_download(engine: &Engine, org: OrgId, shop: ShopId) -> Result<()> {
    let shops = engine.store().shops(org, Some(shop)).await?;
    let shop = shops.into_iter().next().context("there is no such shop")?;
    let mut flow = Flow::clone(&*engine.store().flow(org, shop.flow_version).await?);
    let paid = Ensures::NOTHING.with(Effect::Paid);
    let mut rules = Vec::new();
    for mut rule in flow.rules {
        if rule.ensures.has(Effect::Paid) {
            let ensures = paid.with(Effect::Invoice);
            rules.push(Rule { ensures, realtime: false, ..rule.clone() });
            rule.ensures = rule.ensures.without(paid);
        }
        rules.push(rule);
    }
    flow.rules = rules;
    let body = flow.to_toml();
    let new = NewFlowVersion { channel: shop.channel.clone(), preset: None, body, by: None };
    let version = engine.store().create_flow_version(org, shop.id, new).await?;
    Ok(engine.change_shop(org, &Shop { flow_version: version, ..shop }).await?)
}

/// Waits until every shop's listings have been read once, so that each line of an order finds its SKU.
///
/// # Errors
/// The store's; that they are not read within a minute.
pub async fn listings_read(engine: &Engine, org: OrgId) -> Result<()> {
    let began = Instant::now();
    loop {
        let tasks = engine.store().tasks(org, None).await?;
        let mut pulls = tasks.iter().filter(|task| task.kind == TaskKind::SkuPull.as_str());
        if pulls.all(|task| task.succeeded > 0) {
            return Ok(());
        }
        if began.elapsed() > LISTINGS_LIMIT {
            bail!("the listings of the shops are not read");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What the shop sells, with the stock that the channel shows; bundles with their components.
async fn stock(
    engine: &Engine,
    org: OrgId,
    given: &Value,
    shop: &Value,
    warehouse: &str,
) -> Result<()> {
    let sold = || {
        let products = given["products"].as_array().into_iter().flatten();
        products.filter(|product| product["shop_id"] == shop["id"])
    };
    let parts = |product: &Value| product["components"].as_array().cloned().unwrap_or_default();
    let opening = sold()
        .filter(|product| parts(product).is_empty())
        .map(|product| OpeningRow {
            line: 0,
            sku: text(&product["sku"]),
            name: text(&product["name"]),
            warehouse: warehouse.to_owned(),
            quantity: product["stock"].as_i64().unwrap_or(0),
        })
        .collect();
    engine.store().import_opening(org, opening, None).await?;
    for bundle in sold().filter(|product| !parts(product).is_empty()) {
        let mut components = Vec::new();
        for part in parts(bundle) {
            if let Some(sku) = engine.store().find_sku(org, &text(&part["sku"])).await? {
                components.push((sku.id, part["quantity"].as_i64().unwrap_or(1)));
            }
        }
        if engine.store().find_sku(org, &text(&bundle["sku"])).await?.is_none() {
            let (code, name) = (text(&bundle["sku"]), text(&bundle["name"]));
            engine.store().create_sku(org, NewSku { code, name, components }).await?;
        }
    }
    Ok(())
}

/// What the sandbox lists as credentials, under the names that connecting asks for.
fn fields(given: &Value) -> Vec<(String, Secret)> {
    let mut fields: Vec<(String, Secret)> = given
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, value)| value.is_string() || value.is_number())
        .map(|(name, value)| {
            let name = if name == "base_url" { "api_url" } else { name };
            (name.to_owned(), Secret(text(value)))
        })
        .collect();
    fields.push(("webhook_secret".to_owned(), Secret(WEBHOOK_SECRET.to_owned())));
    fields
}
