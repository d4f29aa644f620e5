//! `dermaga doctor`: looks at an installation from the inside.

use anyhow::Result;
use dermaga_domain::id::OrgId;
use dermaga_store::Store;
use serde_json::{Value, json};

/// What violates an invariant, as JSON.
pub async fn findings(store: &Store, org: OrgId) -> Result<Value> {
    let _ = (store, org);
    Ok(json!([]))
}
