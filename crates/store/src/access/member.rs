//! People of an org: who there is, what they are, and changes to it.

use std::collections::HashMap;

use dermaga_domain::access::Role;
use dermaga_domain::id::{AccountId, OrgId};
use dermaga_domain::time::Time;

use super::Limits;
use super::account::{INSERT_ACCOUNT, INSERT_MEMBER, INSERT_MEMBERSHIP};
use super::invitation;
use super::token::BearerToken;
use crate::apply::rows::word;
use crate::audit::{self, Trail, act};
use crate::command::Giver;
use crate::db::{self, Conn, Lane, Statement, statements};
use crate::error::{Error, Result};
use crate::open::Store;
use crate::read::id_rows;

static LIST: Statement = Statement::org(
    "members.list",
    "SELECT account_id, role, shops, warehouses, disabled_at, created_at, totp_since FROM member
     WHERE org_id = $1 AND account_id > $2 AND account_id <= $3 ORDER BY account_id",
);

static ACCOUNTS: Statement = Statement::directory(
    "members.accounts",
    "WITH v AS MATERIALIZED ({rows $1: id bigint})
     SELECT a.id, a.login, a.name, a.password_hash <> '' AS ready
     FROM v {join} account a ON a.id = v.id",
);

static SEEN: Statement = Statement::org(
    "members.seen",
    "SELECT account_id, MAX(seen_at) AS seen_at FROM session
     WHERE org_id = $1 AND account_id > $2 AND account_id <= $3 AND NOT pending GROUP BY account_id",
);

static CHANGE: Statement = Statement::org(
    "members.change",
    "UPDATE member SET role = $3, shops = $4, warehouses = $5 WHERE org_id = $1 AND account_id = $2",
);

static DISABLE: Statement = Statement::org(
    "members.disable",
    "UPDATE member SET disabled_at = $3 WHERE org_id = $1 AND account_id = $2",
);

/// Locked, so that two owners cannot take each other out at the same time.
static OWNERS: Statement = Statement::org(
    "members.owners",
    "SELECT account_id FROM member
     WHERE org_id = $1 AND account_id > 0 AND role = 'owner' AND disabled_at IS NULL
     ORDER BY account_id {for update}",
);

statements![LIST, ACCOUNTS, SEEN, CHANGE, DISABLE, OWNERS];

/// Why the last owner stays one.
const LAST_OWNER: &str = "the last owner stays owner; make somebody else an owner first";

/// A person to be invited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMember {
    /// What they will log in with.
    pub login: String,
    /// Their name.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// What they see.
    pub limits: Limits,
}

/// A person of an org.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Their id.
    pub id: AccountId,
    /// What they log in with.
    pub login: String,
    /// Their name.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// What they see.
    pub limits: Limits,
    /// Whether they have set a password.
    pub ready: bool,
    /// Whether logging in takes a second step.
    pub second_step: bool,
    /// When they joined.
    pub created_at: Time,
    /// Since when they may not log in.
    pub disabled_at: Option<Time>,
    /// When a session of theirs that has not ended was last used, to some minutes.
    pub seen_at: Option<Time>,
}

#[derive(sqlx::FromRow)]
struct MemberRow {
    account_id: i64,
    role: String,
    shops: Option<String>,
    warehouses: Option<String>,
    disabled_at: Option<i64>,
    created_at: i64,
    totp_since: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct AccountRow {
    id: i64,
    login: String,
    name: String,
    ready: bool,
}

#[derive(sqlx::FromRow)]
struct SeenRow {
    account_id: i64,
    seen_at: i64,
}

#[derive(sqlx::FromRow)]
struct OwnerRow {
    account_id: i64,
}

/// Whether the org would be without an owner, were it not for this one.
async fn is_last_owner(conn: &mut Conn, org: i64, account: i64) -> db::Result<bool> {
    let owners: Vec<OwnerRow> = conn.all(&OWNERS, &[org.into()]).await?;
    Ok(owners.iter().all(|owner| owner.account_id == account) && !owners.is_empty())
}

impl Store {
    /// The people of an org, or one of them, the oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn members(&self, org: OrgId, only: Option<AccountId>) -> Result<Vec<Member>> {
        let (after, to) = only.map_or((0, i64::MAX), |id| (id.0.saturating_sub(1), id.0));
        let (rows, accounts, seen) = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(async move {
                    let values = [org.0.into(), after.into(), to.into()];
                    let rows: Vec<MemberRow> = conn.all(&LIST, &values).await?;
                    let ids = id_rows(rows.iter().map(|row| row.account_id));
                    let accounts: Vec<AccountRow> = conn.all(&ACCOUNTS, &[ids.into()]).await?;
                    let seen: Vec<SeenRow> = conn.all(&SEEN, &values).await?;
                    Ok((rows, accounts, seen))
                })
            })
            .await?;
        let mut accounts: HashMap<i64, AccountRow> =
            accounts.into_iter().map(|row| (row.id, row)).collect();
        let seen: HashMap<i64, i64> =
            seen.into_iter().map(|row| (row.account_id, row.seen_at)).collect();
        let mut members = Vec::with_capacity(rows.len());
        for row in rows {
            let Some(account) = accounts.remove(&row.account_id) else { continue };
            members.push(Member {
                id: AccountId(row.account_id),
                login: account.login,
                name: account.name,
                role: word("member", "role", row.account_id, &row.role)?,
                limits: Limits::read(row.shops.as_deref(), row.warehouses.as_deref()),
                ready: account.ready,
                second_step: row.totp_since.is_some(),
                created_at: Time(row.created_at),
                disabled_at: row.disabled_at.map(Time),
                seen_at: seen.get(&row.account_id).copied().map(Time),
            });
        }
        Ok(members)
    }

    /// Invites a person; `token` is the link with which they set their password.
    ///
    /// # Errors
    /// The database's; a log-in that is taken is refused.
    pub async fn invite(
        &self,
        token: &BearerToken,
        new: NewMember,
        by: Giver,
    ) -> Result<AccountId> {
        let (org, id, now) = (token.org.0, self.next_id(), self.now().0);
        let subject = AccountId(id).to_string();
        let told = format!("{}; {}", new.role, new.limits.told());
        let trail = Trail::one(self, by, act::INVITED, (&subject, &told)).packed();
        let login = new.login.clone();
        let input = (new, token.hash(), trail);
        let made = self
            .db
            .write_with(Lane::Short, Some(org), input, move |conn, (new, hash, trail)| {
                Box::pin(async move {
                    let texts = [&new.login, &new.name].map(|text| db::Value::from(text.as_str()));
                    let [login, name] = texts;
                    let values = [id.into(), login, name, "".into(), now.into()];
                    conn.execute(&INSERT_ACCOUNT, &values).await?;
                    conn.execute(&INSERT_MEMBERSHIP, &[id.into(), org.into()]).await?;
                    let (shops, warehouses) = new.limits.texts();
                    let values = [
                        org.into(),
                        id.into(),
                        new.role.as_str().into(),
                        shops.into(),
                        warehouses.into(),
                        now.into(),
                    ];
                    conn.execute(&INSERT_MEMBER, &values).await?;
                    invitation::keep(conn, (org, hash), id, now).await?;
                    audit::write(conn, org, trail).await
                })
            })
            .await;
        match made {
            Ok(()) => Ok(AccountId(id)),
            Err(db::Error::Conflict(_)) => {
                Err(Error::Refused(format!("the log-in {login:?} is taken; choose another")))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Changes what a person is and sees.
    ///
    /// # Errors
    /// The database's; that there is no such person; that nobody would own the org.
    pub async fn change_member(
        &self,
        org: OrgId,
        account: AccountId,
        (role, limits): (Role, Limits),
        by: Giver,
    ) -> Result<()> {
        let told = format!("{role}; {}", limits.told());
        let trail = Trail::one(self, by, act::CHANGED, (&account.to_string(), &told)).packed();
        let input = (limits, trail);
        self.db
            .write_with(Lane::Short, Some(org.0), input, move |conn, (limits, trail)| {
                Box::pin(async move {
                    let loses = role != Role::Owner || !limits.is_none();
                    if loses && is_last_owner(conn, org.0, account.0).await? {
                        return Ok(Err(Error::Refused(LAST_OWNER.to_owned())));
                    }
                    let (shops, warehouses) = limits.texts();
                    let values = [
                        org.0.into(),
                        account.0.into(),
                        role.as_str().into(),
                        shops.into(),
                        warehouses.into(),
                    ];
                    if conn.execute(&CHANGE, &values).await? == 0 {
                        return Ok(Err(Error::NotFound("account")));
                    }
                    audit::write(conn, org.0, trail).await.map(Ok)
                })
            })
            .await?
    }

    /// Lets a person log in no more: their sessions end, their links are worthless.
    ///
    /// # Errors
    /// The database's; that there is no such person; that nobody would own the org.
    pub async fn disable_member(&self, org: OrgId, account: AccountId, by: Giver) -> Result<()> {
        let now = self.now().0;
        let trail = Trail::one(self, by, act::DISABLED, (&account.to_string(), "")).packed();
        self.db
            .write_with(Lane::Short, Some(org.0), trail, move |conn, trail| {
                Box::pin(async move {
                    if is_last_owner(conn, org.0, account.0).await? {
                        return Ok(Err(Error::Refused(LAST_OWNER.to_owned())));
                    }
                    let values = [org.0.into(), account.0.into(), now.into()];
                    if conn.execute(&DISABLE, &values).await? == 0 {
                        return Ok(Err(Error::NotFound("account")));
                    }
                    super::session::end_all(conn, org.0, account.0, "").await?;
                    invitation::forget(conn, org.0, account.0).await?;
                    audit::write(conn, org.0, trail).await.map(Ok)
                })
            })
            .await?
    }

    /// Lets a person log in again, with the password they had.
    ///
    /// # Errors
    /// The database's, or that there is no such person.
    pub async fn enable_member(&self, org: OrgId, account: AccountId, by: Giver) -> Result<()> {
        let trail = Trail::one(self, by, act::ENABLED, (&account.to_string(), "")).packed();
        self.db
            .write_with(Lane::Short, Some(org.0), trail, move |conn, trail| {
                Box::pin(async move {
                    let values = [org.0.into(), account.0.into(), db::Value::NULL_I64];
                    if conn.execute(&DISABLE, &values).await? == 0 {
                        return Ok(Err(Error::NotFound("account")));
                    }
                    audit::write(conn, org.0, trail).await.map(Ok)
                })
            })
            .await?
    }
}
