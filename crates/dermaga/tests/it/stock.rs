//! `dermaga stock`.

use crate::terminal::{Terminal, cells};

/// The numbers of a SKU's level: on hand, allocated, reserved, available, short.
async fn level(terminal: &Terminal, sku: &str) -> Vec<i64> {
    let shown = terminal.ok(&["stock", "show", sku]).await;
    let line = shown.lines().nth(1).unwrap().to_owned();
    cells(&line)[3..].iter().map(|cell| cell.parse().unwrap()).collect()
}

#[tokio::test]
async fn opening_stock_is_put_on_the_shelves_once_and_wrong_lines_are_named() {
    let mut terminal = Terminal::stocked().await;
    assert_eq!(level(&terminal, "GAYO-250").await, [400, 0, 0, 400, 0]);
    let rows = "sku,name,warehouse,quantity\nGAYO-250,,Toko Kopi Contoh,5\nX,,Gudang Lain,5\n";
    terminal.file("again.csv", rows);
    let (text, error) = terminal.type_in(&["stock", "opening", "again.csv"]).await;
    assert_eq!(error.unwrap(), "2 rows were refused; mend them and bring them again");
    assert!(text.contains("line 2: GAYO-250 in Toko Kopi Contoh was opened before"), "{text}");
    assert!(text.contains("line 3: there is no warehouse \"Gudang Lain\""), "{text}");
    assert_eq!(level(&terminal, "GAYO-250").await[0], 400);
}

#[tokio::test]
async fn what_people_do_to_a_shelf_is_told_before_and_after() {
    let terminal = Terminal::stocked().await;
    let order = terminal.order(3).await;
    terminal.act(&order, "accept").await;
    assert_eq!(level(&terminal, "GAYO-250").await, [400, 3, 0, 397, 0]);
    let place = "toko kopi contoh";
    let said = terminal.ok(&["stock", "receive", "GAYO-250", place, "30"]).await;
    assert_eq!(said, "GAYO-250 in toko kopi contoh: 400 -> 430 on hand\n");
    terminal.ok(&["stock", "adjust", "GAYO-250", place, "-20", "--note", "broken"]).await;
    assert_eq!(level(&terminal, "GAYO-250").await, [410, 3, 0, 407, 0]);
    // Less is there than is held: the order is short, never the shelf below nothing.
    terminal.ok(&["stock", "count", "GAYO-250", place, "1"]).await;
    assert_eq!(level(&terminal, "GAYO-250").await, [1, 1, 0, 0, 2]);
    terminal.ok(&["stock", "receive", "GAYO-250", place, "10"]).await;
    assert_eq!(level(&terminal, "GAYO-250").await, [11, 3, 0, 8, 0]);
    let doctor = terminal.ok(&["doctor", "--invariants"]).await;
    assert!(doctor.contains("0 found"), "{doctor}");
}

#[tokio::test]
async fn bundles_are_made_and_listings_are_mapped() {
    let terminal = Terminal::stocked().await;
    let bundle = ["stock", "bundle", "PAKET", "Paket", "GAYO-250=1", "TORAJA-250=2"];
    assert_eq!(terminal.ok(&bundle).await, "PAKET is made of GAYO-250=1, TORAJA-250=2.\n");
    terminal.pull().await;
    let org = terminal.app.org;
    let store = terminal.app.engine.store();
    let listings = store.listings(org, terminal.app.shops[0], "", 100).await.unwrap();
    let listing = listings.iter().find(|one| one.seen.channel_sku == "MUG-BATIK").unwrap();
    assert_eq!(listing.sku, None);
    let product = listing.seen.channel_product_id.clone();
    let said = terminal.ok(&["stock", "map", &product, "PAKET"]).await;
    assert_eq!(said, format!("{} is PAKET.\n", listing.id));
    let mapped = store.listings(org, terminal.app.shops[0], "", 100).await.unwrap();
    let mapped = mapped.iter().find(|one| one.id == listing.id).unwrap();
    assert_eq!(mapped.sku, store.find_sku(org, "PAKET").await.unwrap().map(|sku| sku.id));
    terminal.ok(&["stock", "map", &listing.id.to_string(), "none"]).await;
}
