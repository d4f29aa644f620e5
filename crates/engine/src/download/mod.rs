//! Downloads: orders that a person asks for, by a range of time or by their numbers. What would change
//! is shown before anything is applied.
//!
//! ```text
//!  begin ─> list (range only) ─> read each order ─> forecast ─> ready ─agree─> apply ─> a result each
//! ```
//!
//! What was read waits in the inbox, and what is agreed to is exactly that: nothing is read twice.

mod apply;
mod look;

use std::collections::BTreeSet;

use dermaga_domain::id::{DownloadId, OrgId};
use dermaga_domain::time::{Span, Time};
use dermaga_store::command::Giver;
use dermaga_store::download::{Download, NewDownload, RowState, State, Wanted};
use dermaga_store::work::LeaseHeld;
use dermaga_store::{Error as StoreError, Shop};
use futures_util::future::join_all;

use crate::access::Access;
use crate::engine::Engine;
use crate::error::{Error, Result};

/// Orders that may be named in one download.
pub const NUMBERS_MAX: usize = 20_000;
/// The longest number of an order.
const NUMBER_CHARS_MAX: usize = 100;
/// The widest range, where the channel has no limit of its own.
const RANGE_MAX: Span = Span::days(366);
/// How long a node may work on a download before another takes over.
const LEASE: Span = Span::seconds(60);

/// What is to be downloaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Every order of a range of time.
    Range {
        /// From when, inclusive.
        from: Time,
        /// Until when; the present at the latest.
        to: Time,
    },
    /// Orders by the channel's numbers of them.
    Orders(Vec<String>),
}

/// One download on its way, as one node works on it.
struct Run<'a> {
    engine: &'a Engine,
    org: OrgId,
    shop: Shop,
    download: Download,
    access: Access,
    lease: LeaseHeld,
}

impl Engine {
    /// Begins a download: it is read and then waits for [`Engine::agree_download`].
    ///
    /// # Errors
    /// [`Error::TooOld`] with the earliest time that can be asked for; [`Error::Refused`] when nothing is
    /// named, or the shop takes no orders now; the store's.
    pub async fn begin_download(
        &self,
        org: OrgId,
        shop: &Shop,
        wish: Wish,
        by: Giver,
    ) -> Result<DownloadId> {
        if shop.paused || !shop.order_sync {
            return Err(Error::OrdersOff);
        }
        let (range, orders) = match wish {
            Wish::Range { from, to } => (Some(self.range(shop, from, to)?), Vec::new()),
            Wish::Orders(numbers) => (None, numbered(&numbers)?),
        };
        let new = NewDownload { shop: shop.id, range, orders, by };
        Ok(self.store().begin_download(org, new).await?)
    }

    fn range(&self, shop: &Shop, from: Time, to: Time) -> Result<(Time, Time)> {
        let to = to.min(self.now());
        if from >= to {
            return Err(Error::EmptyRange);
        }
        let channel = self.registry().find(&shop.channel);
        let channel = channel.ok_or_else(|| Error::NoChannel(shop.channel.clone()))?;
        self.check_from(channel.capabilities().order_history_max, Some(from))?;
        if to.since(from) > RANGE_MAX {
            let days = RANGE_MAX.0 / Span::days(1).0;
            return Err(Error::Refused(format!("a range has at most {days} days; ask for less")));
        }
        Ok((from, to))
    }

    /// Applies what was read: a person has seen what it changes.
    ///
    /// # Errors
    /// [`Error::Refused`] when it does not stand ready, the store's.
    pub async fn agree_download(&self, org: OrgId, download: &Download, by: Giver) -> Result<()> {
        if download.state != State::Ready {
            let why = "only a download that was read to its end can be applied".to_owned();
            return Err(Error::Refused(why));
        }
        Ok(self.store().agree_download(org, download, by).await?)
    }

    /// Has the orders read again that failed.
    ///
    /// # Errors
    /// [`Error::Refused`] when it is under way or was dropped, the store's.
    pub async fn retry_download(&self, org: OrgId, download: &Download, by: Giver) -> Result<()> {
        if !matches!(download.state, State::Ready | State::Done) {
            return Err(Error::Refused("what failed can be tried again at its end".to_owned()));
        }
        Ok(self.store().retry_download(org, download, by).await?)
    }

    /// Ends a download; what was applied of it stays.
    ///
    /// # Errors
    /// [`Error::Refused`] when it has ended, the store's.
    pub async fn drop_download(&self, org: OrgId, download: &Download, by: Giver) -> Result<()> {
        if matches!(download.state, State::Done | State::Dropped) {
            return Err(Error::Refused("the download has ended".to_owned()));
        }
        Ok(self.store().drop_download(org, download, by).await?)
    }

    /// Does the next piece of work on each download. Says on how many orders.
    ///
    /// # Errors
    /// The store's. Trouble at a channel is written on the download.
    pub async fn run_downloads(&self, org: OrgId) -> Result<usize> {
        let now = self.now();
        let mut open = self.store().open_downloads(org).await?;
        open.retain(|download| download.due_at <= now);
        if open.is_empty() {
            return Ok(0);
        }
        let shops = self.store().shops(org, None).await?;
        let runs = open.into_iter().filter_map(|download| {
            let shop = shops.iter().find(|shop| shop.id == download.shop);
            let shop = shop.filter(|shop| shop.order_sync && !shop.paused)?;
            Some(self.run_download(org, shop.clone(), download))
        });
        let mut done = 0;
        for run in join_all(runs).await {
            done += run?;
        }
        Ok(done)
    }

    async fn run_download(&self, org: OrgId, shop: Shop, download: Download) -> Result<usize> {
        let name = format!("download:{}", download.id.0);
        let lease = self.store().take_lease(org, &name, self.holder(), LEASE).await?;
        let Some(lease) = lease else { return Ok(0) };
        let named = Some((shop.id, shop.channel_shop_id.as_str()));
        let access = self.access(org, shop.connection, named).await?;
        let mut run = Run { engine: self, org, shop, download, access, lease };
        let outcome = run.step().await;
        self.store().end_lease(org, &run.lease).await?;
        match outcome {
            Err(Error::Store(StoreError::LeaseLost(_))) => Ok(0),
            other => other,
        }
    }
}

impl Run<'_> {
    /// One page of the list, or some orders read, or some applied. Says how many, at least one when
    /// there is more to do at once.
    async fn step(&mut self) -> Result<usize> {
        if self.download.state == State::Reading
            && let (Some((_, to)), Some(list)) = (self.download.range, self.download.list.clone())
        {
            return self.list(list, to).await;
        }
        let wanted = self.work(RowState::Wanted, look::TOGETHER).await?;
        if !wanted.is_empty() {
            return self.look(wanted).await;
        }
        if self.download.state == State::Applying {
            let read = self.work(RowState::Read, apply::TOGETHER).await?;
            if !read.is_empty() {
                return self.apply(read).await;
            }
        }
        self.end().await
    }

    async fn work(&self, state: RowState, limit: i64) -> Result<Vec<Wanted>> {
        Ok(self.engine.store().download_work(self.org, self.download.id, state, limit).await?)
    }

    /// Nothing is due: it is at an end, or waits for orders to be tried again.
    async fn end(&self) -> Result<usize> {
        let store = self.engine.store();
        let unread = store.download_left(self.org, self.download.id).await?;
        let all_read = unread.wanted == 0;
        let ended = match self.download.state {
            State::Reading => all_read,
            State::Applying => all_read && unread.read == 0,
            State::Ready | State::Done | State::Dropped => false,
        };
        if ended {
            store.finish_download(self.org, &self.download).await?;
        }
        Ok(0)
    }
}

/// The numbers that a person named, each once, in the order of the first.
fn numbered(given: &[String]) -> Result<Vec<String>> {
    let mut seen = BTreeSet::new();
    let named = given.iter().map(|number| number.trim()).filter(|number| !number.is_empty());
    let orders: Vec<String> =
        named.filter(|number| seen.insert(*number)).map(str::to_owned).collect();
    if orders.is_empty() {
        return Err(Error::Refused("name the orders, or a range of time".to_owned()));
    }
    if orders.len() > NUMBERS_MAX {
        return Err(Error::Refused(format!("at most {NUMBERS_MAX} orders at once; name fewer")));
    }
    if let Some(long) = orders.iter().find(|number| number.chars().count() > NUMBER_CHARS_MAX) {
        let begins: String = long.chars().take(20).collect();
        return Err(Error::Refused(format!("{begins:?}… is too long for an order's number")));
    }
    Ok(orders)
}
