//! Links with which people set their password: each is good once, for a while.

use dermaga_domain::id::{AccountId, OrgId};
use dermaga_domain::time::{Span, Time};

use super::account::{self, Account};
use super::token::BearerToken;
use crate::audit::{self, Trail, act};
use crate::command::Giver;
use crate::db::{self, Conn, Lane, Statement, statements};
use crate::error::Result;
use crate::open::Store;

pub(super) static INSERT: Statement = Statement::org(
    "invitations.insert",
    "INSERT INTO invitation (org_id, token_hash, account_id, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5)",
);

static FIND: Statement = Statement::org(
    "invitations.find",
    "SELECT account_id, expires_at FROM invitation WHERE org_id = $1 AND token_hash = $2",
);

static TAKE: Statement = Statement::org(
    "invitations.take",
    "DELETE FROM invitation WHERE org_id = $1 AND token_hash = $2 AND expires_at > $3",
);

static FORGET: Statement = Statement::org(
    "invitations.forget",
    "DELETE FROM invitation WHERE org_id = $1 AND account_id = $2",
);

statements![INSERT, FIND, TAKE, FORGET];

/// How long a link is good.
pub(super) const GOOD_FOR: Span = Span::days(3);

/// A link that is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Whose password it sets.
    pub account: Account,
    /// Until when.
    pub expires_at: Time,
}

#[derive(sqlx::FromRow)]
struct InvitationRow {
    account_id: i64,
    expires_at: i64,
}

/// Makes every link of an account worthless.
pub(super) async fn forget(conn: &mut Conn, org: i64, account: i64) -> db::Result<()> {
    conn.execute(&FORGET, &[org.into(), account.into()]).await.map(drop)
}

/// Keeps a link.
pub(super) async fn keep(
    conn: &mut Conn,
    (org, hash): (i64, &str),
    account: i64,
    now: i64,
) -> db::Result<()> {
    let until = now.saturating_add(GOOD_FOR.0);
    let values = [org.into(), hash.into(), account.into(), now.into(), until.into()];
    conn.execute(&INSERT, &values).await.map(drop)
}

impl Store {
    /// Makes a new link for a person; those of before are worthless.
    ///
    /// # Errors
    /// The database's.
    pub async fn link(&self, token: &BearerToken, account: AccountId, by: Giver) -> Result<()> {
        let (org, now) = (token.org.0, self.now().0);
        let trail = Trail::one(self, by, act::LINKED, (&account.to_string(), "")).packed();
        let input = (token.hash(), trail);
        self.db
            .write_with(Lane::Short, Some(org), input, move |conn, (hash, trail)| {
                Box::pin(async move {
                    forget(conn, org, account.0).await?;
                    keep(conn, (org, hash), account.0, now).await?;
                    audit::write(conn, org, trail).await
                })
            })
            .await?;
        Ok(())
    }

    /// Finds a link that is good.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_invitation(&self, token: &BearerToken) -> Result<Option<Invitation>> {
        let (org, now) = (token.org.0, self.now().0);
        let found = self
            .db
            .read_with(Some(org), token.hash(), move |conn, hash| {
                Box::pin(async move {
                    let row: Option<InvitationRow> =
                        conn.optional(&FIND, &[org.into(), hash.into()]).await?;
                    let Some(row) = row.filter(|row| row.expires_at > now) else {
                        return Ok(None);
                    };
                    let read = account::read(conn, org, row.account_id).await?;
                    Ok(read.map(|read| (row.expires_at, read)))
                })
            })
            .await?;
        let Some((expires_at, read)) = found else { return Ok(None) };
        Ok(Some(Invitation { account: read.account()?, expires_at: Time(expires_at) }))
    }

    /// Sets the password that a link is for, and makes the link worthless; false when it is not good.
    /// Every session of the account ends.
    ///
    /// # Errors
    /// The database's.
    pub async fn accept_invitation(
        &self,
        token: &BearerToken,
        invitation: &Invitation,
        password_hash: &str,
    ) -> Result<bool> {
        let (org, now) = (OrgId(token.org.0), self.now().0);
        let account = invitation.account.id;
        let subject = account.to_string();
        let trail = Trail::one(self, Giver::Person(account), act::PASSWORD, (&subject, "link"));
        let input = (token.hash(), password_hash.to_owned(), trail.packed());
        let taken = self
            .db
            .write_with(Lane::Short, Some(org.0), input, move |conn, (hash, password, trail)| {
                Box::pin(async move {
                    let values = [org.0.into(), hash.into(), now.into()];
                    if conn.execute(&TAKE, &values).await? == 0 {
                        return Ok(false);
                    }
                    let values = [account.0.into(), password.into()];
                    conn.execute(&account::SET_PASSWORD, &values).await?;
                    forget(conn, org.0, account.0).await?;
                    super::session::end_all(conn, org.0, account.0, "").await?;
                    audit::write(conn, org.0, trail).await?;
                    Ok(true)
                })
            })
            .await?;
        Ok(taken)
    }
}
