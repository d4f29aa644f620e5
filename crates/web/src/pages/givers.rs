//! Names of those who gave commands, asked for downloads and changed shops.

use dermaga_domain::id::{AccountId, ApiKeyId};
use dermaga_store::command::Giver;

use crate::App;
use crate::person::Person;

/// The names of some givers, in the reader's words.
pub(super) struct Givers {
    people: Vec<(AccountId, String)>,
    keys: Vec<(ApiKeyId, String)>,
    machine: String,
}

impl Givers {
    /// Looks the names up.
    pub(super) async fn of(
        app: &App,
        person: &Person,
        givers: impl IntoIterator<Item = Giver>,
    ) -> dermaga_store::Result<Self> {
        let givers: Vec<Giver> = givers.into_iter().collect();
        let mut people: Vec<_> = givers.iter().filter_map(|by| by.person()).collect();
        people.sort();
        people.dedup();
        let by_key = givers.iter().any(|by| by.key().is_some());
        let keys = if by_key { app.store().api_keys(person.scope.org).await? } else { Vec::new() };
        let named = |name: String| person.locale.with("command-by-key", "name", name);
        Ok(Self {
            people: app.store().account_names(&people).await?,
            keys: keys.into_iter().map(|key| (key.id, named(key.name))).collect(),
            machine: person.locale.word("command-by-machine"),
        })
    }

    /// What one of them is called.
    pub(super) fn name(&self, by: Giver) -> String {
        match by {
            Giver::Machine => self.machine.clone(),
            Giver::Person(id) => {
                let found = self.people.iter().find(|(known, _)| *known == id);
                found.map_or_else(|| id.to_string(), |(_, name)| name.clone())
            }
            Giver::Key(id) => {
                let found = self.keys.iter().find(|(known, _)| *known == id);
                found.map_or_else(|| id.to_string(), |(_, name)| name.clone())
            }
        }
    }
}
