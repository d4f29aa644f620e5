//! Two orgs with the same ids: what one does, the other does not see.

use std::sync::Arc;

use dermaga_domain::id::{IdMaker, ListingId};
use dermaga_domain::order::ActKind;
use dermaga_domain::time::Clock;

use super::{act, order, peek, said};
use crate::Options;
use crate::db::testing::Fixture;
use crate::open::MIGRATIONS;
use crate::stock::{Change, SeenListing};
use crate::tests::{Org, furnish, test_clock};
use crate::{Received, Store};

/// An org whose ids, its own aside, are those of every other org made here.
async fn twin(fixture: &Arc<Fixture>, node: i64) -> Org {
    let clock = test_clock();
    let store = async |ids| {
        let clock = Arc::clone(&clock) as Arc<dyn Clock>;
        Store::on(fixture.db.clone(), [7; 32], Arc::new(IdMaker::new(ids)), clock).await.unwrap()
    };
    let org = store(node).await.create_org("Toko Contoh").await.unwrap();
    furnish(store(500).await, org, Arc::clone(&clock), Arc::clone(fixture)).await
}

async fn begin(org: &Org) {
    org.opening("GAYO", [5, 1]).await;
    org.bundle("PAKET", vec![(org.sku("GAYO").await, 2)]).await;
    let listing = SeenListing {
        channel_product_id: "p-OLD".to_owned(),
        channel_sku: "OLD".to_owned(),
        name: "Barang".to_owned(),
        active: true,
        channel_stock: None,
    };
    org.store.upsert_listings(org.org, org.shop, vec![listing]).await.unwrap();
    org.apply(vec![
        order(org, "1", "400", &[("GAYO", 2), ("OLD", 1)], 1),
        order(org, "2", "400", &[("PAKET", 3)], 2),
        order(org, "3", "220", &[("GAYO", 1)], 3),
    ])
    .await;
    let body = b"{\"order\":1}".to_vec();
    let message = Received {
        org: org.org,
        connection: org.connection,
        shop: Some(org.shop),
        kind: "order".to_owned(),
        body,
    };
    org.store.receive(message).await.unwrap();
}

async fn go_on(org: &Org) {
    let listing = org.store.unmapped_listings(org.org, ListingId(0), 1).await.unwrap()[0].id;
    let gayo = org.sku("GAYO").await;
    org.store.map_listing(org.org, listing, Some(gayo), None).await.unwrap();
    org.change("GAYO", 0, Change::Count(3)).await;
    org.work().await;
    org.apply(vec![said(org, "1", "500", 4), act(org, "2", ActKind::Void)]).await;
    org.change("GAYO", 1, Change::Receipt(4)).await;
    org.work().await;
    org.apply(vec![order(org, "4", "500", &[("GAYO", 30)], 2), said(org, "3", "15", 5)]).await;
    org.work().await;
}

async fn keeps_apart(fixture: Fixture) {
    let fixture = Arc::new(fixture);
    let (one, other) = (twin(&fixture, 1).await, twin(&fixture, 2).await);
    begin(&one).await;
    begin(&other).await;
    assert_ne!(one.org, other.org);
    assert_eq!(one.shop, other.shop);
    assert_eq!(peek::order(&one, "2").await.id, peek::order(&other, "2").await.id);
    assert_eq!(one.sku("GAYO").await, other.sku("GAYO").await);

    let before = peek::dump(&other).await;
    assert!(before.len() > 50, "{} rows", before.len());
    go_on(&one).await;
    assert_eq!(peek::dump(&other).await, before);
    one.check().await;
    other.check().await;

    let before = peek::dump(&one).await;
    go_on(&other).await;
    assert_eq!(peek::dump(&one).await, before);
    assert_eq!(one.sum("GAYO").await, other.sum("GAYO").await, "the same acts, the same end");
}

#[tokio::test]
async fn a_twin_on_sqlite_is_not_touched() {
    keeps_apart(Fixture::sqlite(&MIGRATIONS, Options::default()).await).await;
}

#[tokio::test]
async fn a_twin_on_postgres_is_not_touched() {
    keeps_apart(Fixture::postgres(&MIGRATIONS, Options::default()).await).await;
}
