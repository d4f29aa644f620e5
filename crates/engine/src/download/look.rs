//! Looking: the list of a range, then each order by itself, and what would become of it.

use std::collections::BTreeMap;

use dermaga_channel::{Changes, Error as ChannelError, Heard as Said, Message, Raw, What};
use dermaga_domain::time::{Span, Time};
use dermaga_store::apply::{Batch, Heard, Told as Forecast};
use dermaga_store::download::{
    DownloadStep, ListAt, OrderStep, Outcome, RowState, Trouble, Wanted,
};
use dermaga_store::work::Modes;
use dermaga_store::{NewExchange, NewMessage};
use futures_util::future::join_all;

use super::Run;
use crate::access::{Access, Ask, Told};
use crate::error::{Result, channel_code};
use crate::fetch::{again_at, empty_answer};
use crate::ingest::heard_of;

/// Orders read in one piece of work.
pub(super) const TOGETHER: i64 = 32;
/// Requests under way at once.
const AT_ONCE: usize = 8;
/// A window of the list without a limit of the channel's.
const WINDOW: Span = Span::days(1);
/// Tries of an order before it has failed; the last is about six minutes after the first.
const TRIES_MAX: i64 = 5;
/// The order, or what is said of it, cannot be understood.
const UNREADABLE: &str = "DMG-0302";
/// The channel refuses to show the order.
const REFUSED: &str = "DMG-0702";

/// What one request for orders brought.
struct Look {
    asked: Vec<Wanted>,
    told: Result<Told, ChannelError>,
    exchanges: Vec<NewExchange>,
}

/// An order that was read, and the message that tells of it.
struct Seen {
    said: Said,
    message: usize,
}

impl Run<'_> {
    /// Reads one page of the list and keeps which orders it names.
    pub(super) async fn list(&mut self, list: ListAt, to: Time) -> Result<usize> {
        let window = self.access.channel.capabilities().order_window_max.unwrap_or(WINDOW);
        let until = list.window_to.unwrap_or_else(|| list.from.plus(window).min(to));
        let (from, page) = (list.from, list.page.clone());
        let ask = Ask::Changes(Changes { what: What::Orders, from, to: until, page });
        let (told, exchanges) = self.engine.ask(&mut self.access, &ask).await;
        let mut step = self.step_of(Vec::new());
        let now = self.engine.now();
        let later = |code: &str, error: &ChannelError| Trouble {
            code: code.to_owned(),
            again_at: again_at(now, self.download.attempts, error),
        };
        let unread = |why: String| later(UNREADABLE, &ChannelError::Malformed(why));
        match told {
            Ok(Told::Fetched(fetched)) => {
                for raw in &fetched.messages {
                    match self.said(raw.kind, &raw.body) {
                        Ok(said) => {
                            let ours = said.into_iter().filter(|said| self.is_ours(said));
                            step.listed.extend(ours.map(|said| said.channel_order_id));
                        }
                        Err(why) => step.trouble = Some(unread(why)),
                    }
                }
                let on = ListAt { from, window_to: Some(until), page: fetched.next };
                let next = ListAt { from: until, window_to: None, page: None };
                let next = if on.page.is_some() { Some(on) } else { (until < to).then_some(next) };
                step.list = step.trouble.is_none().then_some(next);
            }
            Ok(_) => step.trouble = Some(unread("an answer of another kind".to_owned())),
            Err(error) => {
                step.trouble = Some(later(channel_code(&error).unwrap_or(REFUSED), &error));
            }
        }
        let goes_on = step.trouble.is_none();
        let mut answer = empty_answer(&self.access);
        answer.exchanges = exchanges;
        answer.lease = Some(self.lease.clone());
        answer.download = Some(step);
        self.engine.store().record(answer).await?;
        Ok(usize::from(goes_on))
    }

    /// Reads orders and keeps what would become of each.
    pub(super) async fn look(&mut self, wanted: Vec<Wanted>) -> Result<usize> {
        let most = usize::try_from(self.access.channel.capabilities().details_batch_max);
        let most = most.unwrap_or(1).max(1);
        let mut answer = empty_answer(&self.access);
        answer.lease = Some(self.lease.clone());
        let (mut steps, mut seen) = (Vec::new(), BTreeMap::new());
        let mut trouble: Option<Trouble> = None;
        let (now, attempts) = (self.engine.now(), self.download.attempts);
        let together: Vec<&[Wanted]> = wanted.chunks(most).collect();
        for some in together.chunks(AT_ONCE) {
            let asks = some.iter().map(|asked| self.ask(asked.to_vec()));
            for look in join_all(asks).await {
                let first = answer.messages.len();
                answer.exchanges.extend(placed(look.exchanges, first));
                match look.told {
                    Ok(Told::Fetched(fetched)) => {
                        self.take(&look.asked, &fetched.messages, first, (&mut steps, &mut seen));
                        answer.messages.extend(fetched.messages.iter().map(message));
                    }
                    Ok(_) => steps.extend(look.asked.iter().map(|one| failed(one, UNREADABLE, ""))),
                    Err(error) => {
                        let code = stops(&error);
                        trouble = trouble.or_else(|| {
                            let again_at = again_at(now, attempts, &error);
                            code.map(|code| Trouble { code: code.to_owned(), again_at })
                        });
                        steps.extend(look.asked.iter().map(|one| self.not_read(one, &error)));
                    }
                }
            }
            if trouble.is_some() {
                break;
            }
        }
        steps.extend(self.forecast(seen).await?);
        let (looked, stopped) = (steps.len(), trouble.is_some());
        answer.download = Some(DownloadStep { trouble, ..self.step_of(steps) });
        self.engine.store().record(answer).await?;
        // What the channel does not want to be asked now is asked again by the timer.
        Ok(if stopped { 0 } else { looked })
    }

    async fn ask(&self, asked: Vec<Wanted>) -> Look {
        let ids = asked.iter().map(|one| one.channel_order_id.clone()).collect();
        let mut access: Access = self.access.clone();
        let (told, exchanges) = self.engine.ask(&mut access, &Ask::Orders(ids)).await;
        Look { asked, told, exchanges }
    }

    /// Finds the orders that were asked for in what was brought.
    fn take(
        &self,
        asked: &[Wanted],
        brought: &[Raw],
        first: usize,
        (steps, seen): (&mut Vec<OrderStep>, &mut BTreeMap<String, Seen>),
    ) {
        let (mut found, mut unread) = (BTreeMap::new(), None);
        for (place, raw) in (first..).zip(brought) {
            match self.said(raw.kind, &raw.body) {
                Ok(orders) => found.extend(
                    orders
                        .into_iter()
                        .map(|said| (said.channel_order_id.clone(), Seen { said, message: place })),
                ),
                Err(why) => unread = Some(why),
            }
        }
        for one in asked {
            match (found.remove(&one.channel_order_id), &unread) {
                (Some(order), _) if self.is_ours(&order.said) => {
                    seen.insert(one.channel_order_id.clone(), order);
                }
                (Some(_), _) | (None, None) => steps.push(ended(one, Outcome::NotFound)),
                (None, Some(why)) => steps.push(failed(one, UNREADABLE, why)),
            }
        }
    }

    /// What would become of the orders that were read.
    async fn forecast(&self, seen: BTreeMap<String, Seen>) -> Result<Vec<OrderStep>> {
        if seen.is_empty() {
            return Ok(Vec::new());
        }
        let heard: Vec<Heard> = seen
            .values()
            .map(|one| heard_of(self.shop.id, one.said.clone(), (Modes::DOWNLOAD, true), None))
            .collect();
        let told = self.forecast_of(heard).await?;
        let steps = seen.into_iter().map(|(number, one)| {
            let step = blank(&number, 0);
            match told.get(&number) {
                Some(Ok(told)) => OrderStep {
                    state: RowState::Read,
                    outcome: Some(told.outcome),
                    changes: told.changes.clone(),
                    message: Some(one.message),
                    ..step
                },
                Some(Err(why)) => {
                    let reason = Some(why.clone());
                    OrderStep { message: Some(one.message), reason, ..failing(step, UNREADABLE) }
                }
                None => failing(step, UNREADABLE),
            }
        });
        Ok(steps.collect())
    }

    /// All together; if one of them cannot be judged, each by itself.
    async fn forecast_of(
        &self,
        heard: Vec<Heard>,
    ) -> Result<BTreeMap<String, Result<Forecast, String>>> {
        let store = self.engine.store();
        let batch = |heard: Vec<Heard>| Batch { heard, ..Batch::new(self.org) };
        let named = |told: Forecast| (told.channel_order_id.clone(), Ok(told));
        match store.forecast(batch(heard.clone())).await {
            Ok(told) => return Ok(told.into_iter().map(named).collect()),
            Err(error) if error.is_passing() => return Err(error.into()),
            Err(_) => {}
        }
        let mut each = BTreeMap::new();
        for one in heard {
            let number = one.channel_order_id.clone();
            match store.forecast(batch(vec![one])).await {
                Ok(told) => each.extend(told.into_iter().map(named)),
                Err(error) if error.is_passing() => return Err(error.into()),
                Err(error) => drop(each.insert(number, Err(error.to_string()))),
            }
        }
        Ok(each)
    }

    /// What a message says of orders.
    pub(super) fn said(&self, kind: &str, body: &[u8]) -> Result<Vec<Said>, String> {
        let message = Message {
            kind,
            body,
            fetched: true,
            channel_shop_id: self.access.channel_shop_id.as_deref(),
        };
        let said = self.access.channel.interpret(&message, &self.access.credentials);
        let said = said.map_err(|error| error.brief())?;
        if said.orders.is_empty() && !said.unread.is_empty() {
            return Err(said.unread.join("; "));
        }
        Ok(said.orders)
    }

    /// Whether an order is of this shop, as far as it says.
    pub(super) fn is_ours(&self, said: &Said) -> bool {
        let named = said.channel_shop_id.as_deref();
        named.is_none_or(|named| named == self.shop.channel_shop_id)
    }

    fn step_of(&self, orders: Vec<OrderStep>) -> DownloadStep {
        let download = self.download.id;
        DownloadStep { download, listed: Vec::new(), list: None, orders, trouble: None }
    }

    /// An order that the channel did not show: gone, refused, or to be asked for again.
    fn not_read(&self, one: &Wanted, error: &ChannelError) -> OrderStep {
        let attempts = one.attempts + 1;
        let again = OrderStep {
            attempts,
            due_at: again_at(self.engine.now(), one.attempts, error),
            ..blank(&one.channel_order_id, attempts)
        };
        match error {
            ChannelError::NotFound => ended(one, Outcome::NotFound),
            ChannelError::Rejected { .. } => failed(one, REFUSED, &error.brief()),
            ChannelError::Malformed(_) | ChannelError::Unsupported(_) => {
                failed(one, UNREADABLE, &error.brief())
            }
            // Not the order's fault: it does not count.
            ChannelError::AuthExpired
            | ChannelError::AuthRefused { .. }
            | ChannelError::ConsentNeeded { .. }
            | ChannelError::RateLimited { .. } => OrderStep { attempts: one.attempts, ..again },
            ChannelError::Temporary(_) | ChannelError::Unknown(_) if attempts < TRIES_MAX => again,
            ChannelError::Temporary(_) | ChannelError::Unknown(_) => {
                failed(one, channel_code(error).unwrap_or(UNREADABLE), &error.brief())
            }
        }
    }
}

/// What no order of the shop can be read for now, by the code of its page.
fn stops(error: &ChannelError) -> Option<&'static str> {
    let stops = matches!(
        error,
        ChannelError::RateLimited { .. }
            | ChannelError::AuthExpired
            | ChannelError::AuthRefused { .. }
            | ChannelError::ConsentNeeded { .. }
    );
    channel_code(error).filter(|_| stops)
}

fn message(raw: &Raw) -> NewMessage {
    NewMessage { kind: raw.kind.to_owned(), body: raw.body.to_vec(), modes: Modes::DOWNLOAD }
}

/// Exchanges with the places of what they brought among everything that was brought.
fn placed(exchanges: Vec<NewExchange>, first: usize) -> impl Iterator<Item = NewExchange> {
    exchanges.into_iter().map(move |exchange| NewExchange {
        brought: exchange.brought.map(|place| first + place),
        ..exchange
    })
}

/// An order that is still wanted.
pub(super) fn blank(number: &str, attempts: i64) -> OrderStep {
    OrderStep {
        channel_order_id: number.to_owned(),
        state: RowState::Wanted,
        outcome: None,
        changes: Vec::new(),
        message: None,
        attempts,
        due_at: Time(0),
        code: None,
        reason: None,
    }
}

fn ended(one: &Wanted, outcome: Outcome) -> OrderStep {
    let step = blank(&one.channel_order_id, one.attempts);
    OrderStep { state: RowState::Done, outcome: Some(outcome), ..step }
}

/// An order that has failed, with the code of the page that says why.
pub(super) fn failing(step: OrderStep, code: &str) -> OrderStep {
    let outcome = Some(Outcome::Failed);
    OrderStep { state: RowState::Done, outcome, code: Some(code.to_owned()), ..step }
}

fn failed(one: &Wanted, code: &str, reason: &str) -> OrderStep {
    let step = failing(blank(&one.channel_order_id, one.attempts), code);
    OrderStep { reason: Some(reason.to_owned()).filter(|reason| !reason.is_empty()), ..step }
}
