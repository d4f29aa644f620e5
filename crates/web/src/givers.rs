//! Names of those who gave commands, acted on orders, asked for downloads and changed shops.

use dermaga_domain::id::OrgId;
use dermaga_store::access::GiverNames;
use dermaga_store::command::Giver;
use dermaga_ui::Locale;

use crate::App;

/// The names of some givers, in the reader's words.
pub(crate) struct Givers {
    names: GiverNames,
    locale: Locale,
}

impl Givers {
    /// Looks the names up.
    pub(crate) async fn of(
        app: &App,
        (org, locale): (OrgId, &Locale),
        givers: impl IntoIterator<Item = Giver>,
    ) -> dermaga_store::Result<Self> {
        let names = app.store().giver_names(org, givers).await?;
        Ok(Self { names, locale: locale.clone() })
    }

    /// What one of them is called.
    pub(crate) fn name(&self, by: Giver) -> String {
        let found = self.names.of(by).map(str::to_owned);
        match by {
            Giver::Machine => self.locale.word("command-by-machine"),
            Giver::Person(id) => found.unwrap_or_else(|| id.to_string()),
            Giver::Key(id) => {
                let name = found.unwrap_or_else(|| id.to_string());
                self.locale.with("command-by-key", "name", name)
            }
        }
    }
}
