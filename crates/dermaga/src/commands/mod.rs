//! The commands, a file each, and what several of them do.

pub mod ask;
pub mod asked;
pub mod backup;
pub mod bench;
pub mod buyer;
pub mod connect;
pub mod demo;
pub mod doctor;
pub mod download;
mod dry_run;
pub mod explain;
pub mod flow;
pub mod give;
pub mod key;
pub mod migrate;
pub mod order;
mod push;
pub mod rotate_key;
pub mod sandbox;
pub mod serve;
pub mod shop;
pub mod shown;
pub mod stock;
pub mod trouble;
pub mod user;

use anyhow::Result;
use dermaga_domain::id::{OrderId, OrgId};
use dermaga_store::Store;
use dermaga_store::read::Scope;
use dermaga_store::read::accounts::BearerToken;
use dermaga_store::read::orders::Query;
use rand::RngCore as _;

/// Makes a key of the API with a name and scopes, and shows it this once.
async fn api_key(store: &Store, org: OrgId, (name, scopes): (&str, &str)) -> Result<String> {
    let mut secret = [0_u8; 32];
    rand::rng().fill_bytes(&mut secret);
    let token = BearerToken::new(org, secret);
    store.create_api_key(&token, name, scopes).await?;
    Ok(token.reveal())
}

/// Makes the owner's account.
async fn create_owner(
    store: &Store,
    org: OrgId,
    login: &str,
    name: &str,
    password: &str,
) -> Result<()> {
    let password = password.to_owned();
    let hash = tokio::task::spawn_blocking(move || dermaga_web::hash_password(&password)).await??;
    store.create_owner(org, login, name, &hash).await?;
    Ok(())
}

/// Finds an order by the channel's number of it.
async fn find_order(store: &Store, org: OrgId, number: &str) -> Result<Option<OrderId>> {
    let query = Query { channel_order_id: Some(number.to_owned()), limit: 1, ..Query::default() };
    let page = store.list_orders(&Scope::all(org), &query).await?;
    Ok(page.orders.first().map(|order| order.id))
}
