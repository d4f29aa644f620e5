//! A client and its side of the wire, with a clock that only the test moves.

use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use dermaga_channel::consent::came_back;
use dermaga_channel::http::{Client, Exchange, Http, Pacer};
use dermaga_channel::reach::this_machine;
use dermaga_channel::{
    Asked, Call, Changes, Channel, Consent, Credentials, Error, Fetched, Grant, Heard,
    Interpretation, Message, Rate, Raw, Returned, Scope, Token, What,
};
use dermaga_domain::time::{Clock, Span, Time};
use dermaga_sandbox::{Config, Rates, Sandbox};
use dermaga_testkit::{START, SandboxClock, fields};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::messages::text;
use crate::profile::{Act, Profile};

/// As fast as it goes.
const UNPACED: Rate = Rate { per_second: 1_000_000, burst: 1_000_000 };
/// Where a seller's browser would come back to; nobody listens there.
const BACK: &str = "https://hub.example.test/consent";
/// How long an act of one side may take to reach the other, in real time.
const LIMIT: std::time::Duration = std::time::Duration::from_secs(20);

/// A webhook as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    /// The last part of its path.
    pub(crate) kind: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// What stands where webhooks go to: what came, and what it is answered.
#[derive(Default)]
struct Mailbox {
    received: Vec<Received>,
    answer: Option<StatusCode>,
}

/// A client at its channel.
pub(crate) struct Bench {
    pub(crate) profile: &'static Profile,
    pub(crate) channel: Arc<dyn Channel>,
    pub(crate) credentials: Credentials,
    pub(crate) sandbox: Sandbox,
    /// The channel's id of the shop.
    pub(crate) shop: String,
    token: Mutex<Token>,
    /// What requests for the shop carry besides its id.
    shop_key: Option<SecretString>,
    client: Client,
    pacer: Arc<Pacer>,
    mailbox: Arc<Mutex<Mailbox>>,
    /// Where webhooks go to, with its last slash.
    pub(crate) base_url: String,
    exchanges: Mutex<Vec<Exchange>>,
}

async fn take(State(mailbox): State<Arc<Mutex<Mailbox>>>, request: Request) -> StatusCode {
    let (head, body) = request.into_parts();
    let kind = head.uri.path().rsplit('/').next().unwrap_or_default().to_owned();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let mut mailbox = mailbox.lock().unwrap();
    mailbox.received.push(Received { kind, headers: head.headers, body });
    mailbox.answer.unwrap_or(StatusCode::OK)
}

/// Credentials as a person would enter them, with one of them otherwise.
pub(crate) fn entered(given: &Value, otherwise: Option<(&str, &str)>) -> Credentials {
    let all = fields(given).into_iter().map(|(name, value)| match otherwise {
        Some((field, other)) if field == name => (name, other.to_owned()),
        _ => (name, value.0),
    });
    Credentials::new(all.collect::<Vec<_>>())
}

impl Bench {
    pub(crate) async fn start(profile: &'static Profile) -> Self {
        let sandbox = Sandbox::start(Config {
            clock_start_us: START.0,
            clock_speed: 0,
            rates: Rates::Lifted,
            auto_transitions: false,
            ..Config::default()
        })
        .await
        .unwrap();
        let target = format!("/control/{}/credentials", profile.channel);
        let (_, given) = sandbox.control(&http::Method::GET, &target, &Value::Null);
        let mut credentials = entered(&given, None);
        let shop = text(&given["shops"][0]["id"]);
        let channel = Arc::clone(dermaga_channels::all().find(profile.channel).unwrap());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/webhooks/route/", listener.local_addr().unwrap());
        if channel.capabilities().credentials.iter().any(|field| field.name == "push_url") {
            // Where webhooks are signed for their address, it is entered as it is.
            let mut given = given.clone();
            given["push_url"] = Value::from(format!("{base_url}push"));
            credentials = entered(&given, None);
        }
        let mailbox = Arc::new(Mutex::new(Mailbox::default()));
        let router = axum::Router::new().fallback(take).with_state(Arc::clone(&mailbox));
        tokio::spawn(axum::serve(listener, router).into_future());
        let token = Token {
            access: String::new().into(),
            refresh: None,
            expires_at: START,
            renewable_until: None,
        };
        let mut bench = Self {
            profile,
            channel,
            credentials,
            sandbox,
            shop,
            token: Mutex::new(token),
            shop_key: None,
            client: Client::reaching(&this_machine()).unwrap(),
            pacer: Arc::default(),
            mailbox,
            base_url,
            exchanges: Mutex::default(),
        };
        let (token, key) = bench.connect(&bench.credentials).await.unwrap();
        *bench.token.lock().unwrap() = token;
        bench.shop_key = key;
        bench
    }

    /// The present.
    pub(crate) fn now(&self) -> Time {
        Time(self.sandbox.clock().now_us())
    }

    pub(crate) fn advance(&self, seconds: u32) {
        self.sandbox.clock().advance(seconds);
    }

    /// Asks the control API of the channel.
    pub(crate) fn control(&self, method: &str, target: &str, body: &Value) -> Value {
        let target = format!("/control/{}/{target}", self.profile.channel);
        let (status, answer) = self.sandbox.control(&method.parse().unwrap(), &target, body);
        assert!((200..300).contains(&status), "{target}: {status} {answer}");
        answer
    }

    pub(crate) fn place(&self, quantity: i64, paid: bool) -> String {
        let lines = json!([{"sku": self.profile.sku, "quantity": quantity}]);
        let placed = self.control("POST", "orders", &json!({"lines": lines, "paid": paid}));
        placed["order_id"].as_str().unwrap().to_owned()
    }

    /// Somebody acts on an order, a minute after what was before.
    pub(crate) fn act(&self, order: &str, (act, body): Act) {
        self.advance(60);
        let body = serde_json::from_str(body).unwrap();
        self.control("POST", &format!("orders/{order}/{act}"), &body);
    }

    pub(crate) fn at_channel(&self, order: &str) -> Value {
        self.control("GET", &format!("orders/{order}"), &Value::Null)
    }

    pub(crate) fn set_faults(&self, profile: &Value) {
        self.control("PUT", "faults", profile);
    }

    fn http(&self) -> Http {
        let clock: Arc<dyn Clock> = Arc::new(SandboxClock(self.sandbox.clock()));
        Http::new(self.client.clone(), Arc::clone(&self.pacer), UNPACED, clock)
    }

    /// Asks something, and keeps the exchanges.
    pub(crate) async fn ask<T>(&self, ask: impl AsyncFnOnce(&Call<'_>) -> T) -> T {
        let token = self.token().await;
        self.ask_with(&self.credentials, Some(&token), ask).await
    }

    /// The same, with these credentials and this token.
    pub(crate) async fn ask_with<T>(
        &self,
        credentials: &Credentials,
        token: Option<&Token>,
        ask: impl AsyncFnOnce(&Call<'_>) -> T,
    ) -> T {
        let http = self.http();
        let call = Call {
            credentials,
            channel_shop_id: token.map(|_| self.shop.as_str()),
            shop_key: self.shop_key.as_ref().map(ExposeSecret::expose_secret),
            token,
            http: &http,
            now: self.now(),
        };
        let told = ask(&call).await;
        self.exchanges.lock().unwrap().extend(http.take_exchanges());
        told
    }

    /// The token that holds now, renewed where it has ended.
    pub(crate) async fn token(&self) -> Token {
        let known = self.token.lock().unwrap().clone();
        if self.channel.consent().is_none() || known.expires_at > self.now() {
            return known;
        }
        let renewed = self.renew(&known).await.unwrap();
        *self.token.lock().unwrap() = renewed.clone();
        renewed
    }

    /// Renews a token.
    pub(crate) async fn renew(&self, token: &Token) -> Result<Token, Error> {
        let renew = async |call: &Call<'_>| self.channel.authorise(call).await;
        self.ask_with(&self.credentials, Some(token), renew).await
    }

    /// The exchanges so far.
    pub(crate) fn take_exchanges(&self) -> Vec<Exchange> {
        std::mem::take(&mut self.exchanges.lock().unwrap())
    }

    /// A token for what was entered, by the seller's consent where the channel asks for it.
    pub(crate) async fn authorise(&self, credentials: &Credentials) -> Result<Token, Error> {
        Ok(self.connect(credentials).await?.0)
    }

    /// A token, and what requests for the shop carry besides its id.
    async fn connect(
        &self,
        credentials: &Credentials,
    ) -> Result<(Token, Option<SecretString>), Error> {
        let Some(consent) = self.channel.consent() else {
            let authorise = async |call: &Call<'_>| self.channel.authorise(call).await;
            return Ok((self.ask_with(credentials, None, authorise).await?, None));
        };
        let returned = self.consented(consent, credentials)?;
        let grant = self.exchange(consent, credentials, &returned).await?;
        let mine = grant.shops.into_iter().find(|shop| shop.channel_shop_id == self.shop).unwrap();
        let token = match self.channel.capabilities().token_scope {
            Scope::Connection => grant.token,
            Scope::Shop => mine.token,
        };
        Ok((token.unwrap(), mine.key))
    }

    /// What the browser brings back from a seller who lets the hub in; the state is checked.
    pub(crate) fn consented(
        &self,
        consent: &dyn Consent,
        credentials: &Credentials,
    ) -> Result<Returned, Error> {
        let state = "Sr7kQ2zv9";
        let page = consent.page(credentials, &Asked { back: BACK, state, now: self.now() })?;
        let target = format!("/control/{}/consent", self.profile.channel);
        let body = json!({"page": page});
        let (status, answer) = self.sandbox.control(&http::Method::POST, &target, &body);
        if status == 400 {
            // A page whose address is signed is refused before anybody can press a button.
            let message = answer["message"].to_string();
            return Err(Error::AuthRefused { code: "page".to_owned(), message });
        }
        assert_eq!(status, 200, "{answer}");
        let (brought, returned) = came_back(&text(&answer["back"])).unwrap();
        assert_eq!(brought, state, "{}: the state is lost", self.profile.channel);
        Ok(returned)
    }

    /// Exchanges what the browser brought back.
    pub(crate) async fn exchange(
        &self,
        consent: &dyn Consent,
        credentials: &Credentials,
        returned: &Returned,
    ) -> Result<Grant, Error> {
        let exchange = async |call: &Call<'_>| consent.exchange(call, returned).await;
        self.ask_with(credentials, None, exchange).await
    }

    /// Every page of a window.
    pub(crate) async fn list(&self, what: What, from: Time, to: Time) -> Vec<Raw> {
        let (mut page, mut messages) = (None, Vec::new());
        for _ in 0..1_000 {
            let changes = Changes { what, from, to, page: page.take() };
            let fetched: Fetched = self
                .ask(async |call| self.channel.list_changes(call, &changes).await)
                .await
                .unwrap();
            messages.extend(fetched.messages);
            page = fetched.next;
            if page.is_none() {
                return messages;
            }
        }
        panic!("{}: the pages have no end", self.profile.channel);
    }

    /// What changed in the last hour.
    pub(crate) async fn lately(&self, what: What) -> Vec<Raw> {
        let now = self.now();
        self.list(what, now.minus(Span::hours(1)), now.plus(Span::seconds(1))).await
    }

    pub(crate) async fn fetch(&self, ids: &[String]) -> Result<Fetched, Error> {
        self.ask(async |call| self.channel.fetch_orders(call, ids).await).await
    }

    /// What fetched messages say, all of which must be readable.
    pub(crate) fn heard(&self, messages: &[Raw]) -> Vec<Heard> {
        let mut all = Vec::new();
        for raw in messages {
            let message = Message {
                kind: raw.kind,
                body: &raw.body,
                fetched: true,
                channel_shop_id: Some(&self.shop),
            };
            let said = self.interpret(&message);
            assert!(said.unread.is_empty(), "{}: {:?}", self.profile.channel, said.unread);
            all.extend(said.orders);
        }
        all
    }

    pub(crate) fn interpret(&self, message: &Message<'_>) -> Interpretation {
        self.channel.interpret(message, &self.credentials).unwrap()
    }

    /// What the details of one order say.
    pub(crate) async fn detail(&self, id: &str) -> Heard {
        let fetched = self.fetch(&[id.to_owned()]).await.unwrap();
        let mut heard = self.heard(&fetched.messages);
        assert_eq!(heard.len(), 1, "{}", self.profile.channel);
        heard.remove(0)
    }

    /// What webhooks are answered from now on.
    pub(crate) fn answer_with(&self, status: StatusCode) {
        self.mailbox.lock().unwrap().answer = Some(status);
    }

    /// What came, once everything that was sent has come.
    pub(crate) async fn received(&self) -> Vec<Received> {
        self.advance(2);
        let waiting = async {
            while self.control("GET", "webhooks?limit=1", &Value::Null)["outcomes"]["waiting"] != 0
            {
                // The sandbox tells nobody when it is done, so it is asked.
                tokio::time::sleep(std::time::Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(LIMIT, waiting).await.unwrap();
        std::mem::take(&mut self.mailbox.lock().unwrap().received)
    }

    /// Everything has been sent as often as the channel tries.
    pub(crate) async fn tried(&self) {
        self.advance(2);
        self.nothing_waits(3_600).await;
    }

    /// Waits until nothing is to be sent any more; at each look that many seconds have passed.
    async fn nothing_waits(&self, seconds: u32) {
        let waiting = async {
            while self.control("GET", "webhooks?limit=1", &Value::Null)["outcomes"]["waiting"] != 0
            {
                // The sandbox tells nobody when it is done, so it is asked.
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                self.advance(seconds);
            }
        };
        tokio::time::timeout(LIMIT, waiting).await.unwrap();
    }
}
