//! What a dry run found, as the command line tells it.

use std::fmt::Write as _;

use dermaga_domain::order::explain::Outcome;
use dermaga_domain::term::{Document, Tab};
use dermaga_engine::DryRun;

use super::shown::{columns, head};

/// Tells what was found.
pub(super) fn tell(found: &DryRun, days: u16, out: &mut String) -> std::fmt::Result {
    let (differ, looked_at) = (found.differs.len(), found.looked_at);
    writeln!(out, "{differ} of {looked_at} orders of the last {days} days would end elsewhere.")?;
    if differ > 0 {
        let mut lines = vec![head(["order", "id", "now", "then"])];
        for ends in &found.differs {
            lines.push([
                ends.channel_order_id.clone(),
                ends.id.to_string(),
                told(&ends.before),
                told(&ends.after),
            ]);
        }
        out.push_str(&columns(&lines));
    }
    if !found.unknown.is_empty() {
        let unknown = found.unknown.len();
        writeln!(out, "{unknown} of them wait for a flow that knows their status.")?;
    }
    Ok(())
}

fn told(outcome: &Outcome) -> String {
    let mut parts = vec![outcome.document.to_string()];
    if outcome.document > Document::None {
        parts.push(outcome.delivery.to_string());
        parts.push(outcome.payment.to_string());
    }
    if outcome.bin {
        parts.push("bin".to_owned());
    }
    parts.push(format!("tab {}", outcome.tab.map_or("none", Tab::as_str)));
    parts.extend(outcome.attentions.iter().map(ToString::to_string));
    parts.join(", ")
}
