//! Shops as people keep them: tried, looked at first, let go on, disconnected; their tasks steered.

use dermaga_channel::{Changes, Command, What};
use dermaga_domain::id::{ConnectionId, OrgId, ShopId, WarehouseId};
use dermaga_domain::time::{Span, Time};
use dermaga_store::command::Giver;
use dermaga_store::{Secret, Shop};

use crate::access::{Ask, Told};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::fetch::empty_answer;
use crate::setup::{fields_text, missing, replaced};
use crate::task::TaskKind;
use crate::tokens::Tokens;

/// The window of orders that a test of a shop lists.
const TEST_WINDOW: Span = Span::minutes(5);
/// Pages of listings and of orders that a first look reads at most.
const PAGES_MAX: usize = 20;
/// The shortest interval of a task.
pub const INTERVAL_MIN: Span = Span::minutes(1);
/// The longest interval of a task.
pub const INTERVAL_MAX: Span = Span::days(7);

/// What a first sync would bring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstLook {
    /// Listings whose code is that of a SKU.
    pub matched: i64,
    /// Listings that are mapped to nothing.
    pub unmatched: i64,
    /// Orders in the window from the from-date to the present.
    pub orders: i64,
    /// There are more of them than were looked at.
    pub more_orders: bool,
    /// From when.
    pub from: Time,
}

/// How a task is steered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Steer {
    /// It runs now.
    Run,
    /// It rests.
    Pause,
    /// It goes on.
    Resume,
    /// It runs so often.
    Every(Span),
}

impl Engine {
    /// Asks the channel for a shop's orders of the last minutes: whether the credentials hold and the
    /// shop is linked.
    ///
    /// # Errors
    /// The channel's refusal, the store's.
    pub async fn test_shop(&self, org: OrgId, shop: &Shop) -> Result<()> {
        let now = self.now();
        let from = now.minus(TEST_WINDOW);
        let changes = Changes { what: What::Orders, from, to: now, page: None };
        self.ask_for(org, shop, &Ask::Changes(changes)).await.map(drop)
    }

    /// Asks once for a shop; the exchanges are kept whatever comes of it, what was brought is not.
    async fn ask_for(&self, org: OrgId, shop: &Shop, ask: &Ask) -> Result<Told> {
        let named = Some((shop.id, shop.channel_shop_id.as_str()));
        let mut access = self.access(org, shop.connection, named).await?;
        let (told, exchanges) = self.ask(&mut access, ask).await;
        let mut answer = empty_answer(&access);
        answer.exchanges = exchanges;
        self.store().record(answer).await?;
        Ok(told?)
    }

    /// What a first sync would bring: its listings are read and kept, orders are only counted.
    ///
    /// # Errors
    /// The channel's refusal, the store's.
    pub async fn first_look(&self, org: OrgId, shop: &Shop) -> Result<FirstLook> {
        let mut page = None;
        for _ in 0..PAGES_MAX {
            let Told::Listings(listed) =
                self.ask_for(org, shop, &Ask::Listings(page.take())).await?
            else {
                break;
            };
            self.keep_listings(org, shop.id, listed.listings).await?;
            page = listed.next;
            if page.is_none() {
                break;
            }
        }
        let scope = dermaga_store::read::Scope::all(org);
        let health = self.store().shops_health(&scope, &[shop.id]).await?;
        let health = health.get(&shop.id).cloned().unwrap_or_default();
        let from = shop.order_sync_from.unwrap_or_else(|| self.now());
        let (orders, more_orders) = self.count_orders(org, shop, from).await?;
        let (matched, unmatched) = (health.listings - health.unmapped, health.unmapped);
        Ok(FirstLook { matched, unmatched, orders, more_orders, from })
    }

    /// How many orders the channel lists since a time; and whether there are more than were counted.
    async fn count_orders(&self, org: OrgId, shop: &Shop, from: Time) -> Result<(i64, bool)> {
        let channel = self.registry().find(&shop.channel);
        let channel = channel.ok_or_else(|| Error::NoChannel(shop.channel.clone()))?;
        let window = channel.capabilities().order_window_max.unwrap_or(Span::days(1));
        let (mut from, now, mut page, mut orders) = (from, self.now(), None, 0_i64);
        let access = self
            .access(org, shop.connection, Some((shop.id, shop.channel_shop_id.as_str())))
            .await?;
        for _ in 0..PAGES_MAX {
            if from >= now {
                return Ok((orders, false));
            }
            let to = from.plus(window).min(now);
            let changes = Changes { what: What::Orders, from, to, page: page.take() };
            let Told::Fetched(fetched) = self.ask_for(org, shop, &Ask::Changes(changes)).await?
            else {
                break;
            };
            for raw in &fetched.messages {
                let message = dermaga_channel::Message {
                    kind: raw.kind,
                    body: &raw.body,
                    fetched: true,
                    channel_shop_id: Some(&shop.channel_shop_id),
                };
                let said = access.channel.interpret(&message, &access.credentials)?;
                orders += i64::try_from(said.orders.len()).unwrap_or_default();
            }
            page = fetched.next;
            if page.is_none() {
                from = to;
            }
        }
        Ok((orders, from < now))
    }

    /// Disconnects a shop: nothing of it is asked or heard any more, and its credentials are
    /// overwritten once no other shop needs them. Its documents stay.
    ///
    /// Before that the channel is asked to send nothing here any more; one that does not do it, or
    /// cannot be reached, does not keep the shop from being disconnected.
    ///
    /// # Errors
    /// [`Error::Refused`] when it is disconnected already, the store's.
    pub async fn disconnect_shop(&self, org: OrgId, shop: &Shop, by: Giver) -> Result<()> {
        if shop.disconnected_at.is_some() {
            return Err(Error::Refused("the shop is disconnected already".to_owned()));
        }
        // Why not has a line of its own by then.
        if self.remove_webhooks(org, shop).await.is_err() {
            tracing::warn!(connection.id = %shop.connection, shop.id = %shop.id, "a shop is disconnected and its webhooks stay registered at the channel");
        }
        self.store().disconnect_shop(org, shop, by).await?;
        self.routes().clear();
        Ok(())
    }

    /// Asks the channel to send nothing here any more, unless another shop is reached through the same
    /// connection.
    async fn remove_webhooks(&self, org: OrgId, shop: &Shop) -> Result<()> {
        let others = self.store().shops(org, None).await?.into_iter().any(|other| {
            other.connection == shop.connection
                && other.id != shop.id
                && other.disconnected_at.is_none()
        });
        let found = self.store().connections(org, Some(shop.connection)).await?;
        let base_url = found.first().and_then(|found| self.webhooks_url(found));
        let (Some(base_url), false) = (base_url, others) else { return Ok(()) };
        if !self.channel(&shop.channel)?.capabilities().webhook_removal {
            return Ok(());
        }
        let ask = Ask::Command(Command::RemoveWebhooks { base_url });
        self.ask_for(org, shop, &ask).await.map(drop)
    }

    /// Replaces what was entered for a connection, once the channel has accepted it. A field that is
    /// left empty keeps what it was.
    ///
    /// # Errors
    /// The channel's refusal, and then nothing is changed; the store's.
    pub async fn replace_credentials(
        &self,
        org: OrgId,
        connection: ConnectionId,
        entered: &[(String, Secret)],
        by: Giver,
    ) -> Result<()> {
        let found = self.store().connections(org, Some(connection)).await?;
        let found = found.into_iter().next().ok_or(dermaga_store::Error::NotFound("connection"))?;
        let channel = self.channel(&found.channel)?;
        let fields = replaced(channel.as_ref(), &found, entered)?;
        missing(channel.as_ref(), &fields)?;
        let text = fields_text(&fields)?;
        let token = self.try_credentials(channel.as_ref(), &text).await?;
        let token = self.kept(&Tokens::from(token))?;
        let entered = (&Secret(text), Some(&token));
        self.store().set_credentials(org, connection, entered, by).await?;
        self.routes().clear();
        self.register_webhooks(org, connection).await
    }

    /// The warehouse of a name; made when there is none.
    ///
    /// # Errors
    /// The store's.
    pub async fn warehouse(&self, org: OrgId, name: &str) -> Result<WarehouseId> {
        let all = self.store().warehouses(org).await?;
        let same = all.iter().find(|one| one.name.to_lowercase() == name.to_lowercase());
        match same {
            Some(warehouse) => Ok(warehouse.id),
            None => Ok(self.store().create_warehouse(org, name).await?),
        }
    }

    /// Sets where a shop's orders take stock from, the first first.
    ///
    /// # Errors
    /// The store's.
    pub async fn set_sources(
        &self,
        org: OrgId,
        shop: ShopId,
        sources: &[(WarehouseId, Option<String>)],
        by: Giver,
    ) -> Result<()> {
        Ok(self.store().set_sources(org, shop, sources, by).await?)
    }

    /// Steers a task of a shop.
    ///
    /// # Errors
    /// [`Error::Refused`] for an interval out of bounds, the store's.
    pub async fn steer_task(
        &self,
        org: OrgId,
        shop: ShopId,
        kind: TaskKind,
        steer: Steer,
        by: Giver,
    ) -> Result<()> {
        let tasks = self.store().tasks(org, Some(shop)).await?;
        let task = tasks.into_iter().find(|task| task.kind == kind.as_str());
        let mut task = task.ok_or(dermaga_store::Error::NotFound("task"))?;
        let now = self.now();
        let what = match steer {
            Steer::Run => {
                task.next_run_at = now;
                "run now".to_owned()
            }
            Steer::Pause => {
                task.paused = true;
                "paused".to_owned()
            }
            Steer::Resume => {
                task.paused = false;
                "goes on".to_owned()
            }
            Steer::Every(interval) if (INTERVAL_MIN..=INTERVAL_MAX).contains(&interval) => {
                task.interval = interval;
                task.next_run_at = task.next_run_at.min(now.plus(interval));
                format!("every {} s", interval.0 / Span::seconds(1).0)
            }
            Steer::Every(_) => {
                let why = "a task runs every minute at the most, and once in 7 days at the least";
                return Err(Error::Refused(why.to_owned()));
            }
        };
        if self.store().steer_task(org, &task, (by, &what)).await? {
            return Ok(());
        }
        Err(Error::Store(dermaga_store::Error::NotFound("task")))
    }
}
