//! Connecting: an app's credentials, its shops, their flows and their tasks.

use std::sync::Arc;

use dermaga_channel::http::Http;
use dermaga_channel::{Call, Channel, Command, Credentials, Token};
use dermaga_domain::flow::{FlowFile, Preset};
use dermaga_domain::id::{ConnectionId, OrgId, ShopId, WarehouseId};
use dermaga_domain::time::{Span, Time};
use dermaga_store::command::Giver;
use dermaga_store::work::{FETCH, Mark, Modes, Task};
use dermaga_store::{Connection, NewConnection, NewFlowVersion, NewShop, Secret, Shop};
use rand::RngCore as _;

use crate::access::{Ask, credentials, log_failure, stored_exchange};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::fetch::empty_answer;
use crate::task::TaskKind;
use crate::tokens::Tokens;

/// A from-date is refused this much before the channel's limit, so that what is accepted can still be
/// listed when its task runs.
const FROM_MARGIN: Span = Span::minutes(5);

/// A connection to be made.
#[derive(Debug, Clone)]
pub struct Connect {
    /// The channel.
    pub channel: String,
    /// What people call it.
    pub name: String,
    /// What was entered, by field name.
    pub fields: Vec<(String, Secret)>,
}

/// A shop to be added to a connection.
#[derive(Debug, Clone)]
pub struct ConnectShop {
    /// The channel's id of it.
    pub channel_shop_id: String,
    /// What people call it.
    pub name: String,
    /// Its time zone.
    pub zone: String,
    /// The preset of its flow.
    pub preset: Preset,
    /// From when orders are pulled; none = from now.
    pub order_sync_from: Option<Time>,
    /// From when returns are pulled; none = not at all.
    pub return_sync_from: Option<Time>,
    /// Whether orders are taken.
    pub order_sync: bool,
    /// Whether the channel's invoice number is shown and searched first.
    pub number_by_invoice: bool,
    /// Where its orders take stock from, with the channel's name of each warehouse.
    pub sources: Vec<(WarehouseId, Option<String>)>,
}

impl Engine {
    /// Makes a connection, and tries its credentials by asking for a token.
    ///
    /// # Errors
    /// When something needed was not given, or the channel refuses; then nothing is kept.
    pub async fn connect(&self, org: OrgId, new: Connect) -> Result<ConnectionId> {
        let channel = self.channel(&new.channel)?;
        missing(channel.as_ref(), &new.fields)?;
        let text = fields_text(&new.fields)?;
        let token = self.try_credentials(channel.as_ref(), &text).await?;
        let connection = NewConnection {
            channel: new.channel,
            name: new.name,
            credentials: text,
            webhook_route: new_route(),
            token: Some(self.kept(&Tokens::from(token))?),
        };
        let id = self.store().create_connection(org, connection).await?;
        self.routes().clear();
        Ok(id)
    }

    /// Asks for a token, before there is a connection that could log it.
    pub(crate) async fn try_credentials(&self, channel: &dyn Channel, text: &str) -> Result<Token> {
        let credentials = credentials(&Secret(text.to_owned()))?;
        let asked = async |call: &Call<'_>| channel.authorise(call).await;
        self.unlogged(channel, &credentials, asked).await
    }

    /// Asks a channel something without a connection whose log could keep it: the exchanges are counted,
    /// and what failed is told here.
    pub(crate) async fn unlogged<T>(
        &self,
        channel: &dyn Channel,
        credentials: &Credentials,
        ask: impl AsyncFnOnce(&Call<'_>) -> std::result::Result<T, dermaga_channel::Error>,
    ) -> Result<T> {
        let rates = self.rates(channel);
        let http = Http::new(self.client().clone(), Arc::default(), rates, self.clock());
        let call = Call {
            credentials,
            channel_shop_id: None,
            shop_key: None,
            token: None,
            http: &http,
            now: self.now(),
        };
        let told = ask(&call).await;
        http.take_exchanges().into_iter().map(stored_exchange).for_each(drop);
        Ok(told.inspect_err(|error| log_failure(None, error))?)
    }

    /// Registers a connection's webhooks at the address of this hub, if it has one.
    ///
    /// # Errors
    /// The channel's refusal.
    pub async fn register_webhooks(&self, org: OrgId, id: ConnectionId) -> Result<()> {
        let found = self.store().connections(org, Some(id)).await?;
        let found = found.into_iter().next().ok_or(dermaga_store::Error::NotFound("connection"))?;
        let Some(base_url) = self.webhooks_url(&found) else { return Ok(()) };
        let mut access = self.access_of(org, &found, None)?;
        let command = Command::RegisterWebhooks { base_url };
        let (told, exchanges) = self.ask(&mut access, &Ask::Command(command)).await;
        let mut answer = empty_answer(&access);
        answer.exchanges = exchanges;
        self.store().record(answer).await?;
        told?;
        self.store().set_webhooks_at(org, id, self.now()).await?;
        Ok(())
    }

    /// Where a connection's webhooks are to come to, up to the last slash, if this hub has an address.
    #[must_use]
    pub fn webhooks_url(&self, connection: &Connection) -> Option<String> {
        let public = self.settings().public_url.as_deref()?;
        Some(format!("{public}/webhooks/{}/", connection.webhook_route))
    }

    /// Adds a shop: its flow, its sources and its tasks. The first pull is what a person asked for, so
    /// it is heard as a download.
    ///
    /// # Errors
    /// When the from-date is older than the channel serves, with the earliest possible date; when the
    /// shop is connected already.
    pub async fn connect_shop(
        &self,
        org: OrgId,
        connection: ConnectionId,
        new: ConnectShop,
    ) -> Result<ShopId> {
        self.connect_shop_by(org, connection, new, Giver::Machine).await
    }

    /// As [`Engine::connect_shop`], with who connects it. A shop that was connected here before goes
    /// on with its orders and its flow.
    ///
    /// # Errors
    /// As [`Engine::connect_shop`].
    pub async fn connect_shop_by(
        &self,
        org: OrgId,
        connection: ConnectionId,
        new: ConnectShop,
        by: Giver,
    ) -> Result<ShopId> {
        let found = self.store().connections(org, Some(connection)).await?;
        let found = found.into_iter().next().ok_or(dermaga_store::Error::NotFound("connection"))?;
        let channel = self.channel(&found.channel)?;
        self.check_from(channel.capabilities().order_history_max, new.order_sync_from)?;
        let file = FlowFile::parse(&format!("{}/flow.toml", found.channel), channel.flow_file())?;
        let flow = NewFlowVersion {
            channel: found.channel.clone(),
            preset: Some(new.preset.as_str().to_owned()),
            body: file.flow(new.preset).to_toml(),
            by: None,
        };
        let shop = NewShop {
            connection,
            channel: found.channel,
            channel_shop_id: new.channel_shop_id,
            name: new.name,
            zone: new.zone,
            flow,
            order_sync: new.order_sync,
            order_sync_from: new.order_sync_from,
            return_sync_from: new.return_sync_from,
            number_by_invoice: new.number_by_invoice,
            sources: new.sources,
        };
        let (from, returns_from) = (shop.order_sync_from, shop.return_sync_from);
        let before = self.store().shops(org, None).await?.into_iter().find(|known| {
            known.channel == shop.channel
                && known.channel_shop_id == shop.channel_shop_id
                && known.disconnected_at.is_some()
        });
        let id = match before {
            Some(before) => {
                self.store().reconnect_shop(org, before.id, shop, by).await?;
                before.id
            }
            None => self.store().create_shop_by(org, shop, by).await?,
        };
        self.routes().clear();
        self.create_tasks(org, id, from, returns_from).await?;
        Ok(id)
    }

    async fn create_tasks(
        &self,
        org: OrgId,
        shop: ShopId,
        from: Option<Time>,
        returns_from: Option<Time>,
    ) -> Result<()> {
        let now = self.now();
        for kind in TaskKind::ALL {
            let cursor_at = match kind {
                TaskKind::OrderPull => Some(from.unwrap_or(now)),
                TaskKind::ReturnPull => returns_from,
                TaskKind::StatusUpdate | TaskKind::SkuPull | TaskKind::WebhookWatch => None,
            };
            let task = Task {
                shop,
                kind: kind.as_str().to_owned(),
                interval: kind.interval(self.settings()),
                paused: false,
                next_run_at: now,
                last_run_at: None,
                cursor_at,
                window_to: None,
                page: None,
                outcome: None,
                succeeded: 0,
                failed: 0,
            };
            self.store().set_task(org, &task).await?;
        }
        Ok(())
    }

    /// Refuses a from-date that the channel no longer serves. Checked when it is set or changed;
    /// afterwards the cursor counts.
    ///
    /// # Errors
    /// [`Error::TooOld`] with the earliest time that can be asked for.
    pub fn check_from(&self, history: Option<Span>, from: Option<Time>) -> Result<()> {
        if let (Some(history), Some(from)) = (history, from) {
            let earliest = self.now().minus(history).plus(FROM_MARGIN);
            if from < earliest {
                let days = history.0 / Span::days(1).0;
                return Err(Error::TooOld { days, earliest });
            }
        }
        Ok(())
    }

    /// Changes a shop's settings. A from-date that changed is where its task goes on. Switching order
    /// sync on lets what was held be applied, then pulls.
    ///
    /// # Errors
    /// As [`Engine::connect_shop`].
    pub async fn change_shop(&self, org: OrgId, shop: &Shop) -> Result<()> {
        self.change_shop_by(org, shop, Giver::Machine).await
    }

    /// As [`Engine::change_shop`], with who changes it.
    ///
    /// # Errors
    /// As [`Engine::change_shop`]; [`Error::Refused`] for a shop that is disconnected.
    pub async fn change_shop_by(&self, org: OrgId, shop: &Shop, by: Giver) -> Result<()> {
        let before = self.store().shops(org, Some(shop.id)).await?;
        let before = before.into_iter().next().ok_or(dermaga_store::Error::NotFound("shop"))?;
        if shop.order_sync_from != before.order_sync_from
            && let Some(channel) = self.registry().find(&shop.channel)
        {
            self.check_from(channel.capabilities().order_history_max, shop.order_sync_from)?;
        }
        if before.disconnected_at.is_some() {
            return Err(Error::Refused("the shop is disconnected; connect it again".to_owned()));
        }
        self.store().update_shop(org, shop, (by, &differences(&before, shop))).await?;
        self.routes().clear();
        self.move_cursors(org, &before, shop).await?;
        if shop.order_sync && !before.order_sync {
            self.store().release_held(org, shop.id).await?;
            for mut task in self.store().tasks(org, Some(shop.id)).await? {
                task.next_run_at = self.now();
                self.store().set_task(org, &task).await?;
            }
        }
        Ok(())
    }

    /// A changed from-date is where the task goes on: otherwise one before the cursor would be without
    /// effect, and nobody would know.
    async fn move_cursors(&self, org: OrgId, before: &Shop, after: &Shop) -> Result<()> {
        let dates = [
            (TaskKind::OrderPull, before.order_sync_from, after.order_sync_from),
            (TaskKind::ReturnPull, before.return_sync_from, after.return_sync_from),
        ];
        let changed = |kind: &str| {
            let date = dates.iter().find(|(moved, was, is)| moved.as_str() == kind && was != is);
            date.and_then(|(_, _, is)| *is)
        };
        for task in self.store().tasks(org, Some(after.id)).await? {
            if let Some(from) = changed(&task.kind) {
                let task = Task { cursor_at: Some(from), next_run_at: self.now(), ..task };
                self.store().set_task(org, &task).await?;
            }
        }
        Ok(())
    }

    /// Downloads orders by their numbers: a person asked.
    ///
    /// # Errors
    /// The store's.
    pub async fn download(&self, org: OrgId, shop: ShopId, orders: &[String]) -> Result<()> {
        let now = self.now();
        let marks = orders
            .iter()
            .map(|order| Mark {
                kind: FETCH,
                scope: shop.0,
                subject: order.clone(),
                modes: Modes::DOWNLOAD,
                due_at: now,
            })
            .collect();
        Ok(self.store().mark(org, marks).await?)
    }
}

/// An unguessable part of an address for webhooks.
pub(crate) fn new_route() -> String {
    let mut route = [0_u8; 16];
    rand::rng().fill_bytes(&mut route);
    hex::encode(route)
}

/// Refuses when something that connecting needs was not given.
pub(crate) fn missing(channel: &dyn Channel, fields: &[(String, Secret)]) -> Result<()> {
    for field in channel.capabilities().credentials {
        let given = fields.iter().any(|(name, value)| name == field.name && !value.0.is_empty());
        if field.required && !given {
            return Err(Error::MissingCredential(field.name));
        }
    }
    Ok(())
}

/// What is entered for a connection, where it is not blank, in the place of what is kept.
pub(crate) fn replaced(
    channel: &dyn Channel,
    connection: &Connection,
    entered: &[(String, Secret)],
) -> Result<Vec<(String, Secret)>> {
    let before = credentials(&connection.credentials)?;
    let fields = channel.capabilities().credentials.iter().map(|field| {
        let new = entered.iter().find(|(name, _)| name == field.name);
        let new = new.filter(|(_, value)| !value.0.trim().is_empty());
        let kept = || Secret(before.get(field.name).to_owned());
        (field.name.to_owned(), new.map_or_else(kept, |(_, value)| value.clone()))
    });
    Ok(fields.filter(|(_, value)| !value.0.is_empty()).collect())
}

pub(crate) fn fields_text(fields: &[(String, Secret)]) -> Result<String> {
    let map: std::collections::BTreeMap<&str, &str> =
        fields.iter().map(|(name, value)| (name.as_str(), value.0.as_str())).collect();
    serde_json::to_string(&map)
        .map_err(|_| Error::Refused("the credentials cannot be written".to_owned()))
}

/// What is otherwise, for the trail.
fn differences(before: &Shop, after: &Shop) -> String {
    let at = |at: Option<Time>| at.map_or_else(|| "none".to_owned(), |at| at.0.to_string());
    let pairs = [
        ("name", before.name.clone(), after.name.clone()),
        ("zone", before.zone.clone(), after.zone.clone()),
        ("flow", before.flow_version.to_string(), after.flow_version.to_string()),
        ("order sync", before.order_sync.to_string(), after.order_sync.to_string()),
        ("orders from", at(before.order_sync_from), at(after.order_sync_from)),
        ("returns from", at(before.return_sync_from), at(after.return_sync_from)),
        (
            "by invoice number",
            before.number_by_invoice.to_string(),
            after.number_by_invoice.to_string(),
        ),
        ("paused", before.paused.to_string(), after.paused.to_string()),
    ];
    let differ = pairs.into_iter().filter(|(_, was, is)| was != is);
    let said: Vec<String> =
        differ.map(|(what, was, is)| format!("{what}: {was} to {is}")).collect();
    said.join("; ")
}
