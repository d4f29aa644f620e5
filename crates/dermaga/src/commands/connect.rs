//! `dermaga shop connect`: an app's credentials and a shop behind them.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
use dermaga_channel::consent::{BACK, came_back};
use dermaga_domain::id::{ConnectionId, OrgId, WarehouseId};
use dermaga_engine::{Connect, ConnectShop, NO_SESSION};
use dermaga_store::Secret;
use dermaga_store::command::Giver;

use super::asked::Desk;
use super::flow::PresetName;
use super::shop::check_from;
use super::shown::{parse_moment, zone};
use super::trouble;

/// Where a browser is sent back to when the hub's address is not known: the page is not found there, and
/// its address can be copied all the same.
const NO_ADDRESS: &str = "http://127.0.0.1";

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Connecting {
    /// The channel.
    channel: String,
    /// What the channel asks for, as name=value; name=@file reads the file. Without any, the
    /// connection that is there already is used.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    fields: Vec<String>,
    /// Where the channel asks the seller in the browser: the address that the browser came back to, in
    /// quotes. Run it without first: it tells the page to open.
    #[arg(long, value_name = "ADDRESS")]
    back: Option<String>,
    /// The channel's id of the shop.
    #[arg(long)]
    shop: String,
    /// What people call the shop.
    #[arg(long)]
    name: String,
    /// Where its orders take stock from, the first first; made when there is none of that name.
    /// NAME=ID also gives the channel's id of the warehouse.
    #[arg(long, required = true)]
    warehouse: Vec<String>,
    /// The shop's time zone.
    #[arg(long, default_value = "Asia/Jakarta")]
    zone: String,
    /// Pull orders from then on; from now by default.
    #[arg(long)]
    from: Option<String>,
    /// Pull returns from then on; not at all by default.
    #[arg(long)]
    returns_from: Option<String>,
    /// Which of the channel's flows it begins with.
    #[arg(long, value_enum, default_value_t)]
    preset: PresetName,
    /// Show and search the channel's invoice number first.
    #[arg(long)]
    number_by_invoice: bool,
    /// Begin with order sync off: what comes is kept and not applied.
    #[arg(long)]
    order_sync_off: bool,
}

impl Connecting {
    /// The files that the fields name.
    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().filter_map(|field| field.split_once("=@").map(|(_, file)| file))
    }

    fn entered(&self, desk: Desk<'_>) -> Result<Vec<(String, Secret)>> {
        let one = |field: &String| {
            // The value may be a secret: only the name is repeated.
            let (name, value) = field
                .split_once('=')
                .context("write what the channel asks for as --set name=value")?;
            let value = match value.strip_prefix('@') {
                Some(file) => desk.given.file(file)?,
                None => value,
            };
            Ok((name.to_owned(), Secret(value.trim().to_owned())))
        };
        self.fields.iter().map(one).collect()
    }

    /// What a shop is made of that can be wrong before anything is kept.
    fn new_shop(&self, desk: Desk<'_>) -> Result<ConnectShop> {
        let zone = zone(&self.zone)?;
        let at = |text: &Option<String>| {
            text.as_deref().map(|text| parse_moment(text, &zone)).transpose()
        };
        let new = ConnectShop {
            channel_shop_id: self.shop.clone(),
            name: self.name.clone(),
            zone: self.zone.clone(),
            preset: self.preset.into(),
            order_sync_from: at(&self.from)?,
            return_sync_from: at(&self.returns_from)?,
            order_sync: !self.order_sync_off,
            number_by_invoice: self.number_by_invoice,
            sources: Vec::new(),
        };
        check_from(desk, &self.channel, new.order_sync_from)?;
        Ok(new)
    }
}

/// Runs the command. Whatever can be refused is refused before anything is kept.
pub(super) async fn run(
    desk: Desk<'_>,
    org: OrgId,
    asked: &Connecting,
    out: &mut String,
) -> Result<()> {
    let mut new = asked.new_shop(desk)?;
    let shops = desk.store().shops(org, None).await?;
    let same = |channel: &str, id: &str| channel == asked.channel && id == asked.shop;
    if let Some(shop) = shops.iter().find(|shop| same(&shop.channel, &shop.channel_shop_id)) {
        bail!("the shop {} is connected already, as {} ({})", asked.shop, shop.name, shop.id);
    }
    let (connection, made) = match reach(desk, org, asked).await? {
        Reached::There(connection) => (connection, false),
        Reached::Made(connection) => (connection, true),
        Reached::AskAt(page) => {
            writeln!(out, "Open this page, log in as the owner of the shop, and consent:\n{page}")?;
            writeln!(out, "Then run the same again with --back 'the address you came back to'.")?;
            return Ok(());
        }
    };
    for named in &asked.warehouse {
        new.sources.push(source(desk, org, named).await?);
    }
    let shop = desk.engine.connect_shop(org, connection, new).await?;
    writeln!(out, "{} is connected as {shop}.", asked.name)?;
    if made {
        register(desk, org, connection, out).await?;
    }
    Ok(())
}

/// The way to a shop.
enum Reached {
    /// A connection that was there.
    There(ConnectionId),
    /// One that was made now.
    Made(ConnectionId),
    /// The seller must consent at this page first.
    AskAt(String),
}

async fn reach(desk: Desk<'_>, org: OrgId, asked: &Connecting) -> Result<Reached> {
    if let Some(back) = &asked.back {
        let (state, returned) =
            came_back(back).context("the address after --back has no state: copy it whole")?;
        let answer = (state.as_str(), &returned);
        let taken = desk.engine.take_consent(org, NO_SESSION, answer, Giver::Machine).await?;
        return Ok(Reached::Made(taken.connection));
    }
    if asked.fields.is_empty() {
        let all = desk.store().connections(org, None).await?;
        let mut of_channel = all.iter().filter(|one| one.channel == asked.channel);
        if let (Some(one), None) = (of_channel.next(), of_channel.next()) {
            return Ok(Reached::There(one.id));
        }
    }
    let new = Connect {
        channel: asked.channel.clone(),
        name: asked.channel.clone(),
        fields: asked.entered(desk)?,
    };
    let channel = desk.engine.registry().find(&asked.channel);
    if channel.is_some_and(|channel| channel.consent().is_some()) {
        let public = desk.engine.settings().public_url.as_deref().unwrap_or(NO_ADDRESS);
        let back = format!("{public}/{BACK}");
        return Ok(Reached::AskAt(desk.engine.ask_consent(org, NO_SESSION, new, &back).await?));
    }
    Ok(Reached::Made(desk.engine.connect(org, new).await?))
}

async fn source(desk: Desk<'_>, org: OrgId, named: &str) -> Result<(WarehouseId, Option<String>)> {
    let (name, theirs) = match named.rsplit_once('=') {
        Some((name, theirs)) => (name, Some(theirs.to_owned())),
        None => (named, None),
    };
    let all = desk.store().warehouses(org).await?;
    let found = all.iter().find(|one| one.name.to_lowercase() == name.to_lowercase());
    let id = match found {
        Some(warehouse) => warehouse.id,
        None => desk.store().create_warehouse(org, name).await?,
    };
    Ok((id, theirs))
}

/// The pull works without webhooks, only later: that they cannot be had stops nothing.
async fn register(
    desk: Desk<'_>,
    org: OrgId,
    connection: ConnectionId,
    out: &mut String,
) -> Result<()> {
    if desk.engine.settings().public_url.is_none() {
        writeln!(
            out,
            "No webhooks: ask a running `dermaga serve --public-url …`; orders are pulled meanwhile."
        )?;
        return Ok(());
    }
    if let Err(error) = desk.engine.register_webhooks(org, connection).await {
        let line = trouble::line(&error.into());
        writeln!(out, "No webhooks: {line}; orders are pulled meanwhile.")?;
    }
    Ok(())
}
