//! Accounts, sessions and keys of the API. A token is `dmg_<org>_<secret>`: it carries its org, and
//! only the SHA-256 of its secret is stored.

use dermaga_domain::id::{AccountId, ApiKeyId, OrgId};
use dermaga_domain::time::Time;
use sha2::{Digest as _, Sha256};

use crate::db::{Lane, Statement, statements};
use crate::error::Result;
use crate::open::Store;

static INSERT_ACCOUNT: Statement = Statement::directory(
    "accounts.insert",
    "INSERT INTO account (id, login, name, password_hash, created_at) VALUES ($1, $2, $3, $4, $5)",
);

static INSERT_MEMBERSHIP: Statement = Statement::directory(
    "accounts.insert_membership",
    "INSERT INTO membership (account_id, org, role) VALUES ($1, $2, $3)",
);

static FIND_ACCOUNT: Statement = Statement::directory(
    "accounts.find",
    "SELECT a.id, a.login, a.name, a.password_hash, m.org, m.role, o.name AS org_name
     FROM account a {join} membership m ON m.account_id = a.id {join} org o ON o.id = m.org
     WHERE a.login = $1 ORDER BY m.org",
);

static SET_PASSWORD: Statement = Statement::directory(
    "accounts.set_password",
    "UPDATE account SET password_hash = $2 WHERE login = $1",
);

static NAME_ACCOUNTS: Statement = Statement::directory(
    "accounts.name",
    "WITH v AS MATERIALIZED ({rows $1: id bigint})
     SELECT a.id, a.name FROM v {join} account a ON a.id = v.id",
);

static INSERT_SESSION: Statement = Statement::org(
    "accounts.insert_session",
    "INSERT INTO session (org_id, token_hash, account_id, created_at, seen_at, expires_at)
     VALUES ($1, $2, $3, $4, $4, $5)",
);

static FIND_SESSION: Statement = Statement::org(
    "accounts.find_session",
    "SELECT account_id, created_at, seen_at, expires_at FROM session
     WHERE org_id = $1 AND token_hash = $2",
);

static MEMBER: Statement = Statement::directory(
    "accounts.member",
    "SELECT a.id, a.login, a.name, a.password_hash, m.org, m.role, o.name AS org_name
     FROM account a {join} membership m ON m.account_id = a.id AND m.org = $2
     {join} org o ON o.id = m.org
     WHERE a.id = $1",
);

static TOUCH_SESSION: Statement = Statement::org(
    "accounts.touch_session",
    "UPDATE session SET seen_at = $3 WHERE org_id = $1 AND token_hash = $2",
);

static DELETE_SESSION: Statement = Statement::org(
    "accounts.delete_session",
    "DELETE FROM session WHERE org_id = $1 AND token_hash = $2",
);

static INSERT_API_KEY: Statement = Statement::org(
    "accounts.insert_api_key",
    "INSERT INTO api_key (org_id, token_hash, id, name, scopes, created_at)
     VALUES ($1, $2, $3, $4, $5, $6)",
);

static FIND_API_KEY: Statement = Statement::org(
    "accounts.find_api_key",
    "SELECT id, name, scopes, created_at, revoked_at FROM api_key
     WHERE org_id = $1 AND token_hash = $2",
);

static LIST_API_KEYS: Statement = Statement::org(
    "accounts.list_api_keys",
    "SELECT id, name, scopes, created_at, revoked_at FROM api_key
     WHERE org_id = $1 AND token_hash >= '' ORDER BY token_hash",
);

static REVOKE_API_KEY: Statement = Statement::org(
    "accounts.revoke_api_key",
    "UPDATE api_key SET revoked_at = $3
     WHERE org_id = $1 AND token_hash >= '' AND id = $2 AND revoked_at IS NULL",
);

statements![
    INSERT_ACCOUNT,
    INSERT_MEMBERSHIP,
    FIND_ACCOUNT,
    SET_PASSWORD,
    NAME_ACCOUNTS,
    INSERT_SESSION,
    FIND_SESSION,
    MEMBER,
    TOUCH_SESSION,
    DELETE_SESSION,
    INSERT_API_KEY,
    FIND_API_KEY,
    LIST_API_KEYS,
    REVOKE_API_KEY,
];

/// The role of the account that owns an org.
pub const OWNER: &str = "owner";
/// The scope of a key that may read.
pub const READ: &str = "read";
/// The scope of a key that may give commands.
pub const ACT: &str = "act";
/// The scope of a key that may see what is held about a buyer, and erase it.
pub const BUYERS: &str = "buyers";
/// What every token begins with.
const PREFIX: &str = "dmg";

/// A token as its bearer holds it. Never printed by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct BearerToken {
    /// The org it belongs to.
    pub org: OrgId,
    secret: String,
}

impl BearerToken {
    /// A new token of an org; `secret` is 32 bytes of randomness.
    #[must_use]
    pub fn new(org: OrgId, secret: [u8; 32]) -> Self {
        Self { org, secret: hex::encode(secret) }
    }

    /// Reads `dmg_<org>_<secret>`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '_');
        let (prefix, org, secret) = (parts.next()?, parts.next()?, parts.next()?);
        let right = prefix == PREFIX
            && secret.len() == 64
            && secret.bytes().all(|byte| byte.is_ascii_hexdigit());
        let org = format!("{}_{org}", OrgId::PREFIX).parse().ok()?;
        right.then(|| Self { org, secret: secret.to_owned() })
    }

    /// The text that its bearer keeps. Shown once.
    #[must_use]
    pub fn reveal(&self) -> String {
        let org = self.org.to_string();
        let org = org.split_once('_').map_or("", |(_, text)| text);
        format!("{PREFIX}_{org}_{}", self.secret)
    }

    /// What is stored of it.
    fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.secret.as_bytes()))
    }
}

impl std::fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BearerToken").field("org", &self.org).finish_non_exhaustive()
    }
}

/// A person who may log in, as a member of one org.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Their id.
    pub id: AccountId,
    /// What they log in with.
    pub login: String,
    /// Their name.
    pub name: String,
    /// The hash of their password, as a PHC string.
    pub password_hash: String,
    /// The org.
    pub org: OrgId,
    /// Its name.
    pub org_name: String,
    /// What they may do in it.
    pub role: String,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { id, org, role, .. } = self;
        f.debug_struct("Account")
            .field("id", id)
            .field("org", org)
            .field("role", role)
            .finish_non_exhaustive()
    }
}

/// Someone's session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Whose.
    pub account: Account,
    /// When it began.
    pub created_at: Time,
    /// When it was last used.
    pub seen_at: Time,
    /// When it ends at the latest.
    pub expires_at: Time,
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
    /// When it was made.
    pub created_at: Time,
    /// When it was revoked.
    pub revoked_at: Option<Time>,
}

#[derive(sqlx::FromRow)]
struct AccountRow {
    id: i64,
    login: String,
    name: String,
    password_hash: String,
    org: i64,
    role: String,
    org_name: String,
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        Self {
            id: AccountId(row.id),
            login: row.login,
            name: row.name,
            password_hash: row.password_hash,
            org: OrgId(row.org),
            org_name: row.org_name,
            role: row.role,
        }
    }
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    account_id: i64,
    created_at: i64,
    seen_at: i64,
    expires_at: i64,
}

#[derive(sqlx::FromRow)]
struct ApiKeyRow {
    id: i64,
    name: String,
    scopes: String,
    created_at: i64,
    revoked_at: Option<i64>,
}

impl From<ApiKeyRow> for ApiKey {
    fn from(row: ApiKeyRow) -> Self {
        Self {
            id: ApiKeyId(row.id),
            name: row.name,
            scopes: row.scopes.split_whitespace().map(str::to_owned).collect(),
            created_at: Time(row.created_at),
            revoked_at: row.revoked_at.map(Time),
        }
    }
}

#[derive(sqlx::FromRow)]
struct NameRow {
    id: i64,
    name: String,
}

impl Store {
    /// Makes the owner of an org. `password_hash` is a PHC string, never a password.
    ///
    /// # Errors
    /// The database's; a log-in that is taken is a conflict.
    pub async fn create_owner(
        &self,
        org: OrgId,
        login: &str,
        name: &str,
        password_hash: &str,
    ) -> Result<AccountId> {
        let (id, now) = (self.next_id(), self.now());
        let texts = (login.to_owned(), name.to_owned(), password_hash.to_owned());
        self.db
            .write_with(Lane::Short, None, texts, move |conn, (login, name, hash)| {
                Box::pin(async move {
                    let values = [id.into(), login.into(), name.into(), hash.into(), now.0.into()];
                    conn.execute(&INSERT_ACCOUNT, &values).await?;
                    let values = [id.into(), org.0.into(), OWNER.into()];
                    conn.execute(&INSERT_MEMBERSHIP, &values).await
                })
            })
            .await?;
        Ok(AccountId(id))
    }

    /// Finds a person by log-in, as a member of their first org.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_account(&self, login: &str) -> Result<Option<Account>> {
        let found: Vec<AccountRow> = self
            .db
            .read_with(None, login.to_owned(), |conn, login| {
                Box::pin(async move { conn.all(&FIND_ACCOUNT, &[login.into()]).await })
            })
            .await?;
        Ok(found.into_iter().next().map(Into::into))
    }

    /// Replaces the hash of a person's password; false when there is no such log-in.
    ///
    /// # Errors
    /// The database's.
    pub async fn set_password_hash(&self, login: &str, password_hash: &str) -> Result<bool> {
        let texts = (login.to_owned(), password_hash.to_owned());
        let changed = self
            .db
            .write_with(Lane::Short, None, texts, |conn, (login, hash)| {
                Box::pin(
                    async move { conn.execute(&SET_PASSWORD, &[login.into(), hash.into()]).await },
                )
            })
            .await?;
        Ok(changed > 0)
    }

    /// The names of people.
    ///
    /// # Errors
    /// The database's.
    pub async fn account_names(&self, ids: &[AccountId]) -> Result<Vec<(AccountId, String)>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
        let found: Vec<NameRow> = self
            .db
            .read_with(None, ids, |conn, ids| {
                let rows = super::id_rows(ids.iter().copied());
                Box::pin(async move { conn.all(&NAME_ACCOUNTS, &[rows.into()]).await })
            })
            .await?;
        Ok(found.into_iter().map(|row| (AccountId(row.id), row.name)).collect())
    }

    /// Begins a session.
    ///
    /// # Errors
    /// The database's.
    pub async fn create_session(
        &self,
        token: &BearerToken,
        account: AccountId,
        expires_at: Time,
    ) -> Result<()> {
        let (org, now) = (token.org, self.now());
        let values = vec![
            org.0.into(),
            token.hash().into(),
            account.0.into(),
            now.0.into(),
            expires_at.0.into(),
        ];
        self.run(org, &INSERT_SESSION, values).await
    }

    /// Finds a session; whether it has expired is for the caller to see.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_session(&self, token: &BearerToken) -> Result<Option<Session>> {
        let org = token.org;
        let found: Option<(SessionRow, AccountRow)> = self
            .db
            .read_with(Some(org.0), token.hash(), move |conn, hash| {
                Box::pin(async move {
                    let values = [org.0.into(), hash.into()];
                    let row: Option<SessionRow> = conn.optional(&FIND_SESSION, &values).await?;
                    let Some(row) = row else { return Ok(None) };
                    let values = [row.account_id.into(), org.0.into()];
                    let account: Option<AccountRow> = conn.optional(&MEMBER, &values).await?;
                    Ok(account.map(|account| (row, account)))
                })
            })
            .await?;
        Ok(found.map(|(row, account)| Session {
            account: account.into(),
            created_at: Time(row.created_at),
            seen_at: Time(row.seen_at),
            expires_at: Time(row.expires_at),
        }))
    }

    /// Notes that a session was used now.
    ///
    /// # Errors
    /// The database's.
    pub async fn touch_session(&self, token: &BearerToken) -> Result<()> {
        let values = vec![token.org.0.into(), token.hash().into(), self.now().0.into()];
        self.run(token.org, &TOUCH_SESSION, values).await
    }

    /// Ends a session.
    ///
    /// # Errors
    /// The database's.
    pub async fn delete_session(&self, token: &BearerToken) -> Result<()> {
        let values = vec![token.org.0.into(), token.hash().into()];
        self.run(token.org, &DELETE_SESSION, values).await
    }

    /// Keeps a key of the API that may do what `scopes` says, words separated by spaces.
    ///
    /// # Errors
    /// The database's.
    pub async fn create_api_key(
        &self,
        token: &BearerToken,
        name: &str,
        scopes: &str,
    ) -> Result<ApiKeyId> {
        let id = self.next_id();
        let values = vec![
            token.org.0.into(),
            token.hash().into(),
            id.into(),
            name.into(),
            scopes.into(),
            self.now().0.into(),
        ];
        self.run(token.org, &INSERT_API_KEY, values).await?;
        Ok(ApiKeyId(id))
    }

    /// Finds a key of the API, revoked ones too.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_api_key(&self, token: &BearerToken) -> Result<Option<ApiKey>> {
        let org = token.org.0;
        let found: Option<ApiKeyRow> = self
            .db
            .read_with(Some(org), token.hash(), move |conn, hash| {
                Box::pin(
                    async move { conn.optional(&FIND_API_KEY, &[org.into(), hash.into()]).await },
                )
            })
            .await?;
        Ok(found.map(Into::into))
    }

    /// The keys of an org.
    ///
    /// # Errors
    /// The database's.
    pub async fn api_keys(&self, org: OrgId) -> Result<Vec<ApiKey>> {
        let found: Vec<ApiKeyRow> = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(async move { conn.all(&LIST_API_KEYS, &[org.0.into()]).await })
            })
            .await?;
        Ok(found.into_iter().map(Into::into).collect())
    }

    /// Revokes a key of the API.
    ///
    /// # Errors
    /// The database's.
    pub async fn revoke_api_key(&self, org: OrgId, id: ApiKeyId) -> Result<()> {
        let values = vec![org.0.into(), id.0.into(), self.now().0.into()];
        self.run(org, &REVOKE_API_KEY, values).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_carries_its_org_and_comes_back() {
        let token = BearerToken::new(OrgId(42), [7; 32]);
        let text = token.reveal();
        assert!(text.starts_with("dmg_"));
        assert_eq!(BearerToken::parse(&text), Some(token));
        for bad in ["", "dmg_", "dmg_x_y", &text.replace("dmg", "abc"), &text[..text.len() - 1]] {
            assert_eq!(BearerToken::parse(bad), None, "{bad}");
        }
        assert!(!format!("{:?}", BearerToken::parse(&text)).contains("0707"));
    }
}
