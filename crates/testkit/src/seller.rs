//! A seller who connects a sandbox channel.

use dermaga_domain::flow::Preset;
use dermaga_domain::id::{OrgId, ShopId};
use dermaga_engine::{Connect, ConnectShop, Engine};
use dermaga_sandbox::Sandbox;
use dermaga_store::Secret;
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
    let connection = engine
        .connect(
            org,
            Connect {
                channel: channel.to_owned(),
                name: channel.to_owned(),
                fields: fields(&given),
            },
        )
        .await?;
    engine.register_webhooks(org, connection).await?;
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
