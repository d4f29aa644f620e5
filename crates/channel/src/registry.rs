//! The registry: a value that is passed in, never a global.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::Channel;

/// The channels of this installation, by name.
#[derive(Clone, Default)]
pub struct Registry(BTreeMap<String, Arc<dyn Channel>>);

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Registry {
    /// A registry of these channels.
    pub fn new(channels: impl IntoIterator<Item = Arc<dyn Channel>>) -> Self {
        let named = |channel: Arc<dyn Channel>| (channel.kind().as_str().to_owned(), channel);
        Self(channels.into_iter().map(named).collect())
    }

    /// The channel of this name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Arc<dyn Channel>> {
        self.0.get(name)
    }

    /// Every channel, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Arc<dyn Channel>)> {
        self.0.iter().map(|(name, channel)| (name.as_str(), channel))
    }
}
