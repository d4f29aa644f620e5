//! `dermaga doctor`: looks at an installation from the inside.

use anyhow::Result;
use dermaga_domain::id::OrgId;
use dermaga_store::Store;
use serde_json::{Value, json};

/// What violates an invariant, as JSON.
///
/// # Errors
/// The database's.
pub async fn findings(store: &Store, org: OrgId) -> Result<Value> {
    let found = store.find_violations(org).await?;
    let told = found.iter().map(|finding| {
        json!({
            "invariant": finding.invariant,
            "subject": finding.subject,
            "detail": finding.detail,
        })
    });
    Ok(told.collect())
}
