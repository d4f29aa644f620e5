//! What a shop offers, and telling it what is left.

use std::collections::BTreeMap;

use dermaga_channel::{Command, Done, Error, Listing, StockRow, What};
use serde_json::{Value, json};

use crate::bench::Bench;
use crate::every;

/// Every listing.
async fn listings(bench: &Bench) -> Vec<Listing> {
    let (mut page, mut all) = (None::<String>, Vec::new());
    for _ in 0..100 {
        let listed = bench
            .ask(async |call| bench.channel.list_listings(call, page.as_deref()).await)
            .await
            .unwrap();
        all.extend(listed.listings);
        page = listed.next;
        if page.is_none() {
            return all;
        }
    }
    panic!("{}: the pages have no end", bench.profile.channel);
}

async fn set(bench: &Bench, rows: &[(&str, i64)]) -> Result<Done, Error> {
    let rows = rows
        .iter()
        .map(|(id, value)| StockRow { channel_product_id: (*id).to_owned(), value: *value });
    let command = Command::SetStock(rows.collect());
    bench.ask(async |call| bench.channel.execute(call, &command).await).await
}

/// What the shop sells, by its own account: id of each code.
fn sold(bench: &Bench) -> BTreeMap<String, String> {
    let given = bench.control("GET", "credentials", &Value::Null);
    let products = given["products"].as_array().unwrap().iter();
    let text = crate::messages::text;
    let mine = products.filter(|product| bench.shop == text(&product["shop_id"]));
    mine.map(|product| (text(&product["sku"]), text(&product["product_id"]))).collect()
}

fn on_shelf(bench: &Bench, sku: &str) -> i64 {
    let target = format!("stock/{sku}?shop_id={}", bench.shop);
    bench.control("GET", &target, &Value::Null)["stock"].as_i64().unwrap()
}

#[tokio::test]
async fn everything_that_is_sold_is_listed_under_the_name_that_orders_use() {
    every(async |bench| {
        let sold = sold(bench);
        let listed = listings(bench).await;
        let named: BTreeMap<String, String> = listed
            .iter()
            .map(|listing| (listing.channel_sku.clone(), listing.channel_product_id.clone()))
            .collect();
        assert_eq!(named, sold, "{}", bench.profile.channel);
        assert_eq!(listed.len(), sold.len(), "each once");
        for (sku, id) in &sold {
            let lines = json!([{"sku": sku, "quantity": 1}]);
            bench.control("POST", "orders", &json!({"lines": lines}));
            bench.advance(1);
            let heard = bench.heard(&bench.lately(What::Orders).await);
            let names = heard.iter().flat_map(|heard| &heard.snapshot.lines);
            let mut names = names.flat_map(|part| &part.content);
            assert!(names.any(|line| line.channel_product_id == *id && line.channel_sku == *sku));
        }
        let shown = listed.iter().find(|it| it.channel_sku == bench.profile.sku).unwrap();
        let before = on_shelf(bench, bench.profile.sku);
        assert!(shown.active && shown.stock.is_some_and(|stock| stock > before), "one was sold");
    })
    .await;
}

#[tokio::test]
async fn what_is_told_is_shown_and_telling_it_twice_is_telling_it_once() {
    every(async |bench| {
        let sold = sold(bench);
        let most = usize::try_from(bench.channel.capabilities().stock_batch_max.unwrap()).unwrap();
        let skus: Vec<(&String, &String)> = sold.iter().take(most).collect();
        let rows: Vec<(&str, i64)> =
            (11..).zip(&skus).map(|(n, (_, id))| (id.as_str(), n)).collect();
        for _ in 0..2 {
            let done = set(bench, &rows).await.unwrap();
            assert!(done.refused.is_empty(), "{}: {:?}", bench.profile.channel, done.refused);
        }
        let shown = listings(bench).await;
        for (id, value) in &rows {
            let listing = shown.iter().find(|it| it.channel_product_id == *id).unwrap();
            let stock = listing.stock.unwrap();
            // Where several share one count, the least of what they were told is shown by all.
            let own = on_shelf(bench, &listing.channel_sku) == *value;
            assert!(stock == *value || (!own && stock < *value), "{} {id}", bench.profile.channel);
        }
        set(bench, &[(rows[0].0, 0)]).await.unwrap();
        let shown = listings(bench).await;
        let listing = shown.iter().find(|it| it.channel_product_id == rows[0].0).unwrap();
        assert_eq!(listing.stock, Some(0), "{}", bench.profile.channel);
    })
    .await;
}

#[tokio::test]
async fn a_row_that_is_not_taken_is_named_and_the_others_are() {
    every(async |bench| {
        let sold = sold(bench);
        let rows: Vec<(&str, i64)> = sold.values().take(3).map(|id| (id.as_str(), 23)).collect();
        bench.set_faults(&json!({"probability": {"row_error": 1}, "limit": {"row_error": 1}}));
        let done = set(bench, &rows).await.unwrap();
        let refused: Vec<&str> =
            done.refused.iter().map(|row| row.channel_product_id.as_str()).collect();
        assert_eq!(refused.len(), 1, "{}: {refused:?}", bench.profile.channel);
        assert!(rows.iter().any(|(id, _)| refused.contains(id)));
        bench.set_faults(&json!({}));
        let unknown = set(bench, &[("99999999", 1)]).await;
        match unknown {
            Ok(done) => assert_eq!(done.refused.len(), 1, "{}", bench.profile.channel),
            Err(error) => assert!(matches!(error, Error::NotFound | Error::Rejected { .. })),
        }
    })
    .await;
}
