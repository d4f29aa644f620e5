//! A hub that dies: a store in a runtime of its own, which stands for its process.

use std::collections::BTreeSet;
use std::fs;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use dermaga_domain::flow::Flow;
use dermaga_domain::id::{ListingId, OrgId, ShopId};
use dermaga_domain::time::{Clock, Time};
use dermaga_store::apply::{Batch, Heard};
use dermaga_store::read::Scope;
use dermaga_store::read::orders::{Counts, Order, PAGE_MAX, Query};
use dermaga_store::read::stock::{self, Level};
use dermaga_store::stock::{OpeningRow, SeenListing};
use dermaga_store::{
    AppRole, NewConnection, NewFlowVersion, NewShop, Options, Pulse, Step, Store, migrate,
};
use dermaga_testdb::postgres::Postgres;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use super::cases::{PRODUCTS, product_id};

/// What lies on the shelf of each product before the first order: enough for all.
pub(super) const OPENED: i64 = 1_000_000;

/// Which database.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Sqlite,
    Postgres,
}

/// Where the hub keeps everything; outlives its processes.
enum Place {
    /// The folder holds nothing but the database's files.
    Sqlite(TempDir),
    Postgres {
        _server: Postgres,
        url: String,
        role: AppRole,
    },
}

impl Place {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => Self::Sqlite(TempDir::new().unwrap()),
            Kind::Postgres => {
                let server = Postgres::start().unwrap();
                let url = server.create_database().unwrap();
                let name = format!("app_{}", url.rsplit('/').next().unwrap());
                let role = AppRole::new(&name, "invented").unwrap();
                Self::Postgres { _server: server, url, role }
            }
        }
    }

    fn address(&self) -> (String, Option<AppRole>) {
        match self {
            Self::Sqlite(folder) => {
                (format!("sqlite:{}", folder.path().join("hub.db").display()), None)
            }
            Self::Postgres { url, role, .. } => (url.clone(), Some(role.clone())),
        }
    }

    /// What a machine finds when it starts again. The files of SQLite are copied as they are this
    /// moment, the write-ahead log with them: nothing that a dying process still writes reaches the
    /// copy. A server keeps its own files; what was open there ends with the connection.
    fn after_a_crash(&mut self) {
        if let Self::Sqlite(folder) = self {
            let copy = TempDir::new().unwrap();
            // The log last: what a checkpoint copies meanwhile is in the log as well.
            for name in ["hub.db", "hub.db-wal"] {
                fs::copy(folder.path().join(name), copy.path().join(name)).unwrap();
            }
            *folder = copy;
        }
    }
}

/// A clock that stands still: time is no part of the canonical state.
struct Still;

impl Clock for Still {
    fn now(&self) -> Time {
        Time::from_seconds(1_700_100_000)
    }
}

/// Where a process is to be held: at the commit of its write, or before the statement of that number.
struct Hold {
    before: usize,
    /// Says where it was held.
    held: Sender<String>,
    /// Ends when the process is gone.
    until: Receiver<()>,
}

/// A running process.
struct Process {
    runtime: Runtime,
    store: Store,
    hold: Arc<Mutex<Option<Hold>>>,
}

impl Process {
    fn start(place: &Place) -> Self {
        let (url, role) = place.address();
        let hold = Arc::new(Mutex::new(None));
        let pulse = Some(holds_at(Arc::clone(&hold)));
        let options = Options { readers: 1, writers: 2, role, pulse, ..Options::default() };
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let store = runtime.block_on(Store::open(&url, options, [7; 32], Arc::new(Still))).unwrap();
        Self { runtime, store, hold }
    }

    /// Nothing more runs of it, not even an orderly end.
    fn die(self) {
        self.runtime.shutdown_background();
    }
}

/// Holds the thread of a write where it was told to, as long as its process lives.
fn holds_at(hold: Arc<Mutex<Option<Hold>>>) -> Pulse {
    Pulse::new(move |step| {
        let mut asked = hold.lock().unwrap();
        let name = match step {
            Step::Statement(name) => name,
            Step::Commit => "the commit",
            Step::Committed => return true,
        };
        let here = asked.take_if(|hold| {
            let here = hold.before == 0 || step == Step::Commit;
            hold.before = hold.before.saturating_sub(1);
            here
        });
        drop(asked);
        let Some(hold) = here else { return true };
        hold.held.send(name.to_owned()).unwrap();
        // Nothing is ever sent: the line ends with the process.
        hold.until.recv().is_ok()
    })
}

/// One hub with a shop for each flow of a channel.
pub(super) struct Hub {
    place: Place,
    process: Option<Process>,
    org: OrgId,
    pub(super) shops: Vec<ShopId>,
    /// How often its process died.
    pub(super) crashes: usize,
    /// Before which statements of a batch it did.
    pub(super) died_before: BTreeSet<String>,
}

impl Hub {
    /// A hub on an empty database, with stock on its shelves.
    pub(super) fn open(kind: Kind, channel: &str, flows: &[Flow]) -> Self {
        let place = Place::new(kind);
        let (url, role) = place.address();
        let setting_up = Runtime::new().unwrap();
        setting_up.block_on(migrate(&url, role.as_ref())).unwrap();
        let process = Process::start(&place);
        let (org, shops) = process.runtime.block_on(set_up(&process.store, channel, flows));
        let died_before = BTreeSet::new();
        Self { place, process: Some(process), org, shops, crashes: 0, died_before }
    }

    fn process(&self) -> &Process {
        self.process.as_ref().unwrap()
    }

    fn scope(&self) -> Scope {
        Scope::all(self.org)
    }

    /// Takes a batch in.
    pub(super) fn takes(&self, heard: Vec<Heard>) {
        let batch = Batch { heard, ..Batch::new(self.org) };
        let Process { runtime, store, .. } = self.process();
        runtime.block_on(store.apply(batch)).unwrap();
    }

    /// The process dies between two transactions; another one starts.
    pub(super) fn dies(&mut self) {
        self.starts_again();
    }

    /// The process dies inside the transaction of a batch, after so many statements or, if there are
    /// not so many, when it is about to commit; another one starts.
    pub(super) fn dies_in(&mut self, heard: Vec<Heard>, after: usize) {
        let batch = Batch { heard, ..Batch::new(self.org) };
        let Process { runtime, store, hold } = self.process();
        let ((held, is_held), (_lives, until)) = (channel(), channel());
        *hold.lock().unwrap() = Some(Hold { before: after, held, until });
        let store = store.clone();
        runtime.spawn(async move { store.apply(batch).await });
        let name = is_held.recv().unwrap();
        self.died_before.insert(name);
        self.starts_again();
    }

    fn starts_again(&mut self) {
        self.place.after_a_crash();
        self.process.take().unwrap().die();
        self.process = Some(Process::start(&self.place));
        self.crashes += 1;
    }

    /// Every order there is.
    pub(super) fn orders(&self) -> Vec<Order> {
        let Process { runtime, store, .. } = self.process();
        let mut query = Query { limit: PAGE_MAX, ..Query::default() };
        let mut orders = Vec::new();
        loop {
            let page = runtime.block_on(store.list_orders(&self.scope(), &query)).unwrap();
            orders.extend(page.orders);
            match page.next {
                Some(next) => query.after = Some(next),
                None => return orders,
            }
        }
    }

    /// The numbers beside the tabs.
    pub(super) fn counts(&self) -> Counts {
        let Process { runtime, store, .. } = self.process();
        runtime.block_on(store.tab_counts(&self.scope(), None, None)).unwrap()
    }

    /// The stock level of every product.
    pub(super) fn levels(&self) -> Vec<Level> {
        let Process { runtime, store, .. } = self.process();
        let scope = self.scope();
        let page = store.stock_levels(&scope, "", None, stock::PAGE_MAX);
        runtime.block_on(page).unwrap().0
    }

    /// How many rows there are in each table.
    pub(super) fn rows(&self) -> Vec<(String, i64)> {
        let Process { runtime, store, .. } = self.process();
        runtime.block_on(store.row_counts(self.org)).unwrap()
    }

    /// What the hub itself finds wrong.
    pub(super) fn violations(&self) -> Vec<String> {
        let Process { runtime, store, .. } = self.process();
        let found = runtime.block_on(store.find_violations(self.org)).unwrap();
        found.into_iter().map(|finding| format!("{finding:?}")).collect()
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        if let Some(process) = self.process.take() {
            process.runtime.block_on(process.store.close());
        }
    }
}

async fn set_up(store: &Store, channel: &str, flows: &[Flow]) -> (OrgId, Vec<ShopId>) {
    let org = store.create_org("Toko Contoh").await.unwrap();
    let warehouse = store.create_warehouse(org, "Gudang").await.unwrap();
    let rows = (0..PRODUCTS).map(|product| OpeningRow {
        line: 0,
        sku: product_id(product),
        name: "Barang".to_owned(),
        warehouse: "Gudang".to_owned(),
        quantity: OPENED,
    });
    store.import_opening(org, rows.collect(), None).await.unwrap();
    let connection = NewConnection {
        channel: channel.to_owned(),
        name: "Contoh".to_owned(),
        credentials: "{}".to_owned(),
        webhook_route: "contoh".to_owned(),
        token: None,
    };
    let connection = store.create_connection(org, connection).await.unwrap();
    let mut shops = Vec::new();
    for (at, flow) in flows.iter().enumerate() {
        let shop = NewShop {
            connection,
            channel: channel.to_owned(),
            channel_shop_id: at.to_string(),
            name: "Toko".to_owned(),
            zone: "Asia/Jakarta".to_owned(),
            flow: NewFlowVersion {
                channel: channel.to_owned(),
                preset: None,
                body: flow.to_toml(),
                by: None,
            },
            order_sync: true,
            order_sync_from: None,
            return_sync_from: None,
            number_by_invoice: false,
            sources: vec![(warehouse, None)],
        };
        let shop = store.create_shop(org, shop).await.unwrap();
        map_listings(store, org, shop).await;
        shops.push(shop);
    }
    (org, shops)
}

/// Every listing that a look can show is mapped, whichever code it has.
async fn map_listings(store: &Store, org: OrgId, shop: ShopId) {
    let listing = |product, code: &str| SeenListing {
        channel_product_id: product_id(product),
        channel_sku: code.to_owned(),
        name: "Barang".to_owned(),
        active: true,
        channel_stock: None,
    };
    let seen = (0..PRODUCTS).flat_map(|product| ["S1", ""].map(|code| listing(product, code)));
    store.upsert_listings(org, shop, seen.collect()).await.unwrap();
    for listing in store.unmapped_listings(org, ListingId(0), 200).await.unwrap() {
        let sku = store.find_sku(org, &listing.seen.channel_product_id).await.unwrap().unwrap();
        store.map_listing(org, listing.id, Some(sku.id), None).await.unwrap();
    }
}
