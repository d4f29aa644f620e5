//! A large book: most orders are over, a few of each hundred are open, and one in ten thousand is of
//! another shop.

use anyhow::Result;
use dermaga_domain::id::ShopId;
use dermaga_domain::time::{Span, Time};
use dermaga_engine::Engine;
use dermaga_store::apply::Batch;

use crate::ground::{Ground, second_shop};
use crate::ingest::orders::{Life, heard};

/// Orders in a batch.
const BATCH: u64 = 500;
/// One order in so many is of the second shop.
const RARE: u64 = 10_000;
/// Between two orders.
const APART: Span = Span::seconds(20);

/// Fills the book; the shop that has few orders.
pub(super) async fn fill(engine: &Engine, ground: &Ground, orders: u64) -> Result<ShopId> {
    let rare = second_shop(engine, ground.seller.org).await?;
    let now = ground.clock.now();
    let mut from = 0;
    while from < orders {
        let until = orders.min(from + BATCH);
        let heard = (from..until).map(|place| {
            let shop = if place % RARE == 7 { rare } else { ground.seller.shop };
            let at = age(now, orders - place);
            heard(&Life { shop, statuses: statuses(place), at }, place)
        });
        let batch = Batch { heard: heard.collect(), ..Batch::new(ground.seller.org) };
        engine.store().apply(batch).await?;
        from = until;
    }
    Ok(rare)
}

fn age(now: Time, places: u64) -> Time {
    let places = i64::try_from(places).unwrap_or(i64::MAX);
    now.minus(Span(APART.0.saturating_mul(places)))
}

/// Of each thousand orders: 5 new, 5 ready to ship, 10 on their way, 5 cancelled before they were sent,
/// and the rest completed.
const fn statuses(place: u64) -> &'static [&'static str] {
    match place % 1_000 {
        0..5 => &["220"],
        5..10 => &["220", "400"],
        10..20 => &["220", "400", "500"],
        20..25 => &["220", "10"],
        _ => &["220", "400", "500", "700"],
    }
}
