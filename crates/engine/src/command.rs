//! Commands: what people ask channels to do with orders, sent once and seen through to their end.
//!
//! ```text
//!  command() ─check─> waiting ─run_commands()─> claimed, committed ─> sent ─> ended, committed
//!                                                        a crash here │ makes it unknown: the order is
//!                                                                     ▼ read before anything else
//! ```

mod give;
mod outcome;

use dermaga_channel::{
    Command as ChannelCommand, Error as ChannelError, Heard, Message, OrderCommand,
};
use dermaga_domain::command::{Came, Offer, Seen, Standing, next};
use dermaga_domain::id::OrgId;
use dermaga_domain::order::{Fact, Head, Part, seen};
use dermaga_domain::planted::{Bug, planted};
use dermaga_domain::term::{CommandState, Mode, Retry};
use dermaga_domain::time::Span;
use dermaga_store::command::{Command, Subject};
use dermaga_store::read::Scope;
use dermaga_store::{Answer, NewMessage, Shop};
use futures_util::future::join_all;

pub use give::{Given, Offered, TOGETHER_MAX};
use outcome::Tried;

use crate::access::{Access, Ask, Told};
use crate::engine::Engine;
use crate::error::Result;
use crate::fetch::empty_answer;

/// Commands of a shop looked at in one round.
const COMMANDS: i64 = 128;
/// Requests under way at once for a shop.
const AT_ONCE: usize = 8;
/// How long a node may work on a shop's commands before another takes over.
const LEASE: Span = Span::seconds(60);

impl Engine {
    /// Sends the commands that are due, and reads the orders of those whose outcome is not known.
    /// Says how many were tried.
    ///
    /// # Errors
    /// The store's. Trouble at a channel puts commands off and is no error.
    pub async fn run_commands(&self, org: OrgId) -> Result<usize> {
        let due = self.store().due_commands(org, COMMANDS).await?;
        let round = |shop, commands| self.run_for(org, shop, commands);
        self.rounds(org, due, |command: &Command| command.shop, round).await
    }

    async fn run_for(
        &self,
        org: OrgId,
        shop: Option<Shop>,
        commands: Vec<Command>,
    ) -> Result<usize> {
        let Some(shop) = shop.filter(|shop| !shop.paused) else { return Ok(0) };
        let name = format!("command:{}", shop.id.0);
        let lease = self.store().take_lease(org, &name, self.holder(), LEASE).await?;
        let Some(lease) = lease else { return Ok(0) };
        let access =
            self.access(org, shop.connection, Some((shop.id, &shop.channel_shop_id))).await?;
        let mut tried = 0;
        for some in commands.chunks(AT_ONCE) {
            self.store().claim_commands(org, &lease, some).await?;
            let orders: Vec<_> = some.iter().map(|command| command.order).collect();
            let subjects = self.store().subjects(&Scope::all(org), &orders).await?;
            let tries = some.iter().map(|command| {
                let subject = subjects.iter().find(|subject| subject.order == command.order);
                self.try_command(access.clone(), command, subject)
            });
            let mut answer = empty_answer(&access);
            answer.lease = Some(lease.clone());
            for (command, one) in some.iter().zip(join_all(tries).await) {
                self.end(&mut answer, command, one);
            }
            tried += some.len();
            self.store().record(answer).await?;
        }
        self.store().end_lease(org, &lease).await?;
        Ok(tried)
    }

    /// Sends a command, or reads its order when it may have had its effect.
    async fn try_command(
        &self,
        mut access: Access,
        command: &Command,
        subject: Option<&Subject>,
    ) -> Tried {
        let offer = access.channel.capabilities().offer(command.kind);
        let (Some(offer), Some(subject)) = (offer, subject) else {
            return Tried::of(Came::Refused(Standing::Past));
        };
        let retry = if planted(Bug::RetryWithoutRead) { Retry::Repeatable } else { offer.retry };
        let mut tried = Tried::of(Came::Unread);
        if command.state == CommandState::Waiting {
            tried = self.send(&mut access, command).await;
        }
        // "No" may mean "already so", and no answer may mean either: the order itself tells.
        let read = match tried.came {
            Came::Refused(_) => true,
            Came::Unknown => retry != Retry::Repeatable,
            Came::Unread => command.state != CommandState::Waiting,
            Came::Done | Came::NotSent { .. } | Came::ReadAtOnce(_) | Came::Read(_) => false,
        };
        if read {
            self.read_order(&mut access, offer, subject, &mut tried).await;
        }
        tried.next = next(retry, tried.came, command.attempts + 1, self.now());
        tried
    }

    async fn send(&self, access: &mut Access, command: &Command) -> Tried {
        let order = OrderCommand {
            kind: command.kind,
            channel_order_id: command.channel_order_id.clone(),
            package: command.package.clone(),
            words: command.words.clone(),
        };
        access.attempt = i64::try_from(command.attempts + 1).unwrap_or(i64::MAX);
        let ask = Ask::Command(ChannelCommand::Order(order));
        let (told, exchanges) = self.ask(access, &ask).await;
        let mut tried = Tried::told(told);
        tried.exchanges = exchanges;
        tried
    }

    /// Reads the order, keeps what was read for the inbox, and says where it stands.
    async fn read_order(
        &self,
        access: &mut Access,
        offer: &Offer,
        subject: &Subject,
        tried: &mut Tried,
    ) {
        let ask = Ask::Orders(vec![subject.channel_order_id.clone()]);
        let (told, exchanges) = self.ask(access, &ask).await;
        tried.exchanges.extend(exchanges);
        let standing = match told {
            Ok(Told::Fetched(fetched)) => {
                let standing = stands(access, offer, subject, &fetched.messages);
                tried.messages.extend(fetched.messages.into_iter().map(|raw| NewMessage {
                    kind: raw.kind.to_owned(),
                    body: raw.body.to_vec(),
                    modes: dermaga_store::work::Modes::REALTIME,
                }));
                standing
            }
            // The channel no longer knows the order.
            Err(ChannelError::NotFound) => Some(Standing::Past),
            Ok(_) | Err(_) => None,
        };
        tried.came = match (tried.came, standing) {
            (Came::Refused(_), Some(standing)) => Came::Refused(standing),
            (Came::Unknown, Some(standing)) => Came::ReadAtOnce(standing),
            (_, Some(standing)) => Came::Read(standing),
            (Came::Unknown, None) => Came::Unknown,
            (_, None) => Came::Unread,
        };
    }

    /// Adds what came of a command to what is kept.
    fn end(&self, answer: &mut Answer, command: &Command, tried: Tried) {
        let (kind, outcome) = (command.kind.as_str(), tried.state().as_str());
        metrics::counter!("dermaga_commands_total", "command" => kind, "outcome" => outcome)
            .increment(1);
        answer.marks.extend(tried.fetch(command, self.now()));
        answer.commands.push(tried.ended(command, self.now()));
        answer.exchanges.extend(tried.exchanges);
        answer.messages.extend(tried.messages);
    }
}

/// Where an order stands by what was just read of it; none when that cannot be told.
fn stands(
    access: &Access,
    offer: &Offer,
    subject: &Subject,
    messages: &[dermaga_channel::Raw],
) -> Option<Standing> {
    for raw in messages {
        let message = Message {
            kind: raw.kind,
            body: &raw.body,
            fetched: true,
            channel_shop_id: access.channel_shop_id.as_deref(),
        };
        let said = access.channel.interpret(&message, &access.credentials).ok()?;
        let mut said = said.orders.into_iter();
        let Some(said) = said.find(|said| said.channel_order_id == subject.channel_order_id) else {
            continue;
        };
        return seen_with(subject, &said).map(|seen| offer.standing(&seen));
    }
    None
}

/// What the order shows with this look: together with what is known of it, because the look may come from
/// a replica that lags. One that shows the order as it was before the buyer asked is no sign that the
/// request was answered. None when the look tells no status that the flow knows.
fn seen_with(subject: &Subject, said: &Heard) -> Option<Seen> {
    let heard: Vec<Fact> = said.facts.iter().map(|fact| fact.heard(Mode::Realtime, true)).collect();
    seen(&subject.flow, &heard, false).status?;
    let mut facts = subject.facts.clone();
    let is_new = |fact: &Fact| subject.facts.iter().all(|known| known.key != fact.key);
    facts.extend(heard.into_iter().filter(is_new));
    let newer = |head: &&Part<Head>| subject.head.is_none_or(|known| head.stamp > known);
    let head = said.snapshot.head.as_ref().filter(newer);
    let requested =
        head.map_or(subject.seen.cancel_requested, |head| head.content.cancel_requested);
    Some(seen(&subject.flow, &facts, requested))
}
