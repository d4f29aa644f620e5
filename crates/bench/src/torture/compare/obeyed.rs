//! Who was asked to wait has waited.

use anyhow::Result;

use super::{Hubs, Tally};
use crate::control::Control;
use crate::torture::market::Market;

/// How long a request that was on its way already may take, in sandbox microseconds: a third of a second
/// of real time, in which the machine may be busy with something else.
const UNDER_WAY_US: i64 = 10_000_000;

/// By how much the hub's clock, which is read from the sandbox's now and then, may be ahead of it.
const CLOCKS_US: i64 = 3_000_000;

/// No call came to an endpoint that had asked to be left alone. Each process knows only what it was told
/// itself: of several this cannot be asked, nor of one that was killed meanwhile. What names no shop is
/// asked for by each shop at its own pace, and by the seller who consents.
pub(in crate::torture) async fn obeyed(
    tally: &mut Tally,
    control: Control<'_>,
    hubs: &Hubs,
    markets: &[&Market],
) -> Result<()> {
    if hubs.nodes() > 1 {
        return Ok(());
    }
    for market in markets {
        let target = format!("/control/{}/calls?banned=true", market.channel);
        let told = control.get(&target).await?;
        let calls = told["calls"].as_array().into_iter().flatten();
        for call in calls.filter(|call| call["shop_id"] != 0) {
            let [asked, until] = [0, 1].map(|edge| call["banned_us"][edge].as_i64().unwrap_or(0));
            let at = call["at_us"].as_i64().unwrap_or(0);
            let in_time = at - asked < UNDER_WAY_US || until - at < CLOCKS_US;
            let excused = in_time || hubs.were_upset(asked, at);
            tally.check("I15", excused, || format!("{} was asked to wait: {call}", market.channel));
        }
    }
    Ok(())
}
