//! What those are called who gave commands, acted on orders and changed things.

use dermaga_domain::id::{AccountId, ApiKeyId, OrgId};

use crate::command::Giver;
use crate::error::Result;
use crate::open::Store;

/// The names of some givers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GiverNames {
    people: Vec<(AccountId, String)>,
    keys: Vec<(ApiKeyId, String)>,
}

impl GiverNames {
    /// What one is called; none for the command line of the machine, and for those who are not known.
    #[must_use]
    pub fn of(&self, by: Giver) -> Option<&str> {
        match by {
            Giver::Machine => None,
            Giver::Person(id) => {
                self.people.iter().find(|(known, _)| *known == id).map(|(_, name)| name.as_str())
            }
            Giver::Key(id) => {
                self.keys.iter().find(|(known, _)| *known == id).map(|(_, name)| name.as_str())
            }
        }
    }
}

impl Store {
    /// The names of givers, each looked up once.
    ///
    /// # Errors
    /// The database's.
    pub async fn giver_names(
        &self,
        org: OrgId,
        givers: impl IntoIterator<Item = Giver>,
    ) -> Result<GiverNames> {
        let givers: Vec<Giver> = givers.into_iter().collect();
        let mut people: Vec<AccountId> = givers.iter().filter_map(|by| by.person()).collect();
        people.sort();
        people.dedup();
        let by_key = givers.iter().any(|by| by.key().is_some());
        let keys = if by_key { self.api_keys(org).await? } else { Vec::new() };
        Ok(GiverNames {
            people: self.account_names(&people).await?,
            keys: keys.into_iter().map(|key| (key.id, key.name)).collect(),
        })
    }
}
