//! The acting side under every kind of trouble: commands of each kind, and what the channel's own books
//! say of them.

mod bulk;
mod power_cut;
mod trouble;

use std::sync::Arc;

use async_trait::async_trait;
use dermaga_channel::{
    Call, Capabilities, Changes, Channel, Command as ChannelCommand, Credentials, Done, Error,
    Fetched, Interpretation, ListingPage, Message, Registry, ShopNamed, Token, Webhook,
};
use dermaga_domain::command::{CommandLine, Words};
use dermaga_domain::term::{ChannelKind, CommandKind, CommandState};
use dermaga_engine::Given;
use dermaga_store::command::Command;
use dermaga_store::read::Scope;
use dermaga_testkit::{App, Power, Setup};
use serde_json::{Value, json};

const SKU: &str = "GAYO-250";
const KINDS: [CommandKind; 9] = [
    CommandKind::Accept,
    CommandKind::Partial,
    CommandKind::Reject,
    CommandKind::Cancel,
    CommandKind::AgreeCancel,
    CommandKind::RefuseCancel,
    CommandKind::Pickup,
    CommandKind::Ship,
    CommandKind::Label,
];

/// A seller without webhooks and whose tasks do not run: what the hub learns, it asks for.
fn alone() -> Setup {
    Setup { webhooks: false, ..Setup::of("tokopedia") }
}

async fn begin(app: &App) {
    app.engine.settle().await.unwrap();
    app.pause_tasks().await.unwrap();
    app.stock(SKU, 100_000).await.unwrap();
}

/// How many calls the channel has had.
fn calls_so_far(app: &App) -> u64 {
    let told = app.channel("GET", "calls?limit=1", &Value::Null).unwrap();
    told["total"].as_u64().unwrap()
}

/// An order for which the command may be given, known to the hub.
async fn order_for(app: &App, kind: CommandKind) -> String {
    let id = app.place(SKU, 2, true).unwrap();
    let acts: &[&str] = match kind {
        CommandKind::Accept | CommandKind::Partial | CommandKind::Reject => &[],
        CommandKind::AgreeCancel | CommandKind::RefuseCancel => &["accept", "request-cancel"],
        CommandKind::Cancel | CommandKind::Pickup | CommandKind::Ship | CommandKind::Label => {
            &["accept"]
        }
    };
    for act in acts {
        app.advance(1);
        app.at_channel(&id, act, &json!({})).unwrap();
    }
    // A pick-up is taken this long after the acceptance.
    app.advance(6);
    app.engine.download(app.org, app.shops[0], std::slice::from_ref(&id)).await.unwrap();
    app.engine.settle().await.unwrap();
    id
}

async fn words_for(app: &App, id: &str, kind: CommandKind) -> Words {
    let mut words = Words::default();
    let mut field = |name: &str, text: &str| words.fields.insert(name.to_owned(), text.to_owned());
    match kind {
        CommandKind::Reject | CommandKind::Cancel => {
            field("reason_text", "Lainnya");
            words.reason = Some("5".to_owned());
        }
        CommandKind::AgreeCancel => drop(field("reason_text", "Atas permintaan pembeli")),
        CommandKind::Ship => drop(field("awb", "CONTOH000111")),
        CommandKind::Partial => {
            let line = app.detail(id).await.unwrap().order.lines.remove(0);
            words.lines.push(CommandLine {
                key: line.id.to_string(),
                channel_product_id: String::new(),
                quantity: 1,
            });
        }
        CommandKind::Accept
        | CommandKind::RefuseCancel
        | CommandKind::Pickup
        | CommandKind::Label => {}
    }
    words
}

async fn give(app: &App, id: &str, kind: CommandKind) -> Given {
    let words = words_for(app, id, kind).await;
    let order = app.order(id).await.unwrap().id;
    let given = app.engine.command(&Scope::all(app.org), &[order], kind, &words, None).await;
    let given = given.unwrap();
    assert_eq!(given.waiting, 1, "{kind} of order {id}: {given:?}");
    given
}

async fn newest(app: &App, id: &str) -> Command {
    let order = app.order(id).await.unwrap().id;
    app.engine.store().commands_of(app.org, order).await.unwrap().remove(0)
}

/// Whether nothing more becomes of a command by itself.
fn is_over(command: &Command) -> bool {
    !matches!(command.state, CommandState::Waiting | CommandState::Sending | CommandState::Unknown)
}

/// Lets time pass and work be done until the command is at its end.
async fn see_through(app: &App, id: &str) -> Command {
    // The first wait is longer than any lease, all together longer than all tries.
    for wait in [61, 61, 301, 901, 1_801, 1_801, 1_801] {
        app.engine.settle().await.unwrap();
        let command = newest(app, id).await;
        if is_over(&command) {
            return command;
        }
        app.advance(wait);
    }
    panic!("the command comes to no end: {:?}", newest(app, id).await);
}

/// The endpoint of a kind, as the sandbox's log of calls names it.
const fn endpoint(kind: CommandKind) -> &'static str {
    match kind {
        CommandKind::Accept => "ack",
        CommandKind::Partial => "partial",
        CommandKind::Reject | CommandKind::Cancel | CommandKind::AgreeCancel => "nack",
        CommandKind::RefuseCancel => "reject_cancel",
        CommandKind::Pickup => "pick_up",
        CommandKind::Ship => "ship",
        CommandKind::Label => "label",
    }
}

/// What the channel's log of calls says of a command: how often it came, and how often it had its
/// effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct AtChannel {
    /// Requests that may have had the effect, as far as the hub could know.
    sent: usize,
    effects: usize,
    /// Of the sent, those that were repeated without the order having been read in between.
    blind: usize,
}

fn at_channel(app: &App, since: u64, id: &str, kind: CommandKind) -> AtChannel {
    of_order(&calls(app, since), id, kind)
}

/// The calls that the channel was asked, as it keeps them.
fn calls(app: &App, since: u64) -> Vec<Value> {
    let told = app.channel("GET", &format!("calls?after={since}"), &Value::Null).unwrap();
    told["calls"].as_array().unwrap().clone()
}

fn of_order<'a>(
    calls: impl IntoIterator<Item = &'a Value>,
    id: &str,
    kind: CommandKind,
) -> AtChannel {
    let mut told = AtChannel { sent: 0, effects: 0, blind: 0 };
    let mut read = true;
    for call in calls {
        if call["endpoint"] == json!("order_detail") && call["order_id"] == json!(id) {
            read = read || call["effect"] == json!(true);
        }
        if call["endpoint"] != json!(endpoint(kind)) || call["order_id"] != json!(id) {
            continue;
        }
        told.effects += usize::from(call["effect"] == json!(true));
        // It had no effect for sure: the hub may repeat it as it is.
        if !matches!(call["status"].as_u64(), Some(401 | 429)) {
            told.sent += 1;
            told.blind += usize::from(!read);
            read = false;
        }
    }
    told
}

/// What must hold at a command's end, whatever happened on the way.
async fn at_most_once(app: &App, since: u64, id: &str, ended: &Command, story: &str) {
    let kind = ended.kind;
    let told = at_channel(app, since, id, kind);
    let said = || format!("{kind}, {story}: {told:?} {ended:?}");
    match kind {
        // Printing twice does no harm; a page of maintenance cannot be told from a label.
        CommandKind::Label => {
            let page = story.contains("html_body");
            assert!(told.effects >= usize::from(!page), "{}", said());
        }
        // Whether the buyer was asked cannot be read: a person looks, and nobody is asked twice.
        CommandKind::Partial => {
            assert!(told.sent <= 1 && told.effects <= 1, "{}", said());
            let known = ended.state == CommandState::Done && told.effects == 1;
            assert!(known || ended.state == CommandState::NeedsPerson, "{}", said());
        }
        CommandKind::Accept
        | CommandKind::Reject
        | CommandKind::Cancel
        | CommandKind::AgreeCancel
        | CommandKind::RefuseCancel
        | CommandKind::Pickup
        | CommandKind::Ship => assert_eq!((told.effects, told.blind), (1, 0), "{}", said()),
    }
    if kind != CommandKind::Partial {
        assert_eq!(ended.state, CommandState::Done, "{}", said());
    }
    let theirs = app.channel("GET", &format!("orders/{id}"), &Value::Null).unwrap();
    let ours = app.order(id).await.unwrap();
    assert_eq!(
        ours.status.as_ref().map(|(_, status)| status.as_str()),
        theirs["status"].as_str(),
        "the hub does not hear of its own: {}",
        said()
    );
    let asked = theirs["cancel_request"]["open"] == json!(true);
    assert_eq!(ours.cancel_requested, asked, "{}", said());
}

/// A channel whose commands and reads need power, before they leave and after they have arrived.
struct Powered {
    channel: Arc<dyn Channel>,
    power: Power,
}

/// Every channel, so.
fn powered(power: &Power) -> Registry {
    Registry::new(dermaga_channels::all().iter().map(|(_, channel)| -> Arc<dyn Channel> {
        Arc::new(Powered { channel: Arc::clone(channel), power: power.clone() })
    }))
}

impl Powered {
    fn needs(&self, step: &str) -> Result<(), Error> {
        if self.power.holds(step) { Ok(()) } else { Err(Error::Unknown("no power".to_owned())) }
    }
}

#[async_trait]
impl Channel for Powered {
    fn kind(&self) -> ChannelKind {
        self.channel.kind()
    }
    fn capabilities(&self) -> &Capabilities {
        self.channel.capabilities()
    }
    fn flow_file(&self) -> &'static str {
        self.channel.flow_file()
    }
    async fn authorise(&self, call: &Call<'_>) -> Result<Token, Error> {
        self.channel.authorise(call).await
    }
    fn verify(&self, webhook: &Webhook<'_>, credentials: &Credentials) -> bool {
        self.channel.verify(webhook, credentials)
    }
    fn shop_named(&self, webhook: &Webhook<'_>) -> ShopNamed {
        self.channel.shop_named(webhook)
    }
    fn interpret(
        &self,
        message: &Message<'_>,
        credentials: &Credentials,
    ) -> Result<Interpretation, Error> {
        self.channel.interpret(message, credentials)
    }
    async fn list_changes(&self, call: &Call<'_>, changes: &Changes) -> Result<Fetched, Error> {
        self.channel.list_changes(call, changes).await
    }
    async fn fetch_orders(&self, call: &Call<'_>, ids: &[String]) -> Result<Fetched, Error> {
        self.needs("before the read")?;
        let read = self.channel.fetch_orders(call, ids).await;
        self.needs("after the read")?;
        read
    }
    async fn list_listings(
        &self,
        call: &Call<'_>,
        page: Option<&str>,
    ) -> Result<ListingPage, Error> {
        self.channel.list_listings(call, page).await
    }
    async fn execute(&self, call: &Call<'_>, command: &ChannelCommand) -> Result<Done, Error> {
        self.needs("before the send")?;
        let told = self.channel.execute(call, command).await;
        self.needs("after the send")?;
        told
    }
}
