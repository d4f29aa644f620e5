//! Telling channels what is left: absolute values, computed when they are sent.
//!
//! ```text
//!  a level changes ─mark─> listing ─> what is left │ what the channel shows ─> differ? ─> told, logged
//! ```
//!
//! One node at a time tells a shop. One that was held up and lost its turn stores nothing of what it
//! sent: the listings are told again by whoever has the turn, because what they show is not known.

use std::collections::HashMap;

use dermaga_channel::{Command as ChannelCommand, Error as ChannelError, Listing, StockRow};
use dermaga_domain::id::{ListingId, OrgId, ShopId};
use dermaga_domain::stock::{Said, has_drifted, must_push};
use dermaga_domain::time::Span;
use dermaga_store::apply::TakenMark;
use dermaga_store::command::Giver;
use dermaga_store::stock::{Pushed, ToPush};
use dermaga_store::work::{PUSH, PutOff, Taken};
use dermaga_store::{Error as StoreError, Shop};
use sha2::{Digest as _, Sha256};

use crate::access::{Access, Ask, Told};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::fetch::{self, empty_answer};

/// Marks looked at in one round.
const MARKS: i64 = 1_024;
/// How long a node may tell a shop before another takes over.
const LEASE: Span = Span::seconds(60);

/// Digits that stand for a preview.
const SEEN_LENGTH: usize = 8;

/// What telling a shop would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushPreview {
    /// Its listings, in order.
    pub rows: Vec<PreviewRow>,
    /// What stands for these rows: who switches the push on says it, and so has seen them.
    pub seen: String,
}

/// A listing in a preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewRow {
    /// The listing with what it is to show.
    pub listing: ToPush,
    /// Whether the channel shows something else, as far as it was read.
    pub differs: bool,
}

impl Engine {
    /// What telling a shop would change now, in the order of its listings. Sends nothing.
    ///
    /// # Errors
    /// The store's.
    pub async fn push_preview(&self, org: OrgId, shop: ShopId) -> Result<PushPreview> {
        let mut listings = self.store().to_push(org, shop, None).await?;
        listings.sort_by(|a, b| a.channel_product_id.cmp(&b.channel_product_id));
        let mut digest = Sha256::new();
        let mut rows = Vec::with_capacity(listings.len());
        for listing in listings {
            let (wanted, shown) = (listing.wanted(), listing.channel_stock);
            digest.update(format!("{} {wanted} {shown:?};", listing.channel_product_id));
            rows.push(PreviewRow { differs: shown != Some(wanted), listing });
        }
        let digest = hex::encode(digest.finalize());
        Ok(PushPreview { rows, seen: digest.chars().take(SEEN_LENGTH).collect() })
    }

    /// Switches the telling of a shop on or off. It is switched on only by who has seen what that
    /// changes, as it stands now.
    ///
    /// # Errors
    /// [`Error::NotSeen`]; [`Error::Refused`] for a channel that cannot be told; the store's.
    pub async fn set_push(
        &self,
        org: OrgId,
        shop: &Shop,
        (on, by): (bool, Giver),
        seen: Option<&str>,
    ) -> Result<()> {
        if on && !shop.push {
            let channel = self.registry().find(&shop.channel);
            let can = channel.and_then(|channel| channel.capabilities().stock_batch_max);
            if can.is_none() {
                let why = format!("{} cannot be told what is left", shop.channel);
                return Err(Error::Refused(why));
            }
            let preview = self.push_preview(org, shop.id).await?;
            if seen != Some(preview.seen.as_str()) {
                return Err(Error::NotSeen);
            }
        }
        Ok(self.store().set_shop_push(org, shop.id, on, by).await?)
    }

    /// Tells channels of the listings that are marked. Says how many were looked at.
    ///
    /// # Errors
    /// The store's. Trouble at a channel puts the marks off and is no error.
    pub async fn run_pushes(&self, org: OrgId) -> Result<usize> {
        let due = self.store().due(org, PUSH, MARKS).await?;
        let round = |shop, marks| self.push_for(org, shop, marks);
        self.rounds(org, due, |mark: &Taken| ShopId(mark.scope), round).await
    }

    /// Listings that have drifted from what they were told are told again.
    pub(crate) async fn tell_drifted(
        &self,
        org: OrgId,
        believed: &[ToPush],
        seen: &[Listing],
    ) -> Result<()> {
        let shown: HashMap<&str, Option<i64>> =
            seen.iter().map(|it| (it.channel_product_id.as_str(), it.stock)).collect();
        let drifted = believed.iter().filter(|listing| {
            let (first, told) = (listing.channel_stock, (listing.believed, listing.pushed_at));
            let now = shown.get(listing.channel_product_id.as_str());
            now.is_some_and(|now| has_drifted(told, (listing.seen_at, first), *now))
        });
        let drifted: Vec<ListingId> = drifted.map(|listing| listing.listing).collect();
        if !drifted.is_empty() {
            tracing::info!(
                listings = drifted.len(),
                "channels show something else than they were told; they are told again"
            );
            metrics::counter!("dermaga_pushes_total", "outcome" => "drifted")
                .increment(u64::try_from(drifted.len()).unwrap_or(u64::MAX));
            self.store().forget_published(org, drifted).await?;
        }
        Ok(())
    }

    async fn push_for(&self, org: OrgId, shop: Option<Shop>, marks: Vec<Taken>) -> Result<usize> {
        let Some(shop) = shop.filter(|shop| shop.push) else {
            // Switched off meanwhile; switching it on marks every listing again.
            self.store().unmark(org, marks.iter().map(taken).collect()).await?;
            return Ok(marks.len());
        };
        if shop.paused {
            // Resuming marks nothing: what is to be told waits, out of the way of the others.
            let later = self.now().plus(Span::minutes(1));
            let delayed = PutOff::all(marks, later, "the shop is paused");
            self.store().delay(org, PUSH, delayed).await?;
            return Ok(0);
        }
        let name = format!("push:{}", shop.id.0);
        let lease = self.store().take_lease(org, &name, self.holder(), LEASE).await?;
        let Some(lease) = lease else { return Ok(0) };
        let mut access =
            self.access(org, shop.connection, Some((shop.id, &shop.channel_shop_id))).await?;
        let most = access.channel.capabilities().stock_batch_max.unwrap_or(1).max(1);
        let mut looked = 0;
        for some in marks.chunks(usize::try_from(most).unwrap_or(1)) {
            let mut answer = empty_answer(&access);
            answer.lease = Some(lease.clone());
            let told = self.tell(org, shop.id, &mut access, some).await?;
            answer.exchanges = told.exchanges;
            let failed = |mark: &&Taken| told.failed.contains(&mark.subject);
            answer.done = some.iter().filter(|mark| !failed(mark)).map(taken).collect();
            answer.pushed = told.pushed;
            match self.store().record(answer).await {
                Err(StoreError::LeaseLost(name)) => {
                    let sent = some.iter().filter_map(listing_of).collect();
                    self.store().forget_published(org, sent).await?;
                    return Err(Error::Store(StoreError::LeaseLost(name)));
                }
                recorded => recorded?,
            }
            looked += some.len();
            let delayed = some.iter().filter(failed).cloned();
            let delayed: Vec<_> =
                delayed.map(|mark| fetch::failed(mark, self.now(), &told.error)).collect();
            let leave = !delayed.is_empty() && told.whole;
            self.store().delay(org, PUSH, delayed).await?;
            if leave {
                break;
            }
        }
        self.store().end_lease(org, &lease).await?;
        Ok(looked)
    }

    /// Computes, sends what must be sent, and says what came of each.
    async fn tell(
        &self,
        org: OrgId,
        shop: ShopId,
        access: &mut Access,
        marks: &[Taken],
    ) -> Result<Tell> {
        let ids = marks.iter().filter_map(listing_of).collect();
        let lowers = access.channel.capabilities().decrements_on_order;
        let mut listings = self.store().to_push(org, shop, Some(ids)).await?;
        for listing in listings.iter_mut().filter(|_| !lowers) {
            (listing.believed.own, listing.believed.unsure) = (0, false);
        }
        let (wanted, same): (Vec<ToPush>, Vec<ToPush>) =
            listings.into_iter().partition(|listing| must_push(listing.wanted(), listing.believed));
        let mut tell = Tell::default();
        let said = |said: Said| move |from: ToPush| Pushed { from, said: said.clone() };
        tell.pushed.extend(same.into_iter().map(said(Said::Nothing)));
        if wanted.is_empty() {
            return Ok(tell);
        }
        let rows = wanted.iter().map(|listing| StockRow {
            channel_product_id: listing.channel_product_id.clone(),
            value: listing.wanted(),
        });
        let command = ChannelCommand::SetStock(rows.collect());
        let (told, exchanges) = self.ask(access, &Ask::Command(command)).await;
        tell.exchanges = exchanges;
        match told {
            Ok(Told::Done(done)) => {
                for from in wanted {
                    let refused = done
                        .refused
                        .iter()
                        .find(|row| row.channel_product_id == from.channel_product_id);
                    let said = refused.map_or(Said::Taken, |row| {
                        tell.failed.push(from.listing.0.to_string());
                        Said::Refused(row.message.clone())
                    });
                    tell.pushed.push(Pushed { from, said });
                }
            }
            Ok(_) => return Err(Error::Refused("an answer of another kind".to_owned())),
            Err(error) => {
                tell.whole = true;
                tell.failed.extend(wanted.iter().map(|from| from.listing.0.to_string()));
                let what = match &error {
                    ChannelError::Unknown(_)
                    | ChannelError::Temporary(_)
                    | ChannelError::Malformed(_) => Said::Unknown(error.name().to_owned()),
                    ChannelError::AuthExpired
                    | ChannelError::AuthRefused { .. }
                    | ChannelError::ConsentNeeded { .. }
                    | ChannelError::RateLimited { .. }
                    | ChannelError::Rejected { .. }
                    | ChannelError::NotFound
                    | ChannelError::Unsupported(_) => Said::Refused(error.name().to_owned()),
                };
                tell.pushed.extend(wanted.into_iter().map(said(what)));
                tell.error = error;
            }
        }
        for pushed in &tell.pushed {
            let outcome = pushed.said.as_str();
            metrics::counter!("dermaga_pushes_total", "outcome" => outcome).increment(1);
        }
        Ok(tell)
    }
}

/// What came of telling some listings.
struct Tell {
    pushed: Vec<Pushed>,
    exchanges: Vec<dermaga_store::NewExchange>,
    /// Subjects of the marks to be tried again.
    failed: Vec<String>,
    /// All of them failed, and why.
    whole: bool,
    error: ChannelError,
}

impl Default for Tell {
    fn default() -> Self {
        Self {
            pushed: Vec::new(),
            exchanges: Vec::new(),
            failed: Vec::new(),
            whole: false,
            error: ChannelError::Temporary("a row was refused".to_owned()),
        }
    }
}

fn listing_of(mark: &Taken) -> Option<ListingId> {
    mark.subject.parse().ok().map(ListingId)
}

fn taken(mark: &Taken) -> TakenMark {
    TakenMark {
        kind: PUSH,
        scope: mark.scope,
        subject: mark.subject.clone(),
        generation: mark.generation,
    }
}
