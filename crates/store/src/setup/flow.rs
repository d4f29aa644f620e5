//! The versions of the shops' flows.

use dermaga_domain::id::{AccountId, FlowVersionId, OrgId, ShopId};
use dermaga_domain::time::Time;

use crate::audit::Trail;
use crate::command::Giver;
use crate::db::{Lane, Statement, Value, statements};
use crate::error::{Error, Result};
use crate::open::Store;

pub(super) static INSERT_FLOW_VERSION: Statement = Statement::org(
    "setup.insert_flow_version",
    "INSERT INTO flow_version (org_id, id, channel, shop_id, preset, body, created_at, created_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
);

static FIND_FLOW_VERSION: Statement = Statement::org(
    "setup.find_flow_version",
    "SELECT id, channel, shop_id, preset, body, created_at FROM flow_version
     WHERE org_id = $1 AND id = $2",
);

static FOLLOW_FLOW: Statement = Statement::org(
    "setup.follow_flow",
    "UPDATE shop SET flow_version_id = $3 WHERE org_id = $1 AND id = $2 AND flow_version_id = $4",
);

statements![INSERT_FLOW_VERSION, FIND_FLOW_VERSION, FOLLOW_FLOW];

/// A version of a flow to be kept.
#[derive(Debug, Clone)]
pub struct NewFlowVersion {
    /// The channel.
    pub channel: String,
    /// The preset it is, if it is one unchanged.
    pub preset: Option<String>,
    /// The flow's text.
    pub body: String,
    /// Who made it.
    pub by: Option<AccountId>,
}

/// A kept version of a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowVersion {
    /// Its id.
    pub id: FlowVersionId,
    /// The channel.
    pub channel: String,
    /// The shop it was made for.
    pub shop: Option<ShopId>,
    /// The preset it is, if it is one unchanged.
    pub preset: Option<String>,
    /// The flow's text.
    pub body: String,
    /// When it was made.
    pub created_at: Time,
}

#[derive(sqlx::FromRow)]
struct FlowVersionRow {
    id: i64,
    channel: String,
    shop_id: Option<i64>,
    preset: Option<String>,
    body: String,
    created_at: i64,
}

impl Store {
    /// Keeps a new version of a shop's flow. It judges nothing until the shop or orders name it.
    ///
    /// # Errors
    /// The database's; [`Error::BadFlow`] when the text is no flow, and then nothing is kept: an order
    /// that is judged by it could not be applied.
    pub async fn create_flow_version(
        &self,
        org: OrgId,
        shop: ShopId,
        new: NewFlowVersion,
    ) -> Result<FlowVersionId> {
        let id = self.next_id();
        self.flows.parse(org.0, id, &new.body)?;
        let values = flow_values(org, id, shop, &new, self.now());
        self.run(org, &INSERT_FLOW_VERSION, values).await?;
        Ok(FlowVersionId(id))
    }

    /// Keeps a new version of a shop's flow and lets the shop follow it, if it still follows `base`;
    /// who did it is written down.
    ///
    /// # Errors
    /// [`Error::FlowChanged`] when it follows another by now; [`Error::BadFlow`] when the text is no
    /// flow. Then nothing is kept.
    pub async fn follow_flow(
        &self,
        org: OrgId,
        shop: ShopId,
        base: FlowVersionId,
        new: NewFlowVersion,
        by: Giver,
    ) -> Result<FlowVersionId> {
        let id = self.next_id();
        self.flows.parse(org.0, id, &new.body)?;
        let values = flow_values(org, id, shop, &new, self.now());
        let (store, now) = (self.clone(), self.now());
        let told = format!("{} -> {}", base, FlowVersionId(id));
        self.attempt(Lane::Short, org, (values, told), move |conn, (values, told)| {
            let store = store.clone();
            Box::pin(async move {
                conn.execute(&INSERT_FLOW_VERSION, values).await?;
                let follow = [org.0.into(), shop.0.into(), id.into(), base.0.into()];
                if conn.execute(&FOLLOW_FLOW, &follow).await? == 0 {
                    return Ok(Err(Error::FlowChanged));
                }
                let mut trail = Trail::default();
                trail.push(&store, now, by, "shop.flow", (&shop.to_string(), told));
                trail.write(conn, org.0).await?;
                Ok(Ok(()))
            })
        })
        .await?;
        self.db.notify();
        Ok(FlowVersionId(id))
    }

    /// A version of a flow.
    ///
    /// # Errors
    /// The database's.
    pub async fn flow_version(&self, org: OrgId, id: FlowVersionId) -> Result<Option<FlowVersion>> {
        let found: Option<FlowVersionRow> = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(async move {
                    conn.optional(&FIND_FLOW_VERSION, &[org.0.into(), id.0.into()]).await
                })
            })
            .await?;
        Ok(found.map(|row| FlowVersion {
            id: FlowVersionId(row.id),
            channel: row.channel,
            shop: row.shop_id.map(ShopId),
            preset: row.preset,
            body: row.body,
            created_at: Time(row.created_at),
        }))
    }

    /// A version's flow, parsed.
    ///
    /// # Errors
    /// The database's, or a stored text that cannot be read.
    pub async fn flow(
        &self,
        org: OrgId,
        id: FlowVersionId,
    ) -> Result<std::sync::Arc<dermaga_domain::flow::Flow>> {
        if let Some(flow) = self.flows.find(org.0, id.0) {
            return Ok(flow);
        }
        let version = self.flow_version(org, id).await?.ok_or(Error::NotFound("flow version"))?;
        self.flows.parse(org.0, id.0, &version.body)
    }
}

pub(super) fn flow_values(
    org: OrgId,
    id: i64,
    shop: ShopId,
    new: &NewFlowVersion,
    now: Time,
) -> Vec<Value> {
    vec![
        org.0.into(),
        id.into(),
        new.channel.as_str().into(),
        shop.0.into(),
        new.preset.as_deref().into(),
        new.body.as_str().into(),
        now.0.into(),
        new.by.map(|by| by.0).into(),
    ]
}
