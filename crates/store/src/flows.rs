//! Parsed flows by version. A version never changes, so it is parsed once.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use dermaga_domain::flow::Flow;

use crate::error::{Error, Result};

/// The flows that were used so far, by org and version.
#[derive(Debug, Clone, Default)]
pub(crate) struct Flows(Arc<RwLock<Known>>);

type Known = HashMap<(i64, i64), Arc<Flow>>;

impl Flows {
    pub(crate) fn find(&self, org: i64, id: i64) -> Option<Arc<Flow>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&(org, id)).cloned()
    }

    pub(crate) fn parse(&self, org: i64, id: i64, text: &str) -> Result<Arc<Flow>> {
        let flow = Flow::from_toml(&format!("flow version {id}"), text)
            .map_err(|error| Error::BadFlow { id, reason: error.to_string() })?;
        let flow = Arc::new(flow);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(known.entry((org, id)).or_insert(flow)))
    }
}
