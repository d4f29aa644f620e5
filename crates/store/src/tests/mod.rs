//! Tests of the store, each on both databases.

mod apply;
mod backup;
mod consent;
mod peek;
mod read;
mod schema;
mod stock;
mod sub_platform;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use dermaga_domain::id::{ConnectionId, IdMaker, OrgId, ShopId, WarehouseId};
use dermaga_domain::time::{Clock, Span, Time};

use crate::db::testing::Fixture;
use crate::open::MIGRATIONS;
use crate::{NewConnection, NewFlowVersion, NewShop, Options, Store};

/// 2026-11-20T02:00:00Z.
pub(crate) const START: Time = Time(1_795_140_000_000_000);

/// A clock that a test holds.
#[derive(Debug)]
pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    pub(crate) fn advance(&self, span: Span) {
        self.0.fetch_add(span.0, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Time {
        Time(self.0.load(Ordering::SeqCst))
    }
}

/// A flow with the statuses that the tests speak of.
pub(crate) const FLOW: &str = include_str!("flow.toml");

/// An org with a shop on one database.
pub(crate) struct Org {
    pub(crate) store: Store,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) org: OrgId,
    pub(crate) connection: ConnectionId,
    pub(crate) shop: ShopId,
    pub(crate) warehouses: [WarehouseId; 2],
    /// Keeps the database.
    pub(crate) fixture: Arc<Fixture>,
}

pub(crate) fn test_clock() -> Arc<TestClock> {
    clock_at(START)
}

fn clock_at(start: Time) -> Arc<TestClock> {
    Arc::new(TestClock(AtomicI64::new(start.0)))
}

pub(crate) async fn open(fixture: Arc<Fixture>) -> Org {
    open_at(fixture, START).await
}

/// An org more in a database, made at a time of its own: ids follow the time.
pub(crate) async fn open_at(fixture: Arc<Fixture>, start: Time) -> Org {
    let clock = clock_at(start);
    let store = Store::on(
        fixture.db.clone(),
        [7; 32],
        Arc::new(IdMaker::new(1)),
        Arc::clone(&clock) as Arc<dyn Clock>,
    )
    .await
    .unwrap();
    let org = store.create_org("Toko Contoh").await.unwrap();
    furnish(store, org, clock, fixture).await
}

/// Gives an org its warehouses, a connection and a shop.
pub(crate) async fn furnish(
    store: Store,
    org: OrgId,
    clock: Arc<TestClock>,
    fixture: Arc<Fixture>,
) -> Org {
    let warehouses = [
        store.create_warehouse(org, "Bandung").await.unwrap(),
        store.create_warehouse(org, "Jakarta").await.unwrap(),
    ];
    let connection = store
        .create_connection(
            org,
            NewConnection {
                channel: "toy".to_owned(),
                name: "Toy".to_owned(),
                credentials: "{}".to_owned(),
                webhook_route: format!("route-{}", org.0),
                token: None,
            },
        )
        .await
        .unwrap();
    let new = new_shop(connection, format!("shop-{}", org.0), warehouses);
    let shop = store.create_shop(org, new).await.unwrap();
    Org { store, clock, org, connection, shop, warehouses, fixture }
}

/// A shop that sells from these warehouses.
fn new_shop(
    connection: ConnectionId,
    channel_shop_id: String,
    warehouses: [WarehouseId; 2],
) -> NewShop {
    NewShop {
        connection,
        channel: "toy".to_owned(),
        channel_shop_id,
        name: "Toko".to_owned(),
        zone: "Asia/Jakarta".to_owned(),
        flow: NewFlowVersion {
            channel: "toy".to_owned(),
            preset: None,
            body: FLOW.to_owned(),
            by: None,
        },
        order_sync: true,
        order_sync_from: None,
        return_sync_from: None,
        number_by_invoice: false,
        sources: warehouses.map(|warehouse| (warehouse, None)).to_vec(),
    }
}

impl Org {
    /// Another shop of the same connection.
    pub(crate) async fn second_shop(&self) -> ShopId {
        let new = new_shop(self.connection, "second".to_owned(), self.warehouses);
        self.store.create_shop(self.org, new).await.unwrap()
    }
}

/// Runs a test on an org in each database.
pub(crate) async fn on_both<F, T>(test: F)
where
    F: Fn(Org) -> T,
    T: Future<Output = ()>,
{
    test(open(Arc::new(Fixture::sqlite(&MIGRATIONS, Options::default()).await)).await).await;
    test(open(Arc::new(Fixture::postgres(&MIGRATIONS, Options::default()).await)).await).await;
}
