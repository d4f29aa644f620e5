//! The vault: data keys at hand, so that sealing and opening need no database.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use dermaga_domain::id::OrgId;
use dermaga_domain::time::{Span, Time};
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use crate::crypto::{self, DataKey, Keyring};
use crate::db::{Database, Lane, Packed, Rows, Statement, statements};
use crate::error::{Error, Result};
use crate::open::Store;

/// How long a data key seals new values; destroying it destroys what it sealed.
pub(crate) const KEY_MONTH: Span = Span::days(30);

static INSERT_KEY: Statement = Statement::org(
    "vault.insert_key",
    "INSERT INTO data_key (org_id, month, wrapped) VALUES ($1, $2, $3)
     ON CONFLICT (org_id, month) DO NOTHING",
);

static FIND_KEY: Statement = Statement::org(
    "vault.find_key",
    "SELECT wrapped FROM data_key WHERE org_id = $1 AND month = $2",
);

static LIST_KEYS: Statement = Statement::org(
    "vault.list_keys",
    "SELECT month, wrapped FROM data_key WHERE org_id = $1 AND month >= $2 ORDER BY month",
);

static WRAP_KEYS: Statement = Statement::org(
    "vault.wrap_keys",
    "WITH v AS MATERIALIZED ({rows $2+$3: month bigint, wrapped blob})
     UPDATE data_key SET wrapped = v.wrapped
     FROM v WHERE data_key.org_id = $1 AND data_key.month = v.month",
);

statements![INSERT_KEY, FIND_KEY, LIST_KEYS, WRAP_KEYS];

#[derive(sqlx::FromRow)]
struct Wrapped {
    wrapped: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct KeyRow {
    month: i64,
    wrapped: Vec<u8>,
}

/// Where a sealed value lies: opened anywhere else it is refused.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The org.
    pub org: OrgId,
    /// The table.
    pub table: &'a str,
    /// The row's key as text.
    pub row: &'a str,
    /// The column.
    pub column: &'a str,
}

impl Place<'_> {
    fn parts(&self) -> [String; 4] {
        [self.org.0.to_string(), self.table.to_owned(), self.row.to_owned(), self.column.to_owned()]
    }
}

/// Seals and opens, and hashes for finding repeated bodies.
#[derive(Clone)]
pub struct Vault {
    keyring: Keyring,
    random: Arc<Mutex<StdRng>>,
    keys: Arc<RwLock<HashMap<(i64, i64), DataKey>>>,
}

impl Vault {
    /// A vault on a root key; the randomness for nonces is drawn from the operating system once.
    #[must_use]
    pub fn new(root: [u8; 32]) -> Self {
        Self {
            keyring: Keyring::new(root),
            random: Arc::new(Mutex::new(StdRng::from_os_rng())),
            keys: Arc::default(),
        }
    }

    /// The hash under which a repeated body is found.
    #[must_use]
    pub fn hash(&self, org: OrgId, bytes: &[u8]) -> [u8; 32] {
        self.keyring.keyed_hash(org.0, bytes)
    }

    /// Seals a value with this month's key, which must be at hand: see [`Vault::prepare`].
    ///
    /// # Errors
    /// [`Error::NoKey`] when it is not.
    pub fn seal(&self, place: &Place<'_>, now: Time, plain: &[u8]) -> Result<Vec<u8>> {
        let key = self.at_hand(place.org, month_of(now)).ok_or(Error::NoKey)?;
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(key.seal(&place.parts(), plain, &mut *random)?)
    }

    fn wrap(&self, ring: &Keyring, org: OrgId, key: &DataKey) -> Result<Vec<u8>, crypto::Error> {
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        ring.wrap(org.0, key, &mut *random)
    }

    fn at_hand(&self, org: OrgId, month: i64) -> Option<DataKey> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.get(&(org.0, month)).cloned()
    }

    /// Makes sure that this month's key of the org exists and is at hand.
    pub(crate) async fn prepare(&self, db: &Database, org: OrgId, now: Time) -> Result<()> {
        let month = month_of(now);
        if self.at_hand(org, month).is_some() {
            return Ok(());
        }
        if self.load(db, org, month).await?.is_some() {
            return Ok(());
        }
        let wrapped = {
            let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
            self.keyring.make_data_key(org.0, month, &mut *random)?.1
        };
        db.write_with(Lane::Short, Some(org.0), wrapped, move |conn, wrapped| {
            Box::pin(async move {
                let values = [org.0.into(), month.into(), wrapped.clone().into()];
                conn.execute(&INSERT_KEY, &values).await
            })
        })
        .await?;
        // Another node may have been first: what is stored counts.
        self.load(db, org, month).await?.map(drop).ok_or(Error::NoKey)
    }

    async fn load(&self, db: &Database, org: OrgId, month: i64) -> Result<Option<DataKey>> {
        let found: Option<Wrapped> = db
            .read(Some(org.0), move |conn| {
                Box::pin(
                    async move { conn.optional(&FIND_KEY, &[org.0.into(), month.into()]).await },
                )
            })
            .await?;
        let Some(found) = found else { return Ok(None) };
        let key = self.keyring.unwrap_data_key(org.0, month, &found.wrapped)?;
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        keys.insert((org.0, month), key.clone());
        Ok(Some(key))
    }

    /// Opens a value, fetching its key if it is not at hand.
    pub(crate) async fn open(
        &self,
        db: &Database,
        place: &Place<'_>,
        sealed: &[u8],
    ) -> Result<Vec<u8>> {
        let month = crypto::key_id(sealed).ok_or(crypto::Error::Malformed)?;
        let key = match self.at_hand(place.org, month) {
            Some(key) => key,
            None => self.load(db, place.org, month).await?.ok_or(Error::NoKey)?,
        };
        Ok(key.open(&place.parts(), sealed)?)
    }
}

impl Store {
    /// Wraps every data key of an org with a new root key, in one transaction; says how many. Keys that
    /// are wrapped with it already are left, so that it can be begun anew.
    ///
    /// # Errors
    /// The database's; a key that neither root key opens: then nothing of the org was changed.
    pub async fn rotate_root(&self, org: OrgId, old: [u8; 32], new: [u8; 32]) -> Result<usize> {
        let rings = (Keyring::new(old), Keyring::new(new), self.vault.clone());
        self.attempt(Lane::Short, org, rings, move |conn, (old, new, vault)| {
            Box::pin(async move {
                let values = [org.0.into(), 0.into()];
                let keys: Vec<KeyRow> = conn.all(&LIST_KEYS, &values).await?;
                let (mut rows, mut wrapped, mut count) = (Rows::default(), Packed::default(), 0);
                for key in &keys {
                    if new.unwrap_data_key(org.0, key.month, &key.wrapped).is_ok() {
                        continue;
                    }
                    let moved = old
                        .unwrap_data_key(org.0, key.month, &key.wrapped)
                        .and_then(|opened| vault.wrap(new, org, &opened));
                    match moved {
                        Ok(moved) => rows.push(&[&key.month, &wrapped.push(&moved)]),
                        Err(error) => return Ok(Err(error.into())),
                    }
                    count += 1;
                }
                if count > 0 {
                    conn.execute(&WRAP_KEYS, &[org.0.into(), rows.into(), wrapped.into()]).await?;
                }
                Ok(Ok(count))
            })
        })
        .await
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(…)")
    }
}

const fn month_of(now: Time) -> i64 {
    now.0.div_euclid(KEY_MONTH.0)
}
