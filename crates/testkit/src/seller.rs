//! A seller who connects a sandbox channel.

use dermaga_channel::consent::{BACK, came_back};
use dermaga_domain::flow::Preset;
use dermaga_domain::id::{ConnectionId, OrgId, ShopId};
use dermaga_engine::{Connect, ConnectShop, Engine, NO_SESSION};
use dermaga_sandbox::Sandbox;
use dermaga_store::command::Giver;
use dermaga_store::{Connection, Secret};
use serde_json::{Value, json};

use crate::{Failure, control};

/// The secret with which the sandbox signs webhooks to this hub.
pub const WEBHOOK_SECRET: &str = "webhook-secret-of-a-test";

/// Connects a sandbox channel and all its linked shops, each with a warehouse of its own.
///
/// # Errors
/// Whatever connecting meets.
pub async fn connect(
    engine: &Engine,
    org: OrgId,
    sandbox: &Sandbox,
    channel: &str,
) -> Result<Vec<ShopId>, Failure> {
    let given = control(sandbox, "GET", &format!("/control/{channel}/credentials"), &Value::Null)?;
    let new =
        Connect { channel: channel.to_owned(), name: channel.to_owned(), fields: fields(&given) };
    let asks = engine.registry().find(channel).is_some_and(|found| found.consent().is_some());
    let connection = if asks {
        consent(engine, org, sandbox, new).await?
    } else {
        engine.connect(org, new).await?
    };
    enter_address(engine, org, sandbox, connection).await?;
    engine.register_webhooks(org, connection).await?;
    enter_push_address(engine, org, sandbox, (channel, connection, &given)).await?;
    let mut shops = Vec::new();
    for shop in given["shops"].as_array().into_iter().flatten() {
        if shop["linked"] == json!(false) {
            continue;
        }
        let name = text(&shop["name"]);
        let warehouse = engine.store().create_warehouse(org, &name).await?;
        let new = ConnectShop {
            channel_shop_id: text(&shop["id"]),
            name,
            zone: "Asia/Jakarta".to_owned(),
            preset: Preset::Classic,
            order_sync_from: None,
            return_sync_from: Some(engine.now()),
            order_sync: true,
            number_by_invoice: false,
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
    sandbox: &Sandbox,
    (channel, connection, given): (&str, ConnectionId, &Value),
) -> Result<(), Failure> {
    let (Some(last), Some(public)) =
        (given["push_path"].as_str(), engine.settings().public_url.as_deref())
    else {
        return Ok(());
    };
    let found = engine.store().connections(org, Some(connection)).await?;
    let route = found.first().map(|connection| connection.webhook_route.as_str());
    let route = route.ok_or("there is no connection")?;
    let url = format!("{public}/webhooks/{route}/{last}");
    let target = format!("/control/{channel}/push-address");
    control(sandbox, "PUT", &target, &json!({"url": url})).map(drop)
}

/// Where webhooks are signed for the address they go to, it is entered once it is known.
async fn enter_address(
    engine: &Engine,
    org: OrgId,
    sandbox: &Sandbox,
    connection: ConnectionId,
) -> Result<(), Failure> {
    let found = engine.store().connections(org, Some(connection)).await?;
    let found = found.into_iter().next().ok_or("there is no connection")?;
    let channel = engine.registry().find(&found.channel).ok_or("there is no channel")?;
    let asks = channel.capabilities().credentials.iter().any(|field| field.name == "push_url");
    let Some(public) = engine.settings().public_url.as_deref().filter(|_| asks) else {
        return Ok(());
    };
    let address = format!("{public}/webhooks/{}/push", found.webhook_route);
    let entered = [("push_url".to_owned(), Secret(address))];
    consent_again(engine, org, sandbox, (&found, &entered)).await
}

/// The seller says yes once more, to what is entered now.
///
/// # Errors
/// Whatever the hub or the channel meets.
pub async fn consent_again(
    engine: &Engine,
    org: OrgId,
    sandbox: &Sandbox,
    (found, entered): (&Connection, &[(String, Secret)]),
) -> Result<(), Failure> {
    let back = format!("http://127.0.0.1/{BACK}");
    let page = engine.ask_consent_again(org, NO_SESSION, (found.id, entered), &back).await?;
    press(engine, org, sandbox, (found.channel.as_str(), &page)).await.map(drop)
}

/// The seller says yes at the channel's page.
async fn consent(
    engine: &Engine,
    org: OrgId,
    sandbox: &Sandbox,
    new: Connect,
) -> Result<ConnectionId, Failure> {
    let channel = new.channel.clone();
    let page =
        engine.ask_consent(org, NO_SESSION, new, &format!("http://127.0.0.1/{BACK}")).await?;
    press(engine, org, sandbox, (&channel, &page)).await
}

async fn press(
    engine: &Engine,
    org: OrgId,
    sandbox: &Sandbox,
    (channel, page): (&str, &str),
) -> Result<ConnectionId, Failure> {
    let target = format!("/control/{channel}/consent");
    let answer = control(sandbox, "POST", &target, &json!({"page": page}))?;
    let (state, returned) = came_back(&text(&answer["back"])).ok_or("there is no state")?;
    let asked = (state.as_str(), &returned);
    Ok(engine.take_consent(org, NO_SESSION, asked, Giver::Machine).await?.connection)
}

/// What the sandbox lists as credentials, under the names that connecting asks for.
#[must_use]
pub fn fields(given: &Value) -> Vec<(String, Secret)> {
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

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
