//! Who may come in: people, and keys of the API.

use askama::Template;

use crate::frame::{Frame, Place};
use crate::keys::{KeyScope, Role, UserState};
use crate::locale::{Locale, Micros};
use crate::sentence::Sentence;

/// A box to tick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// What is sent.
    pub value: String,
    /// What people read.
    pub label: String,
    /// Whether it is ticked.
    pub on: bool,
}

/// What of the business somebody sees.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LimitsForm {
    /// Every shop, those of later too.
    pub all_shops: bool,
    /// The shops.
    pub shops: Vec<Tick>,
    /// Every warehouse.
    pub all_warehouses: bool,
    /// The warehouses.
    pub warehouses: Vec<Tick>,
}

/// A role to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleChoice {
    /// The role.
    pub role: Role,
    /// Whether it is chosen.
    pub on: bool,
}

/// The people of the business, `GET /users`; its form posts `name`, `login`, `role` and limits to
/// `/users`.
#[derive(Debug, Clone, Template)]
#[template(path = "users.html")]
pub struct UsersPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// What came of the last act.
    pub notice: Option<Sentence>,
    /// Why the last invitation was refused.
    pub error: Option<Sentence>,
    /// The link that was just made, and whose: shown this once.
    pub link: Option<(String, String)>,
    /// The people.
    pub rows: Vec<UserRow>,
    /// The name as it was typed.
    pub name: String,
    /// The log-in as it was typed.
    pub login: String,
    /// Roles that the reader may give.
    pub roles: Vec<RoleChoice>,
    /// What the invited person is to see.
    pub limits: LimitsForm,
}

/// A person of the business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRow {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// What they log in with.
    pub login: String,
    /// What they are.
    pub role: Role,
    /// Whether they can log in.
    pub state: UserState,
    /// Names of the shops and warehouses that they see; empty = everything.
    pub limits: String,
    /// Whether logging in takes a second step.
    pub second_step: bool,
    /// When they were last here.
    pub seen_at: Option<Micros>,
}

impl UsersPage {
    pub(crate) fn place(&self) -> Place {
        Place::Users
    }
}

/// One person, `GET /users/{id}`.
#[derive(Debug, Clone, Template)]
#[template(path = "user.html")]
pub struct UserPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// What came of the last act.
    pub notice: Option<Sentence>,
    /// Why the last change was refused.
    pub error: Option<Sentence>,
    /// The link that was just made: shown this once.
    pub link: Option<(String, String)>,
    /// The person.
    pub row: UserRow,
    /// Since when they are in.
    pub since: Micros,
    /// Whether the reader may change them.
    pub may_change: bool,
    /// Roles that the reader may give.
    pub roles: Vec<RoleChoice>,
    /// What they see.
    pub limits: LimitsForm,
    /// Where they are logged in.
    pub sessions: Vec<SessionRow>,
}

impl UserPage {
    pub(crate) fn sessions_href(&self) -> String {
        format!("/users/{}/sessions", self.row.id)
    }

    pub(crate) fn place(&self) -> Place {
        Place::Users
    }
}

/// Where somebody is logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Its id.
    pub id: String,
    /// Whether it is the one that looks.
    pub this: bool,
    /// The browser.
    pub agent: String,
    /// Where from.
    pub address: String,
    /// When it began.
    pub began_at: Micros,
    /// When it was last used.
    pub seen_at: Micros,
}

/// Keys of the API, `GET /keys`; its form posts `name`, `scope` and limits to `/keys`.
#[derive(Debug, Clone, Template)]
#[template(path = "keys.html")]
pub struct KeysPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// What came of the last act.
    pub notice: Option<Sentence>,
    /// Why the last key was refused.
    pub error: Option<Sentence>,
    /// The key that was just made: shown this once.
    pub made: Option<String>,
    /// The keys.
    pub rows: Vec<KeyRow>,
    /// The name as it was typed.
    pub name: String,
    /// Scopes that the reader may give, with whether they are ticked.
    pub scopes: Vec<(KeyScope, bool)>,
    /// What the key is to see.
    pub limits: LimitsForm,
}

/// A key of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<KeyScope>,
    /// Names of the shops and warehouses that it sees; empty = everything.
    pub limits: String,
    /// When it was made.
    pub made_at: Micros,
    /// By whom; empty = on the command line.
    pub made_by: String,
    /// When it was last used.
    pub seen_at: Option<Micros>,
    /// When it was revoked.
    pub revoked_at: Option<Micros>,
}

impl KeysPage {
    pub(crate) fn place(&self) -> Place {
        Place::Keys
    }
}
