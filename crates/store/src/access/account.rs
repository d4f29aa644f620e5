//! Accounts of people, and what they are in one org.

use dermaga_domain::access::Role;
use dermaga_domain::id::{AccountId, OrgId};

use super::Limits;
use crate::apply::rows::word;
use crate::audit::{self, Trail, act};
use crate::command::Giver;
use crate::db::{self, Conn, Lane, Statement, statements};
use crate::error::{Error, Result};
use crate::open::Store;
use crate::read::id_rows;

pub(super) static INSERT_ACCOUNT: Statement = Statement::directory(
    "accounts.insert",
    "INSERT INTO account (id, login, name, password_hash, created_at) VALUES ($1, $2, $3, $4, $5)",
);

pub(super) static INSERT_MEMBERSHIP: Statement = Statement::directory(
    "accounts.insert_membership",
    "INSERT INTO membership (account_id, org) VALUES ($1, $2)",
);

pub(super) static INSERT_MEMBER: Statement = Statement::org(
    "accounts.insert_member",
    "INSERT INTO member (org_id, account_id, role, shops, warehouses, created_at)
     VALUES ($1, $2, $3, $4, $5, $6)",
);

static FIND_ACCOUNT: Statement = Statement::directory(
    "accounts.find",
    "SELECT a.id, m.org FROM account a {join} membership m ON m.account_id = a.id
     WHERE a.login = $1 ORDER BY m.org LIMIT 1",
);

pub(super) static SET_PASSWORD: Statement = Statement::directory(
    "accounts.set_password",
    "UPDATE account SET password_hash = $2 WHERE id = $1",
);

static NAME_ACCOUNTS: Statement = Statement::directory(
    "accounts.name",
    "WITH v AS MATERIALIZED ({rows $1: id bigint})
     SELECT a.id, a.name FROM v {join} account a ON a.id = v.id",
);

static ACCOUNT: Statement = Statement::directory(
    "accounts.account",
    "SELECT a.login, a.name, a.password_hash, o.name AS org_name
     FROM account a {join} org o ON o.id = $2 WHERE a.id = $1",
);

static MEMBER: Statement = Statement::org(
    "accounts.member",
    "SELECT role, shops, warehouses, disabled_at, totp_since FROM member
     WHERE org_id = $1 AND account_id = $2",
);

static ANYBODY: Statement =
    Statement::directory("accounts.anybody", "SELECT id, name FROM account WHERE id > 0 LIMIT 1");

static FIRST_ORG: Statement = Statement::directory(
    "accounts.first_org",
    "INSERT INTO org (id, name, created_at) VALUES ($1, $2, $3)",
);

static FIRST_COUNTER: Statement =
    Statement::org("accounts.first_counter", "INSERT INTO counter (org_id, feed) VALUES ($1, 0)");

statements![
    INSERT_ACCOUNT,
    INSERT_MEMBERSHIP,
    INSERT_MEMBER,
    FIND_ACCOUNT,
    SET_PASSWORD,
    NAME_ACCOUNTS,
    ACCOUNT,
    MEMBER,
    ANYBODY,
    FIRST_ORG,
    FIRST_COUNTER,
];

/// A person who may log in, as a member of one org.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Their id.
    pub id: AccountId,
    /// What they log in with.
    pub login: String,
    /// Their name.
    pub name: String,
    /// The hash of their password, as a PHC string; empty until they have set one.
    pub password_hash: String,
    /// The org.
    pub org: OrgId,
    /// Its name.
    pub org_name: String,
    /// What they are in it.
    pub role: Role,
    /// What of it they see.
    pub limits: Limits,
    /// Whether logging in takes a second step.
    pub second_step: bool,
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

/// The first account of an installation, with the business it owns.
#[derive(Debug, Clone)]
pub struct FirstOwner {
    /// The name of the business.
    pub business: String,
    /// What the owner logs in with.
    pub login: String,
    /// The owner's name.
    pub name: String,
    /// The hash of the password, as a PHC string.
    pub password_hash: String,
}

#[derive(sqlx::FromRow)]
struct FoundRow {
    id: i64,
    org: i64,
}

#[derive(sqlx::FromRow)]
struct AccountRow {
    login: String,
    name: String,
    password_hash: String,
    org_name: String,
}

#[derive(sqlx::FromRow)]
struct MemberRow {
    role: String,
    shops: Option<String>,
    warehouses: Option<String>,
    disabled_at: Option<i64>,
    totp_since: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct NameRow {
    id: i64,
    name: String,
}

/// An account as it was read.
pub(super) struct Read {
    id: i64,
    org: i64,
    account: AccountRow,
    member: MemberRow,
}

impl Read {
    pub(super) fn account(self) -> Result<Account> {
        let Self { id, org, account, member } = self;
        Ok(Account {
            id: AccountId(id),
            login: account.login,
            name: account.name,
            password_hash: account.password_hash,
            org: OrgId(org),
            org_name: account.org_name,
            role: word("member", "role", id, &member.role)?,
            limits: Limits::read(member.shops.as_deref(), member.warehouses.as_deref()),
            second_step: member.totp_since.is_some(),
        })
    }

    pub(super) fn limits(&self) -> Limits {
        Limits::read(self.member.shops.as_deref(), self.member.warehouses.as_deref())
    }
}

/// An account as a member of an org; none when they are none, or were disabled.
pub(super) async fn read(conn: &mut Conn, org: i64, id: i64) -> db::Result<Option<Read>> {
    let member: Option<MemberRow> = conn.optional(&MEMBER, &[org.into(), id.into()]).await?;
    let Some(member) = member.filter(|member| member.disabled_at.is_none()) else {
        return Ok(None);
    };
    let account: Option<AccountRow> = conn.optional(&ACCOUNT, &[id.into(), org.into()]).await?;
    Ok(account.map(|account| Read { id, org, account, member }))
}

impl Store {
    /// Makes an owner of an org. `password_hash` is a PHC string, never a password.
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
        let trail = self.owner_trail(id);
        let texts = (login.to_owned(), name.to_owned(), password_hash.to_owned(), trail);
        self.db
            .write_with(Lane::Short, Some(org.0), texts, move |conn, (login, name, hash, trail)| {
                Box::pin(async move {
                    insert_owner(conn, org.0, (id, now.0), (login, name, hash)).await?;
                    audit::write(conn, org.0, trail).await
                })
            })
            .await?;
        Ok(AccountId(id))
    }

    /// Makes the first account of the installation, with its business; none when there is an account
    /// already.
    ///
    /// # Errors
    /// The database's.
    pub async fn create_first_owner(&self, first: FirstOwner) -> Result<Option<AccountId>> {
        let (org, now) = (self.next_id(), self.now());
        let id = self.next_id();
        let input = (first, self.owner_trail(id));
        let made = self
            .db
            .write_with(Lane::Short, Some(org), input, move |conn, (first, trail)| {
                Box::pin(async move {
                    let anybody: Option<NameRow> = conn.optional(&ANYBODY, &[]).await?;
                    if anybody.is_some() {
                        return Ok(false);
                    }
                    let values = [org.into(), first.business.as_str().into(), now.0.into()];
                    conn.execute(&FIRST_ORG, &values).await?;
                    conn.execute(&FIRST_COUNTER, &[org.into()]).await?;
                    let texts = (&first.login, &first.name, &first.password_hash);
                    insert_owner(conn, org, (id, now.0), texts).await?;
                    audit::write(conn, org, trail).await?;
                    Ok(true)
                })
            })
            .await?;
        Ok(made.then_some(AccountId(id)))
    }

    fn owner_trail(&self, id: i64) -> db::Value {
        let subject = AccountId(id).to_string();
        let told = format!("{}; {}", Role::Owner, Limits::default().told());
        Trail::one(self, Giver::Machine, act::INVITED, (&subject, &told)).packed()
    }

    /// Whether there is an account at all.
    ///
    /// # Errors
    /// The database's.
    pub async fn has_accounts(&self) -> Result<bool> {
        let found: Option<NameRow> =
            self.db.read(None, |conn| Box::pin(conn.optional(&ANYBODY, &[]))).await?;
        Ok(found.is_some())
    }

    /// Finds a person by log-in, as a member of their first org; none when there is no such person, or
    /// when they were disabled.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_account(&self, login: &str) -> Result<Option<Account>> {
        let found: Option<FoundRow> = self
            .db
            .read_with(None, login.to_owned(), |conn, login| {
                Box::pin(async move { conn.optional(&FIND_ACCOUNT, &[login.into()]).await })
            })
            .await?;
        let Some(FoundRow { id, org }) = found else { return Ok(None) };
        self.account(OrgId(org), AccountId(id)).await
    }

    /// A person as a member of an org; none when they are none, or were disabled.
    ///
    /// # Errors
    /// The database's.
    pub async fn account(&self, org: OrgId, id: AccountId) -> Result<Option<Account>> {
        let found =
            self.db.read(Some(org.0), move |conn| Box::pin(read(conn, org.0, id.0))).await?;
        found.map(Read::account).transpose()
    }

    /// Sets a person's password, and ends their sessions but `keep`, if that is given.
    ///
    /// # Errors
    /// The database's, or that there is no such person.
    pub async fn set_password(
        &self,
        org: OrgId,
        account: AccountId,
        password_hash: &str,
        by: Giver,
        keep: Option<&super::BearerToken>,
    ) -> Result<()> {
        if self.account(org, account).await?.is_none() {
            return Err(Error::NotFound("account"));
        }
        let subject = account.to_string();
        let trail = Trail::one(self, by, act::PASSWORD, (&subject, "")).packed();
        let keep = keep.map(super::BearerToken::hash).unwrap_or_default();
        let input = (password_hash.to_owned(), keep, trail);
        self.db
            .write_with(Lane::Short, Some(org.0), input, move |conn, (hash, keep, trail)| {
                Box::pin(async move {
                    conn.execute(&SET_PASSWORD, &[account.0.into(), hash.into()]).await?;
                    super::session::end_all(conn, org.0, account.0, keep).await?;
                    super::invitation::forget(conn, org.0, account.0).await?;
                    audit::write(conn, org.0, trail).await
                })
            })
            .await?;
        Ok(())
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
                let rows = id_rows(ids.iter().copied());
                Box::pin(async move { conn.all(&NAME_ACCOUNTS, &[rows.into()]).await })
            })
            .await?;
        Ok(found.into_iter().map(|row| (AccountId(row.id), row.name)).collect())
    }
}

async fn insert_owner(
    conn: &mut Conn,
    org: i64,
    (id, now): (i64, i64),
    (login, name, hash): (&String, &String, &String),
) -> db::Result<()> {
    let values = [id.into(), login.into(), name.into(), hash.into(), now.into()];
    conn.execute(&INSERT_ACCOUNT, &values).await?;
    conn.execute(&INSERT_MEMBERSHIP, &[id.into(), org.into()]).await?;
    let all = db::Value::NULL_TEXT;
    let role = Role::Owner.as_str();
    let values = [org.into(), id.into(), role.into(), all.clone(), all, now.into()];
    conn.execute(&INSERT_MEMBER, &values).await.map(drop)
}
