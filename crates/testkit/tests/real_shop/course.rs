//! The course that a shop is driven through, step by step, each told in a line.

use std::sync::Arc;
use std::time::Duration;

use dermaga_channel::sign::hmac_sha256;
use dermaga_domain::command::Words;
use dermaga_domain::flow::Preset;
use dermaga_domain::id::{ShopId, SkuId, WarehouseId};
use dermaga_domain::term::{CommandKind, CommandState};
use dermaga_domain::time::{Clock as _, Span};
use dermaga_engine::{Connect, ConnectShop, Steer, TaskKind};
use dermaga_store::command::Giver;
use dermaga_store::read::Scope;
use dermaga_store::read::exchanges::{Only, What};
use dermaga_store::read::orders::{Order, Query};
use dermaga_store::stock::{Change, Opened, OpeningRow, StockMove};
use dermaga_store::{Secret, Shop as ConnectedShop};
use dermaga_testkit::{Failure, said_of};

use crate::Given;
use crate::hub::{self, Hub, MachineClock};
use crate::shop::{Made, SKU_PREFIX, Shop};

/// Units on the hub's shelf at first, what the order takes, what comes in later.
const SHELF: i64 = 10;
const ORDERED: i64 = 2;
const RECEIVED: i64 = 7;
/// What the shop shows at first: neither what the hub has nor what it will have.
const SHOWN_AT_FIRST: i64 = 5;
/// How far back orders are pulled: the order's own age, and clocks that differ.
const PULLED_FROM: Span = Span::minutes(15);
/// How often something is looked for that nobody tells of. At the shop it is a request.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Rows of the transmit log that are looked through.
const LOG_ROWS: i64 = 500;
/// Topics of webhooks that the hub wants.
const TOPICS: usize = 4;

/// How long things may take.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    /// What the hub does by itself.
    pub(crate) step: Duration,
    /// A webhook: a quiet shop sends within minutes.
    pub(crate) webhook: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { step: Duration::from_secs(120), webhook: Duration::from_secs(300) }
    }
}

/// A course that is under way.
struct Course<'a> {
    shop: &'a Shop,
    hub: &'a Hub,
    limits: &'a Limits,
    given: &'a Given,
    sku: String,
}

/// What is connected.
struct Connected {
    shop: ShopId,
    warehouse: WarehouseId,
    sku: SkuId,
    /// What the addresses of its webhooks begin with.
    hooks: String,
}

/// Drives a shop through the whole course, and removes what it put there however it ends.
pub(crate) async fn drive(given: &Given, limits: &Limits) -> Result<(), Failure> {
    println!("{}", given.site);
    let clock = Arc::new(MachineClock);
    let sku = format!("{SKU_PREFIX}{}", clock.now().0);
    let client = hub::client(&given.site).await?;
    let shop = Shop::new(given, client.clone(), Arc::<MachineClock>::clone(&clock));
    let hub = Hub::open(given, client, clock).await?;
    let mut made = Made::default();
    let course = Course { shop: &shop, hub: &hub, limits, given, sku };
    let told = course.run(&mut made).await;
    let removed = shop.remove(&made, &format!("{}/webhooks/", hub.public)).await;
    hub.close().await;
    match (told, removed) {
        (Ok(()), Ok(())) => {
            println!("  done: nothing is left at the shop");
            Ok(())
        }
        (Err(failure), Ok(())) | (Ok(()), Err(failure)) => Err(failure),
        (Err(failure), Err(left)) => Err(format!("{failure}; and at the shop: {left}").into()),
    }
}

impl Course<'_> {
    async fn run(&self, made: &mut Made) -> Result<(), Failure> {
        let product = self.shop.make_product(&self.sku, SHOWN_AT_FIRST).await?;
        made.product = Some(product);
        let order = self.shop.make_order(product, ORDERED, &self.sku).await?;
        made.order = Some(order);
        println!("  made product {product} ({}) and order {order} at the shop", self.sku);
        let connected = self.connect().await?;
        self.listing_is_pulled(&connected).await?;
        let order_here = self.order_is_pulled(order).await?;
        self.change_is_heard(&connected, order).await?;
        self.command_is_seen(&order_here, order).await?;
        self.change_is_seen(&connected, order).await?;
        self.stock_is_told(&connected, product).await?;
        self.disconnect(&connected).await
    }

    /// Looks until there is something to see.
    async fn until<T>(
        &self,
        (what, limit): (&str, Duration),
        look: impl AsyncFn() -> Result<Option<T>, Failure>,
    ) -> Result<T, Failure> {
        let looking = async {
            loop {
                if let Some(seen) = look().await? {
                    return Ok::<T, Failure>(seen);
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        let seen = tokio::time::timeout(limit, looking).await;
        seen.unwrap_or_else(|_| Err(format!("{what}: not within {} s", limit.as_secs()).into()))
    }

    async fn connect(&self) -> Result<Connected, Failure> {
        let Hub { engine, org, .. } = self.hub;
        let given = self.given;
        let secret = hmac_sha256(given.secret.as_bytes(), self.sku.as_bytes());
        let fields = [
            ("site_url", given.site.clone()),
            ("consumer_key", given.key.clone()),
            ("consumer_secret", given.secret.clone()),
            ("webhook_secret", hex::encode(secret)),
            ("certificate_authority", given.authority.clone()),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), Secret(value))).into();
        let new =
            Connect { channel: "woocommerce".to_owned(), name: "Toko Uji".to_owned(), fields };
        let connection = engine.connect(*org, new).await?;
        println!("  connected: the shop takes the key");
        engine.register_webhooks(*org, connection).await?;
        let found = engine.store().connections(*org, Some(connection)).await?;
        let hooks = found.first().and_then(|found| engine.webhooks_url(found));
        let hooks = hooks.ok_or("the hub has no address")?;
        let registered = self.shop.hooks(&hooks).await?;
        if registered.iter().filter(|(_, active)| *active).count() != TOPICS {
            return Err(format!("the shop does not send {TOPICS} webhooks: {registered:?}").into());
        }
        println!("  {TOPICS} webhooks are registered at the shop");
        let store = engine.store();
        let warehouse = store.create_warehouse(*org, "Gudang Contoh").await?;
        let row = OpeningRow {
            line: 2,
            sku: self.sku.clone(),
            name: "Barang uji".to_owned(),
            warehouse: "Gudang Contoh".to_owned(),
            quantity: SHELF,
        };
        let opened = store.import_opening(*org, vec![row], Giver::Machine).await?;
        let Some(Opened::Taken { sku, .. }) = opened.first() else {
            return Err(format!("the opening stock is not taken: {opened:?}").into());
        };
        let new = ConnectShop {
            channel_shop_id: "toko-uji".to_owned(),
            name: "Toko Uji".to_owned(),
            zone: "Asia/Jakarta".to_owned(),
            preset: Preset::Classic,
            order_sync_from: Some(engine.now().minus(PULLED_FROM)),
            return_sync_from: None,
            order_sync: true,
            number_by_invoice: false,
            sources: vec![(warehouse, None)],
        };
        let shop = engine.connect_shop(*org, connection, new).await?;
        let listed = store.shops(*org, None).await?;
        let names: Vec<&str> = listed.iter().map(|shop| shop.name.as_str()).collect();
        println!("  shops: {}", names.join(", "));
        Ok(Connected { shop, warehouse, sku: *sku, hooks })
    }

    async fn listing_is_pulled(&self, connected: &Connected) -> Result<(), Failure> {
        let scope = Scope::all(self.hub.org);
        let store = self.hub.engine.store();
        let look = async || {
            let selling = store.selling(&scope, connected.sku).await?;
            Ok(selling.into_iter().find(|listing| listing.channel_sku == self.sku))
        };
        let what = ("the product's listing is pulled and mapped to its SKU", self.limits.step);
        let listing = self.until(what, look).await?;
        if listing.channel_stock != Some(SHOWN_AT_FIRST) {
            let shown = listing.channel_stock;
            return Err(format!("the listing shows {shown:?}, not {SHOWN_AT_FIRST}").into());
        }
        println!("  listing {} is pulled: it shows {SHOWN_AT_FIRST}", listing.channel_product_id);
        Ok(())
    }

    async fn order(&self, order: u64) -> Result<Option<Order>, Failure> {
        let channel_order_id = Some(order.to_string());
        let query = Query { channel_order_id, limit: 10, ..Query::default() };
        let found = self.hub.engine.store().list_orders(&Scope::all(self.hub.org), &query).await?;
        Ok(found.orders.into_iter().next())
    }

    /// Waits until the hub has the order with this status; says how it has it.
    async fn becomes(
        &self,
        order: u64,
        status: &str,
        (what, limit): (&str, Duration),
    ) -> Result<Order, Failure> {
        let look = async || {
            let found = self.order(order).await?;
            let is = |order: &Order| order.status.as_ref().is_some_and(|(_, now)| now == status);
            Ok(found.filter(is))
        };
        self.until((what, limit), look).await
    }

    /// How many webhooks about an order were applied.
    async fn told_of(&self, order: u64) -> Result<usize, Failure> {
        let (scope, about) = (Scope::all(self.hub.org), Some(order.to_string()));
        let (log, _) =
            self.hub.engine.store().exchanges(&scope, (Only::All, None), LOG_ROWS).await?;
        let told = log.iter().filter(|row| row.about == about);
        Ok(told
            .filter(|row| matches!(&row.what, What::Pushed { state, .. } if state == "done"))
            .count())
    }

    async fn order_is_pulled(&self, order: u64) -> Result<Order, Failure> {
        let what = ("the order is pulled", self.limits.step);
        let here = self.becomes(order, "pending", what).await?;
        if self.told_of(order).await? > 0 {
            return Err("a webhook told of an order that is older than the webhooks".into());
        }
        println!("  order {order} is pulled: {}", said_of(&here));
        Ok(here)
    }

    async fn steer(&self, shop: ShopId, steer: Steer) -> Result<(), Failure> {
        let Hub { engine, org, .. } = self.hub;
        for kind in [TaskKind::OrderPull, TaskKind::StatusUpdate] {
            engine.steer_task(*org, shop, kind, steer, Giver::Machine).await?;
        }
        Ok(())
    }

    /// Nothing is pulled meanwhile, so that only a webhook can tell.
    async fn change_is_heard(&self, connected: &Connected, order: u64) -> Result<(), Failure> {
        self.steer(connected.shop, Steer::Pause).await?;
        self.shop.set_status(order, "on-hold").await?;
        let look = async || {
            self.shop.visit().await;
            let told = self.told_of(order).await?;
            Ok((told > 0).then_some(()))
        };
        let limit = self.limits.webhook;
        if let Err(failure) = self.until(("a webhook tells of the change", limit), look).await {
            return Err(self.unheard(&failure));
        }
        let what = ("the change that a webhook told of is applied", self.limits.step);
        let here = self.becomes(order, "on-hold", what).await?;
        println!("  the shop's on-hold is heard by webhook: {}", said_of(&here));
        Ok(())
    }

    /// Why no webhook was heard.
    fn unheard(&self, failure: &Failure) -> Failure {
        let (at, came) = (&self.hub.public, self.hub.heard());
        if came == 0 {
            return format!(
                "{failure}: the shop could not reach {at}. Not even its ping came. WOO_HOOK_URL is \
                 the address under which it reaches this machine, WOO_HOOK_LISTEN where the hub \
                 listens for it; WordPress sends only to public addresses, on port 80, 443 or 8080"
            )
            .into();
        }
        format!(
            "{failure}, although the shop reached {at} {came} times, with its ping or with what was \
             not taken: perhaps nothing runs its queue (WP-Cron)"
        )
        .into()
    }

    async fn command_is_seen(&self, here: &Order, order: u64) -> Result<(), Failure> {
        let Hub { engine, org, .. } = self.hub;
        let (scope, kind) = (Scope::all(*org), CommandKind::Accept);
        engine.command(&scope, &[here.id], kind, &Words::default(), Giver::Machine).await?;
        let ended = async || {
            let commands = engine.store().commands_of(*org, here.id).await?;
            let ended = commands.into_iter().next().filter(|command| command.ended_at.is_some());
            Ok(ended)
        };
        let command = self.until(("the command ends", self.limits.step), ended).await?;
        if command.state != CommandState::Done {
            let answer = command.answer.unwrap_or_default();
            return Err(format!("the command is {}: {answer}", command.state).into());
        }
        let status = self.shop.status(order).await?;
        if status != "processing" {
            return Err(format!("the order was accepted here and is {status} at the shop").into());
        }
        let what = ("the order is read again after its command", self.limits.step);
        let here = self.becomes(order, "processing", what).await?;
        println!("  accepted here, processing at the shop: {}", said_of(&here));
        Ok(())
    }

    async fn change_is_seen(&self, connected: &Connected, order: u64) -> Result<(), Failure> {
        self.shop.set_status(order, "completed").await?;
        self.steer(connected.shop, Steer::Resume).await?;
        self.steer(connected.shop, Steer::Run).await?;
        let what = ("the shop's completed comes to the hub", self.limits.step);
        let here = self.becomes(order, "completed", what).await?;
        println!("  completed at the shop, and here: {}", said_of(&here));
        Ok(())
    }

    async fn connected_shop(&self, id: ShopId) -> Result<ConnectedShop, Failure> {
        let found = self.hub.engine.store().shops(self.hub.org, Some(id)).await?;
        found.into_iter().next().ok_or_else(|| "the shop is not there".into())
    }

    /// Only the course's own product may be told: the shop may be one that people buy from.
    async fn stock_is_told(&self, connected: &Connected, product: u64) -> Result<(), Failure> {
        let Hub { engine, org, .. } = self.hub;
        let preview = engine.push_preview(*org, connected.shop).await?;
        let listings: Vec<&str> =
            preview.rows.iter().map(|row| row.listing.channel_sku.as_str()).collect();
        if listings != [self.sku.as_str()] {
            return Err(format!("not only the product would be told: {listings:?}").into());
        }
        let shop = self.connected_shop(connected.shop).await?;
        let on = (true, Giver::Machine);
        engine.set_push(*org, &shop, on, Some(preview.seen.as_str())).await?;
        self.shows(product, SHELF - ORDERED).await?;
        let receipt = StockMove {
            sku: connected.sku,
            warehouse: connected.warehouse,
            change: Change::Receipt(RECEIVED),
            note: None,
            by: Giver::Machine,
            seen: None,
        };
        engine.store().move_stock(*org, vec![receipt]).await?;
        println!("  {RECEIVED} units are received here");
        self.shows(product, SHELF - ORDERED + RECEIVED).await
    }

    async fn shows(&self, product: u64, units: i64) -> Result<(), Failure> {
        let look = async || {
            let shown = self.shop.stock(product).await?;
            Ok((shown == Some(units)).then_some(()))
        };
        let what = format!("the shop shows {units}");
        self.until((&what, self.limits.step), look).await?;
        println!("  {what}");
        Ok(())
    }

    async fn disconnect(&self, connected: &Connected) -> Result<(), Failure> {
        let Hub { engine, org, .. } = self.hub;
        let shop = self.connected_shop(connected.shop).await?;
        engine.disconnect_shop(*org, &shop, Giver::Machine).await?;
        let left = self.shop.hooks(&connected.hooks).await?;
        if !left.is_empty() {
            return Err(format!("disconnected, and the shop still has webhooks {left:?}").into());
        }
        println!("  disconnected: the shop's webhooks are gone");
        Ok(())
    }
}
