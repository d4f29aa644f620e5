//! The inbox: raw messages, sealed, kept once per content; and the transmit log beside it.

use std::collections::{BTreeSet, HashMap};

use dermaga_domain::id::{ConnectionId, ExchangeId, MessageId, OrgId, ShopId};
use dermaga_domain::time::Time;

use crate::apply::marks;
use crate::apply::{FinishedMessage, TakenMark};
use crate::audit::{self, Trail, act};
use crate::command::{Ended, Giver, write_ended};
use crate::db::{self, Appended, Conn, Entry, Lane, Packed, Rows, Statement, statements};
use crate::download::{DownloadStep, write_step};
use crate::error::{Error, Result};
use crate::open::Store;
use crate::read::Scope;
use crate::stock::Pushed;
use crate::stock::push::write_pushed;
use crate::vault::Place;
use crate::work::{LeaseHeld, Mark, Modes, TaskProgress, guard, progress};

/// Bytes that are kept of an answer that did not go well: enough for every error that a channel
/// writes, and little where it answered with something else.
pub const ANSWER_BYTES_MAX: usize = 16 * 1024;

pub(crate) static APPEND: Statement = Statement::org(
    "inbox.append",
    "INSERT INTO message (org_id, id, connection_id, shop_id, kind, dedupe, received_at, body, state, repeats)
     SELECT $1, id, connection_id, shop_id, kind, dedupe, received_at, body, 'pending', repeats
     FROM ({rows $2+$3: id bigint, connection_id bigint, shop_id bigint, kind text, dedupe blob,
        received_at bigint, body blob, repeats bigint}) AS v WHERE true
     ON CONFLICT (org_id, connection_id, dedupe)
     DO UPDATE SET repeats = message.repeats + 1 + excluded.repeats, state = 'pending'
     RETURNING id, connection_id, dedupe",
);

/// What was fetched: the same content again is nothing new, unless it was only looked at before.
static APPEND_FETCHED: Statement = Statement::org(
    "inbox.append_fetched",
    "INSERT INTO message (org_id, id, connection_id, shop_id, kind, modes, fetched, dedupe, received_at, body, state)
     SELECT $1, id, connection_id, shop_id, kind, modes, TRUE, dedupe, received_at, body, state
     FROM ({rows $2+$3: id bigint, connection_id bigint, shop_id bigint, kind text, modes bigint,
        dedupe blob, received_at bigint, body blob, state text}) AS v WHERE true
     ON CONFLICT (org_id, connection_id, dedupe) DO UPDATE SET state = excluded.state
     WHERE message.state = 'previewed' AND excluded.state = 'pending'",
);

static INSERT_EXCHANGES: Statement = Statement::org(
    "inbox.insert_exchanges",
    "WITH v AS MATERIALIZED ({rows $2: id bigint, connection_id bigint, shop_id bigint,
        interface text, request text, status bigint, outcome text, at bigint, duration_us bigint,
        message_id bigint, answer blob, about text, window_from bigint, window_to bigint, page text,
        attempt bigint})
     INSERT INTO exchange (org_id, id, connection_id, shop_id, interface, request, status, outcome,
        at, duration_us, message_id, answer, about, window_from, window_to, page, attempt)
     SELECT $1, id, connection_id, shop_id, interface, request, status, outcome, at, duration_us,
        message_id, answer, about, window_from, window_to, page, attempt FROM v",
);

/// The messages of these contents: a repeated one has the id of the first.
static FIND_MESSAGES: Statement = Statement::org(
    "inbox.find_messages",
    "WITH v AS MATERIALIZED ({rows $2: connection_id bigint, dedupe blob})
     SELECT m.id, m.dedupe FROM v {join} message m ON m.org_id = $1
        AND m.connection_id = v.connection_id AND m.dedupe = v.dedupe",
);

/// A dead letter whose body is still there is read again.
static REVIVE: Statement = Statement::org(
    "inbox.revive",
    "UPDATE message SET state = 'pending', reason = NULL
     WHERE org_id = $1 AND id = $2 AND state = 'dead' AND length(body) > 0",
);

static FIND_ANSWER: Statement = Statement::org(
    "inbox.find_answer",
    "SELECT shop_id, answer FROM exchange WHERE org_id = $1 AND id = $2 AND answer IS NOT NULL",
);

static LIST_PENDING: Statement = Statement::org(
    "inbox.list_pending",
    "SELECT id, connection_id, shop_id, kind, modes, fetched, received_at, body, repeats
     FROM message WHERE org_id = $1 AND state = 'pending' AND id > $2 ORDER BY id LIMIT $3",
);

static FIND_BODIES: Statement = Statement::org(
    "inbox.find_bodies",
    "WITH v AS MATERIALIZED ({rows $2: id bigint})
     SELECT m.id, m.connection_id, m.shop_id, m.kind, m.modes, m.fetched, m.received_at, m.body,
            m.repeats
     FROM v {join} message m ON m.org_id = $1 AND m.id = v.id",
);

static FINISH: Statement = Statement::org(
    "inbox.finish",
    "WITH v AS MATERIALIZED ({rows $2: id bigint, repeats bigint, state text, reason text})
     UPDATE message SET state = v.state, reason = v.reason
     FROM v WHERE message.org_id = $1 AND message.id = v.id AND message.repeats = v.repeats",
);

static RELEASE_HELD: Statement = Statement::org(
    "inbox.release_held",
    "UPDATE message SET state = 'pending', reason = NULL
     WHERE org_id = $1 AND shop_id = $2 AND state = 'held'",
);

/// A message that named no shop may be this one's: if it is not, it is held again.
static RELEASE_NAMELESS: Statement = Statement::org(
    "inbox.release_nameless",
    "UPDATE message SET state = 'pending', reason = NULL
     WHERE org_id = $1 AND shop_id IS NULL AND state = 'held'",
);

statements![
    RELEASE_NAMELESS,
    APPEND,
    APPEND_FETCHED,
    INSERT_EXCHANGES,
    FIND_MESSAGES,
    FIND_ANSWER,
    REVIVE,
    FIND_BODIES,
    LIST_PENDING,
    FINISH,
    RELEASE_HELD
];

/// The ids of messages, by their places in an answer.
pub(crate) type Brought = HashMap<usize, i64>;

/// A webhook that was verified.
#[derive(Debug, Clone)]
pub struct Received {
    /// The org.
    pub org: OrgId,
    /// The connection it came for.
    pub connection: ConnectionId,
    /// The shop, when the body names one.
    pub shop: Option<ShopId>,
    /// What it is, in the channel's words.
    pub kind: String,
    /// The body.
    pub body: Vec<u8>,
}

/// A message that waits.
#[derive(Debug, Clone)]
pub struct Pending {
    /// Its id.
    pub id: MessageId,
    /// The connection it came through.
    pub connection: ConnectionId,
    /// The shop, when known.
    pub shop: Option<ShopId>,
    /// What it is.
    pub kind: String,
    /// The modes it serves.
    pub modes: Modes,
    /// Whether we fetched it.
    pub fetched: bool,
    /// When it came.
    pub received_at: Time,
    /// How often it has been repeated so far.
    pub repeats: i64,
    /// The body; an error when it can no longer be opened.
    pub body: Result<Vec<u8>>,
}

/// One exchange with a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewExchange {
    /// What was asked, by the endpoint's name.
    pub interface: String,
    /// Method and path.
    pub request: String,
    /// Status of the answer.
    pub status: Option<u16>,
    /// `ok` or the name of the error.
    pub outcome: String,
    /// When it began.
    pub at: Time,
    /// How long it took, in microseconds.
    pub duration_us: i64,
    /// Which of the messages of the same [`Answer`] it brought, by its place there.
    pub brought: Option<usize>,
    /// The body of the answer, when it did not go well: it is kept sealed, cut off at
    /// [`ANSWER_BYTES_MAX`].
    pub answer: Option<Vec<u8>>,
    /// What it was after.
    pub aim: Aim,
}

/// What a request was after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aim {
    /// The channel's id of the order, when it was one.
    pub order: Option<String>,
    /// Of a list: from when, and to when.
    pub window: Option<(Time, Time)>,
    /// Of a list: its page, as the channel names it; none = the first.
    pub page: Option<String>,
    /// Which try it was, from 1.
    pub attempt: i64,
}

impl Default for Aim {
    fn default() -> Self {
        Self { order: None, window: None, page: None, attempt: 1 }
    }
}

/// A message that a fetch brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// What it is.
    pub kind: String,
    /// The bytes.
    pub body: Vec<u8>,
    /// The modes it serves.
    pub modes: Modes,
}

/// What came of asking a channel: all of it is stored in one transaction, or nothing.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The org.
    pub org: OrgId,
    /// The connection.
    pub connection: ConnectionId,
    /// The shop that was asked for.
    pub shop: Option<ShopId>,
    /// The exchanges, for the transmit log.
    pub exchanges: Vec<NewExchange>,
    /// What they brought, for the inbox.
    pub messages: Vec<NewMessage>,
    /// Marks that are done.
    pub done: Vec<TakenMark>,
    /// Marks that are new.
    pub marks: Vec<Mark>,
    /// Where the task stands now.
    pub progress: Option<TaskProgress>,
    /// What listings were told.
    pub pushed: Vec<Pushed>,
    /// Where commands stand now.
    pub commands: Vec<Ended>,
    /// What it is for a download: then its messages wait until a person agrees.
    pub download: Option<DownloadStep>,
    /// The lease under which it was asked: if it was lost meanwhile, nothing is stored.
    pub lease: Option<LeaseHeld>,
}

#[derive(sqlx::FromRow)]
struct ContentRow {
    id: i64,
    dedupe: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct AnswerRow {
    shop_id: Option<i64>,
    answer: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct PendingRow {
    id: i64,
    connection_id: i64,
    shop_id: Option<i64>,
    kind: String,
    modes: i64,
    fetched: bool,
    received_at: i64,
    body: Vec<u8>,
    repeats: i64,
}

impl Store {
    /// Keeps a verified webhook. Answers after its commit: only then may the channel be told 200.
    ///
    /// # Errors
    /// Busy or full: tell the channel to come again.
    pub async fn receive(&self, received: Received) -> Result<(MessageId, bool)> {
        let now = self.now();
        self.vault.prepare(&self.db, received.org, now).await?;
        let id = self.ids.next(now);
        let dedupe =
            self.vault.hash(received.org, &dedupe_text(&received.kind, None, &received.body));
        let body =
            self.vault.seal(&body_place(received.org, &id.to_string()), now, &received.body)?;
        let entry = Entry {
            org_id: received.org.0,
            id,
            connection_id: received.connection.0,
            shop_id: received.shop.map(|shop| shop.0),
            kind: received.kind,
            dedupe,
            received_at: now.0,
            body,
        };
        let appended = self.appender.append(entry).await?;
        self.db.notify();
        Ok(match appended {
            Appended::Inserted => (MessageId(id), false),
            Appended::Repeated(first) => (MessageId(first), true),
        })
    }

    /// Messages that wait, the oldest first, from after an id.
    ///
    /// # Errors
    /// The database's.
    pub async fn pending(&self, org: OrgId, after: MessageId, limit: i64) -> Result<Vec<Pending>> {
        let rows: Vec<PendingRow> = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(async move {
                    conn.all(&LIST_PENDING, &[org.0.into(), after.0.into(), limit.into()]).await
                })
            })
            .await?;
        let mut pending = Vec::with_capacity(rows.len());
        for row in rows {
            pending.push(self.opened(org, row).await);
        }
        Ok(pending)
    }

    /// Messages by their ids, with their bodies.
    ///
    /// # Errors
    /// The database's.
    pub async fn messages(&self, org: OrgId, ids: &[MessageId]) -> Result<Vec<Pending>> {
        let rows = crate::read::id_rows(ids.iter().map(|id| id.0));
        let values = vec![org.0.into(), rows.into()];
        let rows: Vec<PendingRow> = self.all(org, &FIND_BODIES, values).await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            found.push(self.opened(org, row).await);
        }
        Ok(found)
    }

    async fn opened(&self, org: OrgId, row: PendingRow) -> Pending {
        let id = row.id.to_string();
        let body = self.vault.open(&self.db, &body_place(org, &id), &row.body).await;
        Pending {
            id: MessageId(row.id),
            connection: ConnectionId(row.connection_id),
            shop: row.shop_id.map(ShopId),
            kind: row.kind,
            modes: Modes::from_bits(row.modes),
            fetched: row.fetched,
            received_at: Time(row.received_at),
            repeats: row.repeats,
            body,
        }
    }

    /// Finishes messages that concern no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn finish_messages(&self, org: OrgId, done: Vec<FinishedMessage>) -> Result<()> {
        if done.is_empty() {
            return Ok(());
        }
        self.db
            .write_with(Lane::Short, Some(org.0), done, move |conn, done| {
                Box::pin(async move {
                    conn.execute(&FINISH, &[org.0.into(), marks::message_rows(done).into()]).await
                })
            })
            .await?;
        Ok(())
    }

    /// Lets messages that were held while a shop's order sync was off be applied.
    ///
    /// # Errors
    /// The database's.
    pub async fn release_held(&self, org: OrgId, shop: ShopId) -> Result<u64> {
        let released = self
            .db
            .write(Lane::Short, Some(org.0), move |conn| {
                Box::pin(async move {
                    let named = conn.execute(&RELEASE_HELD, &[org.0.into(), shop.0.into()]).await?;
                    Ok(named + conn.execute(&RELEASE_NAMELESS, &[org.0.into()]).await?)
                })
            })
            .await?;
        self.db.notify();
        Ok(released)
    }

    /// Stores what came of asking a channel.
    ///
    /// # Errors
    /// [`Error::LeaseLost`] when someone else took over meanwhile; then nothing is stored.
    pub async fn record(&self, answer: Answer) -> Result<()> {
        let now = self.now();
        self.vault.prepare(&self.db, answer.org, now).await?;
        let org = answer.org;
        let work = (self.clone(), answer, now);
        self.attempt(Lane::Short, org, work, |conn, (store, answer, now)| {
            Box::pin(store.record_once(conn, answer, *now))
        })
        .await?;
        self.db.notify();
        Ok(())
    }

    async fn record_once(
        &self,
        conn: &mut Conn,
        answer: &Answer,
        now: Time,
    ) -> db::Result<Result<()>> {
        let org = answer.org.0;
        if let Some(lease) = &answer.lease
            && !guard(conn, answer.org, lease, now).await?
        {
            return Ok(Err(Error::LeaseLost(lease.name.clone())));
        }
        // What a download brings is only looked at until a person agrees.
        let state = if answer.download.is_some() { "previewed" } else { "pending" };
        let (mut rows, mut bodies) = (Rows::default(), Packed::default());
        let mut contents = Vec::with_capacity(answer.messages.len());
        for message in &answer.messages {
            let id = self.ids.next(now);
            let text = dedupe_text(&message.kind, Some(message.modes), &message.body);
            let dedupe = self.vault.hash(answer.org, &text);
            contents.push(dedupe);
            let place = id.to_string();
            let place = body_place(answer.org, &place);
            let sealed = match self.vault.seal(&place, now, &message.body) {
                Ok(sealed) => sealed,
                Err(error) => return Ok(Err(error)),
            };
            rows.push(&[
                &id,
                &answer.connection.0,
                &answer.shop.map(|shop| shop.0),
                &message.kind,
                &message.modes.bits(),
                &bodies.push(&dedupe),
                &now.0,
                &bodies.push(&sealed),
                &state,
            ]);
        }
        if !rows.is_empty() {
            conn.execute(&APPEND_FETCHED, &[org.into(), rows.into(), bodies.into()]).await?;
        }
        let brought = brought(conn, answer, &contents).await?;
        let exchanges = match self.exchange_rows(answer, &brought, now) {
            Ok(exchanges) => exchanges,
            Err(error) => return Ok(Err(error)),
        };
        if !exchanges.is_empty() {
            conn.execute(&INSERT_EXCHANGES, &[org.into(), exchanges.into()]).await?;
        }
        if let Err(error) = write_ended(self, conn, answer.org, &answer.commands, now).await? {
            return Ok(Err(error));
        }
        if let Some(step) = &answer.download {
            write_step(conn, answer.org, step, (&brought, now)).await?;
        }
        write_pushed(self, conn, org, &answer.pushed, now).await?;
        marks::write(conn, org, &answer.marks, &answer.done).await?;
        if let Some(step) = &answer.progress {
            progress(conn, answer.org, step).await?;
        }
        Ok(Ok(()))
    }

    fn exchange_rows(&self, answer: &Answer, brought: &Brought, now: Time) -> Result<Rows> {
        let mut rows = Rows::default();
        for exchange in &answer.exchanges {
            let id = self.ids.next(now);
            let row = id.to_string();
            let sealed = match &exchange.answer {
                Some(body) => {
                    let kept = body.get(..ANSWER_BYTES_MAX).unwrap_or(body);
                    Some(self.vault.seal(&answer_place(answer.org, &row), now, kept)?)
                }
                None => None,
            };
            rows.push(&[
                &id,
                &answer.connection.0,
                &answer.shop.map(|shop| shop.0),
                &exchange.interface,
                &exchange.request,
                &exchange.status,
                &exchange.outcome,
                &exchange.at.0,
                &exchange.duration_us,
                &exchange.brought.and_then(|place| brought.get(&place).copied()),
                &sealed,
                &exchange.aim.order,
                &exchange.aim.window.map(|(from, _)| from.0),
                &exchange.aim.window.map(|(_, to)| to.0),
                &exchange.aim.page,
                &exchange.aim.attempt,
            ]);
        }
        Ok(rows)
    }

    /// Reads a dead letter again, and writes down who wished so; false when it is none, or its body is
    /// gone.
    ///
    /// # Errors
    /// The database's.
    pub async fn hear_again(&self, org: OrgId, id: MessageId, by: Giver) -> Result<bool> {
        let said = Trail::one(self, by, act::LOG_AGAIN, (&id.to_string(), "")).packed();
        let revived = self
            .db
            .write_with(Lane::Short, Some(org.0), said, move |conn, said| {
                Box::pin(async move {
                    let revived = conn.execute(&REVIVE, &[org.0.into(), id.0.into()]).await?;
                    if revived > 0 {
                        audit::write(conn, org.0, said).await?;
                    }
                    Ok(revived)
                })
            })
            .await?;
        self.db.notify();
        Ok(revived > 0)
    }

    /// What a channel answered to a request that did not go well, as far as it was kept; none when
    /// nothing was, or it is not theirs to see. It may hold anything: show it to the owner only.
    ///
    /// # Errors
    /// The database's, or when it can no longer be opened.
    pub async fn exchange_answer(&self, scope: &Scope, id: ExchangeId) -> Result<Option<Vec<u8>>> {
        let org = scope.org;
        let found: Option<AnswerRow> = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(
                    async move { conn.optional(&FIND_ANSWER, &[org.0.into(), id.0.into()]).await },
                )
            })
            .await?;
        let seen = |row: &AnswerRow| {
            row.shop_id.map_or_else(|| scope.is_all(), |shop| scope.sees(ShopId(shop)))
        };
        let Some(row) = found.filter(seen) else { return Ok(None) };
        let place = id.0.to_string();
        self.vault.open(&self.db, &answer_place(org, &place), &row.answer).await.map(Some)
    }
}

/// The ids of the messages that exchanges and orders of a download name, by their places in the answer.
async fn brought(conn: &mut Conn, answer: &Answer, contents: &[[u8; 32]]) -> db::Result<Brought> {
    let wanted: Vec<usize> = answer
        .exchanges
        .iter()
        .filter_map(|exchange| exchange.brought)
        .chain(answer.download.iter().flat_map(DownloadStep::places))
        .filter(|place| *place < contents.len())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    if wanted.is_empty() {
        return Ok(Brought::new());
    }
    let mut rows = Rows::default();
    for place in &wanted {
        rows.push(&[&answer.connection.0, &contents[*place]]);
    }
    let found: Vec<ContentRow> =
        conn.all(&FIND_MESSAGES, &[answer.org.0.into(), rows.into()]).await?;
    let id_of = |place: usize| found.iter().find(|row| row.dedupe == contents[place]);
    Ok(wanted.into_iter().filter_map(|place| Some((place, id_of(place)?.id))).collect())
}

pub(crate) const fn answer_place(org: OrgId, row: &str) -> Place<'_> {
    Place { org, table: "exchange", row, column: "answer" }
}

pub(crate) const fn body_place(org: OrgId, row: &str) -> Place<'_> {
    Place { org, table: "message", row, column: "body" }
}

/// The reading of what is fetched. Raise it when a channel's client comes to understand more of the same
/// bytes: what was read before is then read anew, once, when it is fetched again. 2: sub-platforms.
const READING: u8 = 2;

/// What a repetition is found by. For what was fetched the modes belong to it, because the same page asked
/// for by a person brings facts of another mode, and so does how it is read.
fn dedupe_text(kind: &str, modes: Option<Modes>, body: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(kind.len() + body.len() + 3);
    text.extend_from_slice(kind.as_bytes());
    text.push(0);
    let fetched = modes.map(|modes| u8::try_from(1 + modes.bits()).unwrap_or(u8::MAX));
    text.push(fetched.unwrap_or(0));
    text.extend(fetched.map(|_| READING));
    text.extend_from_slice(body);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_fetched_under_an_earlier_reading_is_read_anew_and_a_webhook_is_not() {
        let modes = Modes::REALTIME;
        let earlier = |modes: u8| [b"order\0".as_slice(), &[modes], b"{}"].concat();
        let fetched = u8::try_from(1 + modes.bits()).unwrap();
        assert_ne!(dedupe_text("order", Some(modes), b"{}"), earlier(fetched));
        assert_eq!(dedupe_text("order", None, b"{}"), earlier(0));
    }
}
