//! Keys of the API: what programs show.

use dermaga_domain::access::{KeyScope, Permissions};
use dermaga_domain::id::{AccountId, ApiKeyId, OrgId};
use dermaga_domain::time::{Span, Time};

use super::{BearerToken, Limits};
use crate::audit::{self, Trail, act};
use crate::command::Giver;
use crate::db::{Lane, Statement, Value, statements};
use crate::error::{Error, Result};
use crate::open::Store;
use crate::read::Scope;

static INSERT: Statement = Statement::org(
    "keys.insert",
    "INSERT INTO api_key (org_id, token_hash, id, name, scopes, created_at, shops, warehouses,
        created_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
);

static FIND: Statement = Statement::org(
    "keys.find",
    "SELECT id, name, scopes, created_at, revoked_at, shops, warehouses, created_by, seen_at
     FROM api_key WHERE org_id = $1 AND token_hash = $2",
);

static LIST: Statement = Statement::org(
    "keys.list",
    "SELECT id, name, scopes, created_at, revoked_at, shops, warehouses, created_by, seen_at
     FROM api_key WHERE org_id = $1 AND token_hash >= '' ORDER BY token_hash",
);

static REVOKE: Statement = Statement::org(
    "keys.revoke",
    "UPDATE api_key SET revoked_at = $3
     WHERE org_id = $1 AND token_hash >= '' AND id = $2 AND revoked_at IS NULL",
);

static TOUCH: Statement = Statement::org(
    "keys.touch",
    "UPDATE api_key SET seen_at = $3 WHERE org_id = $1 AND token_hash = $2",
);

statements![INSERT, FIND, LIST, REVOKE, TOUCH];

/// The scope of a key that may read.
pub const READ: &str = KeyScope::Read.as_str();
/// The scope of a key that may give commands.
pub const ACT: &str = KeyScope::Act.as_str();
/// How often the use of a key is noted.
const NOTED: Span = Span::minutes(5);

/// A key to be made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewKey {
    /// What people call it.
    pub name: String,
    /// What it may do: [`KeyScope`]s separated by spaces.
    pub scopes: String,
    /// What of the org it sees.
    pub limits: Limits,
}

/// A key of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// What of the org it sees.
    pub limits: Limits,
    /// When it was made.
    pub created_at: Time,
    /// Who made it.
    pub created_by: Option<AccountId>,
    /// When it was last used, to some minutes.
    pub seen_at: Option<Time>,
    /// When it was revoked.
    pub revoked_at: Option<Time>,
}

impl ApiKey {
    /// What it may do: a word that is no scope allows nothing.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        let scopes = self.scopes.iter().filter_map(|scope| scope.parse::<KeyScope>().ok());
        let all = scopes.fold(Permissions::NONE, |all, scope| all.or(scope.permissions()));
        if self.limits.is_none() { all } else { all.of_limited() }
    }
}

#[derive(sqlx::FromRow)]
struct KeyRow {
    id: i64,
    name: String,
    scopes: String,
    created_at: i64,
    revoked_at: Option<i64>,
    shops: Option<String>,
    warehouses: Option<String>,
    created_by: Option<i64>,
    seen_at: Option<i64>,
}

impl From<KeyRow> for ApiKey {
    fn from(row: KeyRow) -> Self {
        Self {
            id: ApiKeyId(row.id),
            name: row.name,
            scopes: row.scopes.split_whitespace().map(str::to_owned).collect(),
            limits: Limits::read(row.shops.as_deref(), row.warehouses.as_deref()),
            created_at: Time(row.created_at),
            created_by: row.created_by.map(AccountId),
            seen_at: row.seen_at.map(Time),
            revoked_at: row.revoked_at.map(Time),
        }
    }
}

impl Store {
    /// Keeps a key of the API that sees the whole org and may do what `scopes` says, words separated by
    /// spaces.
    ///
    /// # Errors
    /// The database's.
    pub async fn create_api_key(
        &self,
        token: &BearerToken,
        name: &str,
        scopes: &str,
    ) -> Result<ApiKeyId> {
        let new =
            NewKey { name: name.to_owned(), scopes: scopes.to_owned(), limits: Limits::default() };
        self.make_key(token, new, Giver::Machine).await
    }

    /// Keeps a key of the API.
    ///
    /// # Errors
    /// The database's.
    pub async fn make_key(&self, token: &BearerToken, new: NewKey, by: Giver) -> Result<ApiKeyId> {
        let (org, id) = (token.org.0, self.next_id());
        let told = format!("{}; {}; {}", new.name, new.scopes, new.limits.told());
        let subject = ApiKeyId(id).to_string();
        let trail = Trail::one(self, by, act::KEY_MADE, (&subject, &told)).packed();
        let (shops, warehouses) = new.limits.texts();
        let values: Vec<Value> = vec![
            org.into(),
            token.hash().into(),
            id.into(),
            new.name.into(),
            new.scopes.into(),
            self.now().0.into(),
            shops.into(),
            warehouses.into(),
            by.person().map(|by| by.0).into(),
        ];
        self.db
            .write_with(Lane::Short, Some(org), (values, trail), move |conn, (values, trail)| {
                Box::pin(async move {
                    conn.execute(&INSERT, values).await?;
                    audit::write(conn, org, trail).await
                })
            })
            .await?;
        Ok(ApiKeyId(id))
    }

    /// Finds a key of the API, revoked ones too, with what it sees.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_api_key(&self, token: &BearerToken) -> Result<Option<ApiKey>> {
        Ok(self.key_with_scope(token).await?.map(|(key, _)| key))
    }

    /// As [`Store::find_api_key`], with what it sees.
    ///
    /// # Errors
    /// The database's.
    pub async fn key_with_scope(&self, token: &BearerToken) -> Result<Option<(ApiKey, Scope)>> {
        let org = token.org;
        let found: Option<(KeyRow, Scope)> = self
            .db
            .read_with(Some(org.0), token.hash(), move |conn, hash| {
                Box::pin(async move {
                    let row: Option<KeyRow> =
                        conn.optional(&FIND, &[org.0.into(), hash.into()]).await?;
                    let Some(row) = row else { return Ok(None) };
                    let limits = Limits::read(row.shops.as_deref(), row.warehouses.as_deref());
                    let scope = super::scope(conn, org, limits).await?;
                    Ok(Some((row, scope)))
                })
            })
            .await?;
        Ok(found.map(|(row, scope)| (row.into(), scope)))
    }

    /// Notes that a key was used now, unless that was noted some minutes ago.
    ///
    /// # Errors
    /// The database's.
    pub async fn touch_key(&self, token: &BearerToken, key: &ApiKey) -> Result<()> {
        let now = self.now();
        if key.seen_at.is_some_and(|seen| now.since(seen) <= NOTED) {
            return Ok(());
        }
        let values = vec![token.org.0.into(), token.hash().into(), now.0.into()];
        self.run(token.org, &TOUCH, values).await
    }

    /// The keys of an org, the newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn api_keys(&self, org: OrgId) -> Result<Vec<ApiKey>> {
        let found: Vec<KeyRow> = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(async move { conn.all(&LIST, &[org.0.into()]).await })
            })
            .await?;
        let mut keys: Vec<ApiKey> = found.into_iter().map(Into::into).collect();
        keys.sort_by_key(|key| std::cmp::Reverse(key.id));
        Ok(keys)
    }

    /// Revokes a key of the API.
    ///
    /// # Errors
    /// The database's, or that there is no such key in force.
    pub async fn revoke_api_key(&self, org: OrgId, id: ApiKeyId, by: Giver) -> Result<()> {
        let now = self.now();
        let trail = Trail::one(self, by, act::KEY_REVOKED, (&id.to_string(), "")).packed();
        let revoked = self
            .db
            .write_with(Lane::Short, Some(org.0), trail, move |conn, trail| {
                Box::pin(async move {
                    let values = [org.0.into(), id.0.into(), now.0.into()];
                    let revoked = conn.execute(&REVOKE, &values).await?;
                    if revoked > 0 {
                        audit::write(conn, org.0, trail).await?;
                    }
                    Ok(revoked)
                })
            })
            .await?;
        if revoked == 0 { Err(Error::NotFound("key")) } else { Ok(()) }
    }
}
