//! Commands on a hub's own store: each is one function, which a hub that runs on the database calls
//! for whoever asks through its socket, and which the command line calls itself when none runs.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use anyhow::{Context as _, Result, anyhow, bail};
use clap::{Parser, Subcommand};
use dermaga_domain::id::OrgId;
use dermaga_engine::Engine;
use dermaga_store::read::Scope;
use dermaga_store::read::orders::{Order, Query};
use dermaga_store::{Shop, Store};
use serde::{Deserialize, Serialize};

use super::{backup, buyer, doctor, download, explain, flow, key, order, shop, stock, user};
use crate::hub::Place;

/// The arguments of a command, with the database it is about.
#[derive(Debug, clap::Args)]
pub struct On<T: clap::Args> {
    /// The database and its keys.
    #[command(flatten)]
    pub place: Place,
    /// What the command itself takes.
    #[command(flatten)]
    pub args: T,
}

/// A command on a hub's own store.
#[derive(Debug, Subcommand)]
pub enum Asked {
    /// Look at an installation from the inside.
    Doctor(On<doctor::Args>),
    /// Say in sentences why an order stands where it stands.
    Explain(On<explain::Args>),
    /// Show, try and edit flows.
    Flow(On<flow::Args>),
    /// Receive, count and adjust stock; bundles and mappings.
    Stock(On<stock::Args>),
    /// Connect shops, change their settings, see their tasks.
    Shop(On<shop::Args>),
    /// Download orders of a shop by number or by time.
    Download(On<download::Args>),
    /// Act on an order's document, and ask its channel to do something with it.
    Order(On<order::Args>),
    /// What is held about one buyer: shown, and erased.
    Buyer(On<buyer::Args>),
    /// Accounts of people.
    User(On<user::Args>),
    /// Keys of the API.
    Key(On<key::Args>),
    /// Note that a backup was taken.
    #[command(hide = true)]
    BackupTaken(On<backup::Taken>),
}

/// Arguments as a line, as they come through a socket.
#[derive(Debug, Parser)]
#[command(name = "dermaga")]
struct Line {
    #[command(subcommand)]
    asked: Asked,
}

/// What a command is given beside its arguments: read where the person is, not where the hub runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// The texts of the files that the arguments name.
    pub files: BTreeMap<String, String>,
    /// The standard input, for a command that reads it.
    pub input: Option<String>,
}

impl Given {
    /// The text of a file that the arguments name.
    ///
    /// # Errors
    /// When it was not handed over.
    pub fn file(&self, name: &str) -> Result<&str> {
        let text = self.files.get(name);
        text.map(String::as_str).with_context(|| format!("the file {name} was not read"))
    }
}

/// Files that a command brings: written where the person is, not where the hub runs.
#[derive(Debug, Default)]
pub struct Brought(Mutex<BTreeMap<String, String>>);

impl Brought {
    /// Adds a file.
    ///
    /// # Errors
    /// When another part of the command ended in the middle of adding one.
    pub fn add(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let mut files = self.0.lock().map_err(|_| anyhow!("the files are lost; ask again"))?;
        files.insert(name.to_owned(), hex::encode(bytes));
        Ok(())
    }

    /// All of them, their bytes in hexadecimal digits.
    #[must_use]
    pub fn take(self) -> BTreeMap<String, String> {
        self.0.into_inner().unwrap_or_default()
    }
}

/// Where a command is carried out.
#[derive(Debug, Clone, Copy)]
pub struct Desk<'a> {
    /// The engine on the store.
    pub engine: &'a Engine,
    /// What the command is given beside its arguments.
    pub given: &'a Given,
    /// The files that it brings.
    pub brought: &'a Brought,
    /// Whether the loops of a hub do the work that a command leaves behind.
    pub runs: bool,
}

impl Asked {
    /// Reads arguments, without the program's name before them.
    ///
    /// # Errors
    /// What is wrong with them, as a person is to read it.
    pub fn parse(args: &[String]) -> Result<Self> {
        let line = std::iter::once("dermaga").chain(args.iter().map(String::as_str));
        match Line::try_parse_from(line) {
            Ok(line) => Ok(line.asked),
            Err(error) => bail!("{}", error.render()),
        }
    }

    /// The database that the command is about.
    #[must_use]
    pub const fn place(&self) -> &Place {
        match self {
            Self::Doctor(on) => &on.place,
            Self::Explain(on) => &on.place,
            Self::Flow(on) => &on.place,
            Self::Stock(on) => &on.place,
            Self::Shop(on) => &on.place,
            Self::Download(on) => &on.place,
            Self::Order(on) => &on.place,
            Self::Buyer(on) => &on.place,
            Self::User(on) => &on.place,
            Self::Key(on) => &on.place,
            Self::BackupTaken(on) => &on.place,
        }
    }

    /// The files that the command reads.
    #[must_use]
    pub fn files(&self) -> Vec<&Path> {
        match self {
            Self::Flow(on) => on.args.file().into_iter().collect(),
            Self::Stock(on) => on.args.file().into_iter().collect(),
            Self::Shop(on) => on.args.files(),
            Self::Explain(on) => on.args.file().into_iter().collect(),
            Self::Doctor(_)
            | Self::Download(_)
            | Self::Order(_)
            | Self::Buyer(_)
            | Self::User(_)
            | Self::Key(_)
            | Self::BackupTaken(_) => Vec::new(),
        }
    }

    /// Whether the command reads the standard input.
    #[must_use]
    pub const fn reads_input(&self) -> bool {
        matches!(self, Self::User(on) if on.args.reads_input())
    }

    /// Whether the schema is left as it is found, for the command to look at.
    #[must_use]
    pub const fn looks_at_schema(&self) -> bool {
        matches!(self, Self::Doctor(_) | Self::BackupTaken(_))
    }

    /// Answers a command that needs no database; none when it needs one.
    ///
    /// # Errors
    /// The command's.
    pub fn alone(&self) -> Result<Option<String>> {
        match self {
            Self::Flow(on) => flow::alone(&on.args),
            Self::Shop(on) => Ok(shop::alone(&on.args)),
            Self::Doctor(_)
            | Self::Explain(_)
            | Self::Stock(_)
            | Self::Download(_)
            | Self::Order(_)
            | Self::Buyer(_)
            | Self::User(_)
            | Self::Key(_)
            | Self::BackupTaken(_) => Ok(None),
        }
    }

    /// Carries the command out; what a person reads is added to `out`, also before an error.
    ///
    /// # Errors
    /// The command's: one line with what to do.
    pub async fn run(&self, desk: Desk<'_>, out: &mut String) -> Result<()> {
        match self {
            Self::Doctor(on) => doctor::run(desk, &on.args, out).await,
            Self::Explain(on) => explain::run(desk, &on.args, out).await,
            Self::Flow(on) => flow::run(desk, &on.args, out).await,
            Self::Stock(on) => stock::run(desk, &on.args, out).await,
            Self::Shop(on) => shop::run(desk, &on.args, out).await,
            Self::Download(on) => download::run(desk, &on.args, out).await,
            Self::Order(on) => order::run(desk, &on.args, out).await,
            Self::Buyer(on) => buyer::run(desk, &on.args, out).await,
            Self::User(on) => user::run(desk, &on.args, out).await,
            Self::Key(on) => key::run(desk, &on.args, out).await,
            Self::BackupTaken(on) => backup::note(desk, &on.args, out).await,
        }
    }
}

impl<'a> Desk<'a> {
    /// The store.
    #[must_use]
    pub fn store(&self) -> &'a Store {
        self.engine.store()
    }

    /// The only org of the installation.
    ///
    /// # Errors
    /// When there is none yet.
    pub async fn org(&self) -> Result<OrgId> {
        let orgs = self.store().orgs().await?;
        orgs.first().copied().context(
            "nothing is set up here yet; `dermaga user create-owner <login> --name <name>` begins",
        )
    }

    /// The shop that a person names: by its id, the channel's id of it, or its name.
    ///
    /// # Errors
    /// When there is none, or the name fits several.
    pub async fn shop(&self, org: OrgId, named: &str) -> Result<Shop> {
        let shops = self.store().shops(org, None).await?;
        let fits = |shop: &&Shop| {
            shop.id.to_string() == named
                || shop.channel_shop_id == named
                || shop.name.to_lowercase() == named.to_lowercase()
        };
        let mut found: Vec<&Shop> = shops.iter().filter(fits).collect();
        match (found.pop(), found.is_empty()) {
            (Some(shop), true) => Ok(shop.clone()),
            (Some(_), false) => {
                bail!("several shops are called {named:?}; name one by its id: `dermaga shop list`")
            }
            (None, _) => bail!("there is no shop {named:?}; `dermaga shop list` lists them"),
        }
    }

    /// The order that a person names: by its id, or the channel's number of it.
    ///
    /// # Errors
    /// When there is none, or several shops have an order of that number.
    pub async fn order(&self, org: OrgId, named: &str) -> Result<Order> {
        let scope = Scope::all(org);
        if let Ok(id) = named.parse() {
            let found = self.store().order(&scope, id).await?;
            return found.with_context(|| format!("there is no order {named}"));
        }
        let by_number =
            Query { channel_order_id: Some(named.to_owned()), limit: 10, ..Query::default() };
        let mut found = self.store().list_orders(&scope, &by_number).await?.orders;
        if found.is_empty() {
            // A person may have the invoice number or the AWB before them instead.
            let searched = Query { search: Some(named.to_owned()), limit: 2, ..Query::default() };
            found = self.store().list_orders(&scope, &searched).await?.orders;
        }
        match (found.pop(), found.as_slice()) {
            (Some(order), []) => Ok(order),
            (Some(last), others) => {
                let ids: Vec<String> =
                    others.iter().chain([&last]).map(|order| order.id.to_string()).collect();
                bail!("several orders fit {named}; name one by its id: {}", ids.join(", "))
            }
            (None, _) => bail!(
                "there is no order {named}; `dermaga download <shop> --orders {named}` fetches it"
            ),
        }
    }

    /// Does what a command left behind, when no hub runs that would.
    ///
    /// # Errors
    /// The engine's.
    pub async fn finish(&self, org: OrgId) -> Result<()> {
        if self.runs {
            return Ok(());
        }
        while self.engine.judge_marked(org).await? + self.engine.fill_marked(org).await? > 0 {}
        Ok(())
    }
}
