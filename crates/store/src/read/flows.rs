//! The versions of flows that shops use or used.

use dermaga_domain::id::{AccountId, FlowVersionId, ShopId};
use dermaga_domain::time::Time;

use super::Scope;
use crate::db::{Statement, statements};
use crate::error::Result;
use crate::open::Store;

static VERSIONS: Statement = Statement::org(
    "read.flow_versions",
    "SELECT id, channel, shop_id, preset, created_at, created_by FROM flow_version
     WHERE org_id = $1 AND id >= 0 ORDER BY id",
);

statements![VERSIONS];

/// A version of a shop's flow, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its id.
    pub id: FlowVersionId,
    /// Its number among those of its shop, from 1.
    pub number: i64,
    /// The channel.
    pub channel: String,
    /// The shop it was made for.
    pub shop: Option<ShopId>,
    /// The preset it is, if it is one unchanged.
    pub preset: Option<String>,
    /// When it was made.
    pub created_at: Time,
    /// Who made it; none = it came with the shop, or from the command line.
    pub by: Option<AccountId>,
}

#[derive(sqlx::FromRow)]
struct VersionRow {
    id: i64,
    channel: String,
    shop_id: Option<i64>,
    preset: Option<String>,
    created_at: i64,
    created_by: Option<i64>,
}

impl Store {
    /// The versions of an org's flows, the oldest first, numbered within their shop.
    ///
    /// # Errors
    /// The database's.
    pub async fn flow_versions(&self, scope: &Scope) -> Result<Vec<Version>> {
        let org = scope.org.0;
        let rows: Vec<VersionRow> = self
            .db
            .read(Some(org), move |conn| {
                Box::pin(async move { conn.all(&VERSIONS, &[org.into()]).await })
            })
            .await?;
        let mut found: Vec<Version> = Vec::with_capacity(rows.len());
        for row in rows {
            let shop = row.shop_id.map(ShopId);
            let before = found.iter().filter(|version| version.shop == shop).count();
            if shop.is_some_and(|shop| !scope.sees(shop)) {
                continue;
            }
            found.push(Version {
                id: FlowVersionId(row.id),
                number: i64::try_from(before).unwrap_or(i64::MAX).saturating_add(1),
                channel: row.channel,
                shop,
                preset: row.preset,
                created_at: Time(row.created_at),
                by: row.created_by.map(AccountId),
            });
        }
        Ok(found)
    }
}
