//! A second channel, invented for this test: one folder and one line in the registry bring it from
//! webhook to invoice, and nothing else knows of it.

mod channel;

use std::sync::Arc;

use dermaga_channel::Registry;
use dermaga_channel::sign::hmac_sha256;
use dermaga_domain::flow::Preset;
use dermaga_engine::{Connect, ConnectShop};
use dermaga_store::Secret;
use dermaga_testkit::{App, Setup, both, said_of};
use serde_json::{Value, json};

const SECRET: &str = "toy-secret-of-a-test";

fn registry() -> Registry {
    let known = dermaga_channels::all();
    let known = known.iter().map(|(_, channel)| Arc::clone(channel));
    Registry::new(known.chain([
        Arc::new(channel::Toy) as _, // one signature, statuses per unit
    ]))
}

async fn connect(app: &mut App) {
    let fields = vec![("secret".to_owned(), Secret(SECRET.to_owned()))];
    let new = Connect { channel: "toy".to_owned(), name: "Toy".to_owned(), fields };
    let connection = app.engine.connect(app.org, new).await.unwrap();
    app.engine.register_webhooks(app.org, connection).await.unwrap();
    let name = "Toko Mainan Contoh".to_owned();
    let warehouse = app.engine.store().create_warehouse(app.org, &name).await.unwrap();
    let shop = ConnectShop {
        channel_shop_id: "shop-1".to_owned(),
        name,
        zone: "Asia/Jakarta".to_owned(),
        preset: Preset::Classic,
        order_sync_from: None,
        return_sync_from: None,
        order_sync: true,
        number_by_invoice: false,
        sources: vec![(warehouse, None)],
    };
    let shop = app.engine.connect_shop(app.org, connection, shop).await.unwrap();
    app.shops.push(shop);
}

/// The channel tells of a unit's status.
async fn tell(app: &App, status: &str, units: &[&str]) -> u16 {
    let body = json!({
        "shop": "shop-1", "order": "T-1", "status": status, "at": app.engine.now().as_seconds(),
        "units": units,
        "all": [{"unit": "u1", "sku": "TOY-1"}, {"unit": "u2", "sku": "TOY-1"}],
    });
    send(app, &body).await
}

async fn send(app: &App, body: &Value) -> u16 {
    let body = body.to_string();
    let signature = hex::encode(hmac_sha256(SECRET.as_bytes(), body.as_bytes()));
    let status = app.post("order", &[("x-toy-signature", &signature)], body.as_bytes()).await;
    app.advance(60);
    app.engine.settle().await.unwrap();
    status.unwrap()
}

#[tokio::test]
async fn a_channel_is_a_folder_and_a_line() {
    both(Setup { registry: registry(), ..Setup::default() }, async |app| {
        connect(app).await;
        app.stock("TOY-1", 5).await.unwrap();
        app.engine.settle().await.unwrap();
        assert_eq!(tell(app, "bought", &["u1", "u2"]).await, 200);
        assert_eq!(app.said("T-1").await.unwrap(), "invoice unsent unpaid ready_to_ship");
        assert_eq!(app.documents("T-1").await.unwrap(), ["invoice live"]);
        assert_eq!(app.level("TOY-1").await.unwrap(), (5, 2, 0, 0));

        // A part of it goes, then the rest.
        assert_eq!(tell(app, "gone", &["u2"]).await, 200);
        let order = app.order("T-1").await.unwrap();
        assert!(said_of(&order).starts_with("invoice partly_sent unpaid"), "{order:?}");
        assert_eq!(app.level("TOY-1").await.unwrap(), (4, 1, 0, 0));
        assert_eq!(tell(app, "gone", &["u1"]).await, 200);
        assert_eq!(app.said("T-1").await.unwrap(), "invoice sent unpaid in_delivery");
        assert_eq!(tell(app, "kept", &["u1", "u2"]).await, 200);
        assert_eq!(app.said("T-1").await.unwrap(), "invoice sent paid completed");
        assert_eq!(app.level("TOY-1").await.unwrap(), (3, 0, 0, 0));

        let unsigned = app.post("order", &[], b"{}").await.unwrap();
        assert_eq!(unsigned, 401);
        assert_eq!(app.order("T-1").await.unwrap().channel, "toy");
    })
    .await;
}
