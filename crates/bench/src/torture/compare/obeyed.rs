//! Who was asked to wait has waited.

use anyhow::Result;
use serde_json::Value;

use super::{Hubs, Tally};
use crate::control::Control;
use crate::torture::market::Market;

/// How long a request that was on its way already may take, in sandbox microseconds: a third of a second
/// of real time, in which the machine may be busy with something else.
const UNDER_WAY_US: i64 = 10_000_000;

/// No call came to an endpoint that had asked to be left alone. Each process knows only what it was told
/// itself: of several this cannot be asked, nor of one that was killed meanwhile.
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
        for call in told["calls"].as_array().into_iter().flatten() {
            let (asked, at) = (us(call, "banned_us"), us(call, "at_us"));
            let excused = at - asked < UNDER_WAY_US || hubs.were_upset(asked, at);
            tally.check("I15", excused, || format!("{} was asked to wait: {call}", market.channel));
        }
    }
    Ok(())
}

fn us(call: &Value, field: &str) -> i64 {
    call[field].as_i64().unwrap_or(0)
}
