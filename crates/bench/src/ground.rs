//! The ground a benchmark stands on: a database with one seller in it, from which fresh ones are
//! copied, so that every run begins with the same bytes.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context as _, Result};
use dermaga_channel::http::Client;
use dermaga_channel::reach::this_machine;
use dermaga_domain::flow::Preset;
use dermaga_domain::id::{OrgId, ShopId};
use dermaga_domain::time::{Clock, Span};
use dermaga_engine::{ConnectShop, Engine, Settings};
use dermaga_store::stock::OpeningRow;
use dermaga_store::{AppRole, NewConnection, Options, Store};
use dermaga_testdb::postgres::Postgres;
use tempfile::TempDir;

use crate::torture::Backend;

/// How many SKUs the seller has.
pub(crate) const SKUS: u64 = 200;
/// On hand of each: never short.
const ON_HAND: i64 = 1_000_000_000;
/// The channel's id of the shop.
pub(crate) const CHANNEL_SHOP: &str = "480001";
/// What its webhooks are signed with.
pub(crate) const WEBHOOK_SECRET: &str = "webhook-secret-of-the-benchmark";
/// The channel.
const CHANNEL: &str = "tokopedia";
/// The vault's key: nothing outlives the benchmark.
const ROOT_KEY: [u8; 32] = [7; 32];

/// The seller that every copy holds.
#[derive(Debug, Clone)]
pub(crate) struct Seller {
    pub(crate) org: OrgId,
    pub(crate) shop: ShopId,
    /// The unguessable part of the webhooks' address.
    pub(crate) route: String,
}

/// A database to copy, and where copies go.
pub(crate) struct Ground {
    pub(crate) backend: Backend,
    pub(crate) seller: Seller,
    pub(crate) clock: Arc<dyn Clock>,
    /// The address of the database that is copied.
    template: String,
    role: Option<AppRole>,
    server: Option<Postgres>,
    copies: AtomicU32,
    // Removed last.
    folder: TempDir,
}

/// A copy; removed when dropped.
pub(crate) struct Copy<'a> {
    ground: &'a Ground,
    /// Its address; on PostgreSQL its owner's.
    pub(crate) url: String,
}

impl Ground {
    /// Makes the database and its seller.
    ///
    /// # Errors
    /// Whatever setting up meets.
    pub(crate) async fn lay(backend: Backend, clock: Arc<dyn Clock>) -> Result<Self> {
        let folder = TempDir::new()?;
        let (template, role, server) = match backend {
            Backend::Sqlite => {
                (format!("sqlite:{}", folder.path().join("template.db").display()), None, None)
            }
            Backend::Postgres => {
                let server = Postgres::start().context("no PostgreSQL server")?;
                let role = AppRole::new("dermaga_bench", "of-the-benchmark")?;
                (server.create_database()?, Some(role), Some(server))
            }
        };
        dermaga_store::migrate(&template, role.as_ref()).await?;
        let mut ground = Self {
            backend,
            seller: Seller { org: OrgId(0), shop: ShopId(0), route: String::new() },
            clock,
            template,
            role,
            server,
            copies: AtomicU32::new(0),
            folder,
        };
        let engine = ground.open(&ground.template).await?;
        ground.seller = settle(&engine).await?;
        engine.store().close().await;
        Ok(ground)
    }

    /// A store on a copy, with an engine that does nothing by itself.
    pub(crate) async fn open(&self, url: &str) -> Result<Engine> {
        let options = self.options();
        let store = Store::open(url, options, ROOT_KEY, Arc::clone(&self.clock)).await?;
        let settings = Settings {
            public_url: None,
            pull_interval: Span::hours(24),
            status_interval: Span::hours(24),
            return_interval: Span::hours(24),
            listing_interval: Span::hours(24),
            watch_interval: Span::hours(24),
            tick_ms: 1_000,
            unpaced: true,
            ..Settings::default()
        };
        let clock = Arc::clone(&self.clock);
        Ok(Engine::new(
            store,
            dermaga_channels::all(),
            clock,
            Client::reaching(&this_machine())?,
            settings,
        ))
    }

    /// What databases are opened with.
    pub(crate) fn options(&self) -> Options {
        Options { role: self.role.clone(), ..Options::default() }
    }

    /// The vault's key.
    pub(crate) const fn root_key(&self) -> [u8; 32] {
        ROOT_KEY
    }

    /// A place where there is no database yet.
    pub(crate) fn new_place(&self) -> Result<Copy<'_>> {
        let count = self.copies.fetch_add(1, Ordering::Relaxed);
        let url = match &self.server {
            None => format!("sqlite:{}", self.folder.path().join(format!("{count}.db")).display()),
            Some(server) => server.create_database()?,
        };
        Ok(Copy { ground: self, url })
    }

    /// A fresh copy.
    pub(crate) fn copy(&self) -> Result<Copy<'_>> {
        let count = self.copies.fetch_add(1, Ordering::Relaxed);
        let url = match &self.server {
            None => {
                let (from, to) =
                    (file(&self.template), self.folder.path().join(format!("{count}.db")));
                checkpoint(&from)?;
                std::fs::copy(from, &to)?;
                format!("sqlite:{}", to.display())
            }
            Some(server) => {
                let template = database(&self.template);
                let name = format!("{template}_{count}");
                server.query(&format!("CREATE DATABASE {name} TEMPLATE {template}"))?;
                self.template.replace(template, &name)
            }
        };
        Ok(Copy { ground: self, url })
    }

    /// The address of the database that is copied.
    pub(crate) fn template(&self) -> &str {
        &self.template
    }
}

impl Drop for Copy<'_> {
    fn drop(&mut self) {
        let removed = match &self.ground.server {
            None => {
                let file = file(&self.url);
                // The log and its index are gone when the last connection closed in order.
                for ending in ["-wal", "-shm"] {
                    let mut beside = file.clone().into_os_string();
                    beside.push(ending);
                    drop(std::fs::remove_file(beside));
                }
                std::fs::remove_file(file)
            }
            Some(server) => {
                let name = database(&self.url);
                server.query(&format!("DROP DATABASE {name} WITH (FORCE)")).map(drop)
            }
        };
        if let Err(error) = removed {
            tracing::warn!(error = %error, "a copy is left behind");
        }
    }
}

/// The file of an SQLite address.
pub(crate) fn file(url: &str) -> PathBuf {
    PathBuf::from(url.strip_prefix("sqlite:").unwrap_or(url))
}

/// The database of a PostgreSQL address.
fn database(url: &str) -> &str {
    let address = url.split_once('?').map_or(url, |(address, _)| address);
    address.rsplit_once('/').map_or(address, |(_, name)| name)
}

/// Brings the log into the file, so that copying the file copies everything.
fn checkpoint(file: &std::path::Path) -> Result<()> {
    let conn = rusqlite::Connection::open(file)?;
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}

/// One org, one connection, one shop, one warehouse, stock.
async fn settle(engine: &Engine) -> Result<Seller> {
    let org = engine.store().create_org("Toko Contoh").await?;
    // Nobody answers for the channel here: the connection is kept without asking it.
    let route = "route-of-the-benchmark".to_owned();
    let new = NewConnection {
        channel: CHANNEL.to_owned(),
        name: CHANNEL.to_owned(),
        credentials: serde_json::json!({"webhook_secret": WEBHOOK_SECRET}).to_string(),
        webhook_route: route.clone(),
        token: None,
    };
    let connection = engine.store().create_connection(org, new).await?;
    let name = "Gudang Contoh".to_owned();
    let warehouse = engine.store().create_warehouse(org, &name).await?;
    let opening = (0..SKUS).map(|number| OpeningRow {
        line: 0,
        sku: sku(number),
        name: format!("Barang contoh nomor {number}"),
        warehouse: name.clone(),
        quantity: ON_HAND,
    });
    engine.store().import_opening(org, opening.collect(), None).await?;
    let new = ConnectShop {
        channel_shop_id: CHANNEL_SHOP.to_owned(),
        name: "Toko Contoh".to_owned(),
        zone: "Asia/Jakarta".to_owned(),
        preset: Preset::Classic,
        order_sync_from: None,
        return_sync_from: None,
        order_sync: true,
        number_by_invoice: true,
        sources: vec![(warehouse, Some("340735".to_owned()))],
    };
    let shop = engine.connect_shop(org, connection, new).await?;
    Ok(Seller { org, shop, route })
}

/// One shop more, beside the first.
pub(crate) async fn second_shop(engine: &Engine, org: OrgId) -> Result<ShopId> {
    let first = engine.store().shops(org, None).await?.into_iter().next().context("no shop")?;
    let sources = engine.store().sources(org, first.id).await?;
    let new = ConnectShop {
        channel_shop_id: "480002".to_owned(),
        name: "Toko Kedua".to_owned(),
        zone: first.zone,
        preset: Preset::Classic,
        order_sync_from: None,
        return_sync_from: None,
        order_sync: true,
        number_by_invoice: true,
        sources: sources.into_iter().map(|it| (it.warehouse, it.channel_warehouse)).collect(),
    };
    Ok(engine.connect_shop(org, first.connection, new).await?)
}

/// The code of a SKU.
pub(crate) fn sku(number: u64) -> String {
    format!("CONTOH-{number:04}")
}
