//! What stories say and look at, short enough to be read as a story.

use std::collections::BTreeMap;

use dermaga_channel::http::Client;
use dermaga_domain::id::{DownloadId, ShopId};
use dermaga_domain::order::ActKind;
use dermaga_engine::{TaskKind, Wish};
use dermaga_store::Shop;
use dermaga_store::apply::NewAct;
use dermaga_store::command::Giver;
use dermaga_store::download::{Counts, Download};
use dermaga_store::read::Scope;
use dermaga_store::read::detail::Detail;
use dermaga_store::read::exchanges::{Exchange, Only, What};
use dermaga_store::read::orders::{Order, Query};
use dermaga_store::stock::{Change, Opened, OpeningRow, StockMove};
use dermaga_store::work::Task;
use serde_json::{Value, json};

use crate::{App, Failure};

/// An order in one line: document, delivery, payment, `bin` if it is in it, tab, attentions.
#[must_use]
pub fn said_of(order: &Order) -> String {
    let mut said =
        vec![order.written().to_string(), order.delivery.to_string(), order.payment.to_string()];
    if order.bin {
        said.push("bin".to_owned());
    }
    said.push(order.tab.map_or_else(|| "-".to_owned(), |tab| tab.to_string()));
    said.extend(order.attentions.iter().map(|attention| format!("!{attention}")));
    said.join(" ")
}

impl App {
    /// A buyer orders; gives the channel's id of the order.
    ///
    /// # Errors
    /// The sandbox's refusal.
    pub fn place(&self, sku: &str, quantity: i64, paid: bool) -> Result<String, Failure> {
        let body = json!({"lines": [{"sku": sku, "quantity": quantity}], "paid": paid});
        let placed = self.channel("POST", "orders", &body)?;
        Ok(text(&placed["order_id"]))
    }

    /// Somebody acts on an order at the channel.
    ///
    /// # Errors
    /// The sandbox's refusal.
    pub fn at_channel(&self, order: &str, act: &str, body: &Value) -> Result<(), Failure> {
        self.channel("POST", &format!("orders/{order}/{act}"), body).map(drop)
    }

    /// A minute later somebody acts on an order at the channel, and the hub hears of it.
    ///
    /// # Errors
    /// The sandbox's refusal, or whatever the work meets.
    pub async fn happens(&self, order: &str, act: &str, body: &Value) -> Result<(), Failure> {
        self.advance(60);
        self.at_channel(order, act, body)?;
        self.hear().await
    }

    /// The order's status in the channel's own books.
    ///
    /// # Errors
    /// The sandbox's refusal.
    pub fn status_there(&self, order: &str) -> Result<String, Failure> {
        Ok(text(&self.channel("GET", &format!("orders/{order}"), &Value::Null)?["status"]))
    }

    /// The order's status at the channel becomes this one, from whatever it was.
    ///
    /// # Errors
    /// The sandbox's refusal.
    pub fn set_status(&self, order: &str, status: &str) -> Result<(), Failure> {
        self.at_channel(order, "status", &json!({"status": status}))
    }

    /// Switches faults of the channel on, or off with `{}`.
    ///
    /// # Errors
    /// The sandbox's refusal.
    pub fn set_faults(&self, profile: &Value) -> Result<(), Failure> {
        self.channel("PUT", "faults", profile).map(drop)
    }

    /// How often the hub has called an endpoint.
    ///
    /// # Errors
    /// The sandbox's refusal.
    pub fn calls_to(&self, endpoint: &str) -> Result<usize, Failure> {
        let calls = self.channel("GET", "calls?limit=10000", &Value::Null)?;
        let kept = calls["calls"].as_array().cloned().unwrap_or_default();
        Ok(kept.iter().filter(|call| text(&call["endpoint"]).contains(endpoint)).count())
    }

    /// Every order that the hub has of this id, in whichever shop.
    ///
    /// # Errors
    /// The database's.
    pub async fn orders(&self, id: &str) -> Result<Vec<Order>, Failure> {
        let query = Query { channel_order_id: Some(id.to_owned()), limit: 10, ..Query::default() };
        Ok(self.engine.store().list_orders(&Scope::all(self.org), &query).await?.orders)
    }

    /// The one order of this id.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub async fn order(&self, id: &str) -> Result<Order, Failure> {
        let mut found = self.orders(id).await?;
        match (found.pop(), found.is_empty()) {
            (Some(order), true) => Ok(order),
            (None, _) => Err(format!("the hub has no order {id}").into()),
            (Some(_), false) => Err(format!("the hub has order {id} more than once").into()),
        }
    }

    /// The one order of this id in a line; `none` when the hub has not heard of it.
    ///
    /// # Errors
    /// The database's, or when there is more than one.
    pub async fn said(&self, id: &str) -> Result<String, Failure> {
        if self.orders(id).await?.is_empty() {
            return Ok("none".to_owned());
        }
        Ok(said_of(&self.order(id).await?))
    }

    /// The one order of this id with transitions and movements.
    ///
    /// # Errors
    /// As [`App::order`].
    pub async fn detail(&self, id: &str) -> Result<Detail, Failure> {
        let order = self.order(id).await?;
        let scope = Scope::all(self.org);
        let found = self.engine.store().order_detail(&scope, order.id).await?;
        found.ok_or_else(|| format!("order {id} has no details").into())
    }

    /// The order's documents, as `invoice live`, by kind.
    ///
    /// # Errors
    /// As [`App::order`].
    pub async fn documents(&self, id: &str) -> Result<Vec<String>, Failure> {
        let order = self.order(id).await?;
        let mut documents: Vec<String> = order
            .documents
            .iter()
            .map(|document| format!("{} {}", document.kind, document.state))
            .collect();
        documents.sort();
        Ok(documents)
    }

    /// The facts of an order as `220 realtime`, by the channel's time.
    ///
    /// # Errors
    /// As [`App::order`].
    pub async fn facts(&self, id: &str) -> Result<Vec<String>, Failure> {
        let order = self.order(id).await?;
        let scope = Scope::all(self.org);
        let case = self.engine.store().order_case(&scope, order.id).await?;
        let facts = case.map(|case| case.facts).unwrap_or_default();
        Ok(facts
            .iter()
            .map(|heard| {
                let at = if heard.fact.key.at.is_some() { "" } else { "untimed " };
                format!("{at}{} {}", heard.fact.key.status, heard.fact.key.mode)
            })
            .collect())
    }

    /// A person acts on an order's document.
    ///
    /// # Errors
    /// As [`App::order`].
    pub async fn person(&self, id: &str, kind: ActKind) -> Result<(), Failure> {
        let order = self.order(id).await?;
        let act = NewAct { kind, by: Giver::Machine, note: None };
        self.engine.act(self.org, order.id, act).await?;
        Ok(self.engine.settle().await?)
    }

    /// Puts units on the shelf of the seller's first shop.
    ///
    /// # Errors
    /// When the row is refused.
    pub async fn stock(&self, sku: &str, quantity: i64) -> Result<(), Failure> {
        // Each shop has a warehouse of its own name.
        let warehouse = self.shop(self.shops[0]).await?.name;
        let row =
            OpeningRow { line: 2, sku: sku.to_owned(), name: sku.to_owned(), warehouse, quantity };
        let opened = self.engine.store().import_opening(self.org, vec![row], None).await?;
        for row in opened {
            if let Opened::Refused(reason) = row {
                return Err(reason.into());
            }
        }
        Ok(())
    }

    /// Counts the units of a SKU on the shelf of the seller's first shop.
    ///
    /// # Errors
    /// When there is no such SKU.
    pub async fn count(&self, sku: &str, quantity: i64) -> Result<(), Failure> {
        let store = self.engine.store();
        let warehouse = self.shop(self.shops[0]).await?.name;
        let warehouses = store.warehouses(self.org).await?;
        let warehouse = warehouses.into_iter().find(|known| known.name == warehouse);
        let sku = store.find_sku(self.org, sku).await?;
        let (Some(warehouse), Some(sku)) = (warehouse, sku) else {
            return Err("no such shelf".into());
        };
        let change = Change::Count(quantity);
        let counted = StockMove {
            sku: sku.id,
            warehouse: warehouse.id,
            change,
            note: None,
            by: Giver::Machine,
            seen: None,
        };
        store.move_stock(self.org, vec![counted]).await?;
        Ok(())
    }

    /// A SKU's stock: on hand, allocated, reserved, short; over all warehouses.
    ///
    /// # Errors
    /// The database's.
    pub async fn level(&self, sku: &str) -> Result<(i64, i64, i64, i64), Failure> {
        let scope = Scope::all(self.org);
        let (levels, _) = self.engine.store().stock_levels(&scope, sku, None, 200).await?;
        let of_sku = levels.iter().filter(|level| level.code == sku);
        Ok(of_sku.fold((0, 0, 0, 0), |sum, level| {
            (
                sum.0 + level.on_hand,
                sum.1 + level.allocated,
                sum.2 + level.reserved,
                sum.3 + level.short,
            )
        }))
    }

    /// One of the seller's shops.
    ///
    /// # Errors
    /// When there is no such shop.
    pub async fn shop(&self, id: ShopId) -> Result<Shop, Failure> {
        let shops = self.engine.store().shops(self.org, Some(id)).await?;
        shops.into_iter().next().ok_or_else(|| "there is no such shop".into())
    }

    /// Switches *Order Sync* of every shop.
    ///
    /// # Errors
    /// The database's.
    pub async fn set_order_sync(&self, on: bool) -> Result<(), Failure> {
        for id in &self.shops {
            let shop = self.shop(*id).await?;
            self.engine.change_shop(self.org, &Shop { order_sync: on, ..shop }).await?;
        }
        Ok(())
    }

    /// A shop's task.
    ///
    /// # Errors
    /// When there is no such task.
    pub async fn task(&self, shop: ShopId, kind: TaskKind) -> Result<Task, Failure> {
        let tasks = self.engine.store().tasks(self.org, Some(shop)).await?;
        let found = tasks.into_iter().find(|task| task.kind == kind.as_str());
        found.ok_or_else(|| format!("the shop has no task {}", kind.as_str()).into())
    }

    /// A person asks for orders of a shop; what would become of them is read to its end.
    ///
    /// # Errors
    /// The engine's.
    pub async fn begin_download(&self, shop: &Shop, wish: Wish) -> Result<DownloadId, Failure> {
        let id = self.engine.begin_download(self.org, shop, wish, Giver::Machine).await?;
        self.engine.settle().await?;
        Ok(id)
    }

    /// A download as it stands.
    ///
    /// # Errors
    /// When there is none.
    pub async fn download(&self, id: DownloadId) -> Result<Download, Failure> {
        let found = self.engine.store().download(&Scope::all(self.org), id).await?;
        found.ok_or_else(|| "there is no such download".into())
    }

    /// What a download came to so far, and would come to.
    ///
    /// # Errors
    /// The database's.
    pub async fn count_download(&self, id: DownloadId) -> Result<Counts, Failure> {
        Ok(self.engine.store().count_download(&Scope::all(self.org), id).await?)
    }

    /// A person agrees to what a download would change.
    ///
    /// # Errors
    /// The engine's.
    pub async fn agree_download(&self, id: DownloadId) -> Result<(), Failure> {
        let download = self.download(id).await?;
        Ok(self.engine.agree_download(self.org, &download, Giver::Machine).await?)
    }

    /// Lets no task run by itself.
    ///
    /// # Errors
    /// The database's.
    pub async fn pause_tasks(&self) -> Result<(), Failure> {
        for task in self.engine.store().tasks(self.org, None).await? {
            self.engine.store().set_task(self.org, &Task { paused: true, ..task }).await?;
        }
        Ok(())
    }

    /// Posts to the address at which the first connection's webhooks of a kind arrive; gives the HTTP
    /// status of the answer.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn post(
        &self,
        kind: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<u16, Failure> {
        let connections = self.engine.store().connections(self.org, None).await?;
        let connection = connections.first().ok_or("there is no connection")?;
        let url = format!("{}/webhooks/{}/{kind}", self.public_url(), connection.webhook_route);
        let mut request = Client::build()?.request("POST".parse()?, &url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Ok(request.body(body.to_vec()).send().await?.status().as_u16())
    }

    /// What `/metrics` says of what was counted: each counter with its labels, as it is written.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn counters(&self) -> Result<BTreeMap<String, u64>, Failure> {
        let url = format!("{}/metrics", self.public_url());
        let text = Client::build()?.request("GET".parse()?, &url).send().await?.text().await?;
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        lines
            .map(|line| {
                let (name, count) = line.rsplit_once(' ').ok_or("a line without a number")?;
                Ok((name.to_owned(), count.parse()?))
            })
            .collect()
    }

    /// The position of the newest row of the change feed.
    ///
    /// # Errors
    /// The database's.
    pub async fn feed_end(&self) -> Result<i64, Failure> {
        Ok(self.engine.store().feed_end(&Scope::all(self.org)).await?)
    }

    /// The webhooks in the inbox as `order_status done`, with the reason where there is one.
    ///
    /// # Errors
    /// The database's.
    pub async fn pushed(&self) -> Result<Vec<String>, Failure> {
        let (log, _) =
            self.engine.store().exchanges(&Scope::all(self.org), (Only::All, None), 1_000).await?;
        Ok(log.into_iter().rev().filter_map(pushed).collect())
    }
}

fn pushed(exchange: Exchange) -> Option<String> {
    match exchange.what {
        What::Pushed { kind, state, reason, .. } => {
            let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
            Some(format!("{kind} {state}{reason}"))
        }
        What::Asked { .. } => None,
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
