//! The second step of logging in: a sealed secret that an app on a person's device shares, and codes
//! for the day when the device is gone. What a code is made of is the web's business; here each is good
//! once.

use dermaga_domain::id::{AccountId, OrgId};
use dermaga_domain::time::Time;
use sha2::{Digest as _, Sha256};

use crate::audit::{self, Trail, act};
use crate::command::Giver;
use crate::db::{self, Lane, Rows, Statement, statements};
use crate::error::{Error, Result};
use crate::open::Store;
use crate::vault::Place;

static FIND: Statement = Statement::org(
    "factors.find",
    "SELECT totp, totp_since, totp_step FROM member WHERE org_id = $1 AND account_id = $2",
);

static START: Statement = Statement::org(
    "factors.start",
    "UPDATE member SET totp = $3, totp_since = NULL, totp_step = 0
     WHERE org_id = $1 AND account_id = $2 AND totp_since IS NULL",
);

static CONFIRM: Statement = Statement::org(
    "factors.confirm",
    "UPDATE member SET totp_since = $3, totp_step = $4
     WHERE org_id = $1 AND account_id = $2 AND totp_since IS NULL AND totp IS NOT NULL",
);

/// A step counts once, and none before it any more.
static USE_STEP: Statement = Statement::org(
    "factors.use_step",
    "UPDATE member SET totp_step = $3
     WHERE org_id = $1 AND account_id = $2 AND totp_since IS NOT NULL AND totp_step < $3",
);

static CLEAR: Statement = Statement::org(
    "factors.clear",
    "UPDATE member SET totp = NULL, totp_since = NULL, totp_step = 0
     WHERE org_id = $1 AND account_id = $2",
);

static INSERT_CODES: Statement = Statement::org(
    "factors.insert_codes",
    "WITH v AS MATERIALIZED ({rows $2: account_id bigint, code_hash text})
     INSERT INTO recovery_code (org_id, account_id, code_hash)
     SELECT $1, account_id, code_hash FROM v",
);

static DELETE_CODES: Statement = Statement::org(
    "factors.delete_codes",
    "DELETE FROM recovery_code WHERE org_id = $1 AND account_id = $2",
);

static USE_CODE: Statement = Statement::org(
    "factors.use_code",
    "UPDATE recovery_code SET used_at = $4
     WHERE org_id = $1 AND account_id = $2 AND code_hash = $3 AND used_at IS NULL",
);

static COUNT_CODES: Statement = Statement::org(
    "factors.count_codes",
    "SELECT COUNT(*) AS codes FROM recovery_code
     WHERE org_id = $1 AND account_id = $2 AND used_at IS NULL",
);

statements![
    FIND,
    START,
    CONFIRM,
    USE_STEP,
    CLEAR,
    INSERT_CODES,
    DELETE_CODES,
    USE_CODE,
    COUNT_CODES,
];

/// A person's second step.
#[derive(Clone, PartialEq, Eq)]
pub struct Factor {
    /// What their device shares with us.
    pub secret: Vec<u8>,
    /// Since when it counts; none = it was not confirmed.
    pub since: Option<Time>,
    /// The last time step of which a code was used.
    pub step: i64,
    /// Recovery codes that are left.
    pub codes: i64,
}

impl std::fmt::Debug for Factor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Factor").field("since", &self.since).finish_non_exhaustive()
    }
}

#[derive(sqlx::FromRow)]
struct FactorRow {
    totp: Option<Vec<u8>>,
    totp_since: Option<i64>,
    totp_step: i64,
}

#[derive(sqlx::FromRow)]
struct CountRow {
    codes: i64,
}

const fn place(org: OrgId, row: &str) -> Place<'_> {
    Place { org, table: "member", row, column: "totp" }
}

fn hash(code: &str) -> String {
    hex::encode(Sha256::digest(code.as_bytes()))
}

impl Store {
    /// A person's second step, whether it counts yet or not; none when they have none.
    ///
    /// # Errors
    /// The database's, or a secret that can no longer be opened.
    pub async fn factor(&self, org: OrgId, account: AccountId) -> Result<Option<Factor>> {
        let (row, count): (Option<FactorRow>, CountRow) = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(async move {
                    let values = [org.0.into(), account.0.into()];
                    Ok((
                        conn.optional(&FIND, &values).await?,
                        conn.one(&COUNT_CODES, &values).await?,
                    ))
                })
            })
            .await?;
        let Some(FactorRow { totp: Some(sealed), totp_since, totp_step }) = row else {
            return Ok(None);
        };
        let key = account.0.to_string();
        let secret = self.vault.open(&self.db, &place(org, &key), &sealed).await?;
        let since = totp_since.map(Time);
        Ok(Some(Factor { secret, since, step: totp_step, codes: count.codes }))
    }

    /// Keeps a secret that does not count yet; one that counts stays.
    ///
    /// # Errors
    /// The database's, or that one counts already.
    pub async fn start_factor(&self, org: OrgId, account: AccountId, secret: &[u8]) -> Result<()> {
        let now = self.now();
        self.vault.prepare(&self.db, org, now).await?;
        let key = account.0.to_string();
        let sealed = self.vault.seal(&place(org, &key), now, secret)?;
        let started = self
            .db
            .write_with(Lane::Short, Some(org.0), sealed, move |conn, sealed| {
                Box::pin(async move {
                    let values = [org.0.into(), account.0.into(), sealed.clone().into()];
                    conn.execute(&START, &values).await
                })
            })
            .await?;
        if started == 0 {
            Err(Error::Refused("a second step is on already".to_owned()))
        } else {
            Ok(())
        }
    }

    /// Lets the secret count from now on, with codes for the day when the device is gone. `step` is the
    /// time step whose code confirmed it.
    ///
    /// # Errors
    /// The database's, or that there is nothing to confirm.
    pub async fn confirm_factor(
        &self,
        org: OrgId,
        account: AccountId,
        step: i64,
        codes: &[String],
    ) -> Result<()> {
        let now = self.now().0;
        let by = Giver::Person(account);
        let trail = Trail::one(self, by, act::FACTOR_ON, (&account.to_string(), "")).packed();
        let mut rows = Rows::default();
        for code in codes {
            rows.push(&[&account.0, &hash(code)]);
        }
        let input = (db::Value::from(rows), trail);
        let confirmed = self
            .db
            .write_with(Lane::Short, Some(org.0), input, move |conn, (rows, trail)| {
                Box::pin(async move {
                    let values = [org.0.into(), account.0.into(), now.into(), step.into()];
                    let confirmed = conn.execute(&CONFIRM, &values).await?;
                    if confirmed > 0 {
                        conn.execute(&DELETE_CODES, &[org.0.into(), account.0.into()]).await?;
                        conn.execute(&INSERT_CODES, &[org.0.into(), rows.clone()]).await?;
                        audit::write(conn, org.0, trail).await?;
                    }
                    Ok(confirmed)
                })
            })
            .await?;
        if confirmed == 0 { Err(Error::NotFound("second step")) } else { Ok(()) }
    }

    /// Uses the code of a time step: false when it, or a later one, was used before.
    ///
    /// # Errors
    /// The database's.
    pub async fn use_step(&self, org: OrgId, account: AccountId, step: i64) -> Result<bool> {
        let used = self
            .db
            .write(Lane::Short, Some(org.0), move |conn| {
                Box::pin(async move {
                    conn.execute(&USE_STEP, &[org.0.into(), account.0.into(), step.into()]).await
                })
            })
            .await?;
        Ok(used > 0)
    }

    /// Uses a recovery code: false when it is none of theirs, or was used before.
    ///
    /// # Errors
    /// The database's.
    pub async fn use_recovery_code(
        &self,
        org: OrgId,
        account: AccountId,
        code: &str,
    ) -> Result<bool> {
        let now = self.now().0;
        let by = Giver::Person(account);
        let trail = Trail::one(self, by, act::RECOVERED, (&account.to_string(), "")).packed();
        let used = self
            .db
            .write_with(
                Lane::Short,
                Some(org.0),
                (hash(code), trail),
                move |conn, (hash, trail)| {
                    Box::pin(async move {
                        let values = [org.0.into(), account.0.into(), hash.into(), now.into()];
                        let used = conn.execute(&USE_CODE, &values).await?;
                        if used > 0 {
                            audit::write(conn, org.0, trail).await?;
                        }
                        Ok(used)
                    })
                },
            )
            .await?;
        Ok(used > 0)
    }

    /// Takes the second step away, with its recovery codes.
    ///
    /// # Errors
    /// The database's, or that there is no such person.
    pub async fn clear_factor(&self, org: OrgId, account: AccountId, by: Giver) -> Result<()> {
        let trail = Trail::one(self, by, act::FACTOR_OFF, (&account.to_string(), "")).packed();
        let cleared = self
            .db
            .write_with(Lane::Short, Some(org.0), trail, move |conn, trail| {
                Box::pin(async move {
                    let values = [org.0.into(), account.0.into()];
                    let cleared = conn.execute(&CLEAR, &values).await?;
                    if cleared > 0 {
                        conn.execute(&DELETE_CODES, &values).await?;
                        audit::write(conn, org.0, trail).await?;
                    }
                    Ok(cleared)
                })
            })
            .await?;
        if cleared == 0 { Err(Error::NotFound("account")) } else { Ok(()) }
    }
}
