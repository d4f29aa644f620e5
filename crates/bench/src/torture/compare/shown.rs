//! What the channel shows is what is left, and it was told only what it did not show already.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::Value;

use super::stock::{Key, parts};
use super::{Hubs, Tally, Wanted, pages};
use crate::control::{Control, text};

pub(super) async fn compare(
    tally: &mut Tally,
    (control, hubs): (Control<'_>, &Hubs),
    levels: &[Value],
    wanted: &Wanted<'_>,
) -> Result<()> {
    let left: BTreeMap<Key, i64> = levels
        .iter()
        .map(|level| {
            let key = (text(&level["sku"]), text(&level["warehouse"]));
            (key, level["available"].as_i64().unwrap_or(-1))
        })
        .collect();
    for product in wanted.scene.sold() {
        let (shop, sku) = (&product["shop_id"], text(&product["sku"]));
        let whole = parts(product).into_iter().map(|(part, times)| {
            let left = left.get(&(part, text(&product["warehouse"]))).copied().unwrap_or(0);
            left / times.max(1)
        });
        let whole = whole.min().unwrap_or(0).max(0);
        let channel = text(&product["channel"]);
        let target = format!("/control/{channel}/stock/{sku}?shop_id={shop}");
        let shows = control.get(&target).await?["stock"].as_i64();
        tally.check("I8", shows == Some(whole), || {
            format!("{sku} in shop {shop}: {channel} shows {shows:?}, and {whole} are left")
        });
    }
    let shops = hubs.api("/shops").await?;
    for shop in shops.as_array().into_iter().flatten() {
        let id = text(&shop["id"]);
        for told in pages(hubs, &format!("/shops/{id}/pushes?")).await? {
            tally.check("I8", told["believed"] != told["value"], || {
                format!("shop {id} was told what it showed already: {told}")
            });
        }
    }
    Ok(())
}
