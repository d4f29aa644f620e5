//! Setting up: orgs, warehouses, connections, shops and the versions of their flows.

mod connection;
mod flow;
mod org;
mod shop;

use dermaga_domain::id::OrgId;

pub use self::connection::{Connection, KeptToken, NewConnection, WebhookRoute};
pub use self::flow::{FlowVersion, NewFlowVersion};
pub use self::org::Warehouse;
pub use self::shop::{NewShop, Shop, Source};
use crate::db::{Lane, Statement, Value};
use crate::error::{Error, Result};
use crate::open::Store;
use crate::vault::Place;

/// The statements of these modules.
#[cfg(test)]
pub(crate) fn statements() -> Vec<&'static Statement> {
    [org::STATEMENTS, connection::STATEMENTS, shop::STATEMENTS, flow::STATEMENTS].concat()
}

/// A text that is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Store {
    /// Seals with this month's key, made if need be.
    pub(crate) async fn seal(&self, place: &Place<'_>, plain: &[u8]) -> Result<Vec<u8>> {
        let now = self.now();
        self.vault.prepare(&self.db, place.org, now).await?;
        self.vault.seal(place, now, plain)
    }

    /// Runs one statement of an org in the short lane.
    pub(crate) async fn run(
        &self,
        org: OrgId,
        statement: &'static Statement,
        values: Vec<Value>,
    ) -> Result<()> {
        self.db
            .write_with(Lane::Short, Some(org.0), values, move |conn, values| {
                Box::pin(async move { conn.execute(statement, values).await })
            })
            .await?;
        Ok(())
    }

    pub(crate) async fn open_text(
        &self,
        place: &Place<'_>,
        sealed: &[u8],
        row: i64,
    ) -> Result<Secret> {
        let plain = self.vault.open(&self.db, place, sealed).await?;
        String::from_utf8(plain)
            .map(Secret)
            .map_err(|_| Error::inconsistent("connection", "credentials", row))
    }
}
