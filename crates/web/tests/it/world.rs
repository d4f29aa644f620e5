//! Two businesses on one database: the first has two shops and somebody of every role, the second wants
//! to see what it has.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use dermaga_channel::http::Client;
use dermaga_channel::{Channel, Registry};
use dermaga_domain::access::{KeyScope, Role};
use dermaga_domain::command::Words;
use dermaga_domain::id::{
    AccountId, ApiKeyId, BatchId, CommandId, DownloadId, ExchangeId, ListingId, NoticeId, OrderId,
    OrgId, ShopId, SkuId,
};
use dermaga_domain::order::{Buyer, Fact, Part};
use dermaga_domain::term::{CommandKind, Mode};
use dermaga_domain::time::{Clock, Time};
use dermaga_engine::{Engine, Settings as EngineSettings, Wish};
use dermaga_store::access::{BearerToken, Limits, NewKey, NewMember};
use dermaga_store::apply::{Batch, Heard};
use dermaga_store::command::Giver;
use dermaga_store::read::Scope;
use dermaga_store::read::exchanges::{Only, What};
use dermaga_store::read::orders::Query;
use dermaga_store::stock::{NewSku, SeenListing};
use dermaga_store::{Aim, Answer as Recorded, AppRole, NewExchange, Options, Store, migrate};
use dermaga_testdb::postgres::Postgres;
use dermaga_web::{App, Settings, router};
use http_body_util::BodyExt as _;
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::hub::{Answer, Now, look, shop};
use crate::toy::toy;

/// What only the first business knows of its first shop, and of itself.
pub(crate) const OF_FIRST: [&str; 6] =
    ["70010001", "tokopertama", "Gudangpertama", "Rahasiawati", "Jl. Contoh 17", "RAHASIA-MENTAH"];
/// What else the first business knows.
pub(crate) const OF_ORG: [&str; 3] = ["80020002", "tokokedua", "Gudangkedua"];

/// Where a world is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    Sqlite,
    Postgres,
    /// On PostgreSQL, with the org filter taken out of every statement.
    Bare,
}

/// Somebody, or some program.
pub(crate) struct Actor {
    pub(crate) name: String,
    pub(crate) role: Role,
    /// `cookie` or `authorization`, and its value.
    pub(crate) header: (&'static str, String),
}

pub(crate) struct World {
    web: Router,
    pub(crate) store: Store,
    pub(crate) org: OrgId,
    pub(crate) other: OrgId,
    /// Of the first business; the first order is of its first shop.
    pub(crate) orders: [OrderId; 2],
    pub(crate) shops: [ShopId; 2],
    pub(crate) command: CommandId,
    pub(crate) batch: BatchId,
    pub(crate) exchange: ExchangeId,
    pub(crate) sku: SkuId,
    pub(crate) listing: ListingId,
    pub(crate) download: DownloadId,
    pub(crate) notice: NoticeId,
    pub(crate) key: ApiKeyId,
    /// One of every role, unlimited, the owner first.
    pub(crate) people: Vec<Actor>,
    /// Of the first business, and limited to its second shop or the warehouse of that.
    pub(crate) limited: Vec<Actor>,
    /// Of the second business.
    pub(crate) strangers: Vec<Actor>,
    /// Programs of the first business: one that may everything, one that reads.
    pub(crate) programs: Vec<Actor>,
    pub(crate) account: AccountId,
    url: String,
    server: Option<Postgres>,
    _folder: TempDir,
}

async fn order(store: &Store, org: OrgId, shop: ShopId, number: &str) -> OrderId {
    let mut heard = Heard::of(shop, number);
    heard.facts =
        ["paid", "accepted"].map(|status| Fact::of_order(status, None, Mode::Realtime)).to_vec();
    heard.snapshot = look();
    let buyer = Buyer {
        name: "Rahasiawati".to_owned(),
        phone: "6281200000017".to_owned(),
        address: "Jl. Contoh 17".to_owned(),
        city: "Bandung".to_owned(),
        ..Buyer::default()
    };
    heard.snapshot.buyer = Some(Part::seen(buyer, true, None, true));
    let batch = Batch { heard: vec![heard], ..Batch::new(org) };
    store.apply(batch).await.unwrap().changed[0]
}

fn database(on: On, folder: &TempDir) -> (String, Options, Option<AppRole>, Option<Postgres>) {
    if on == On::Sqlite {
        let url = format!("sqlite:{}", folder.path().join("hub.db").display());
        return (url, Options::default(), None, None);
    }
    let server = Postgres::start().unwrap();
    let url = server.create_database().unwrap();
    let name = format!("app_{}", url.rsplit('/').next().unwrap());
    let role = AppRole::new(&name, "invented").unwrap();
    let options = Options {
        role: Some(role.clone()),
        without_org_filter: on == On::Bare,
        ..Options::default()
    };
    (url, options, Some(role), Some(server))
}

/// Makes people and programs, each with what they show.
struct Maker<'a> {
    store: &'a Store,
    number: u8,
}

impl Maker<'_> {
    fn token(&mut self, org: OrgId) -> BearerToken {
        self.number += 1;
        BearerToken::new(org, [self.number; 32])
    }

    async fn person(
        &mut self,
        org: OrgId,
        name: &str,
        role: Role,
        limits: Limits,
    ) -> (Actor, AccountId) {
        let link = self.token(org);
        let new = NewMember { login: name.to_owned(), name: name.to_owned(), role, limits };
        let account = self.store.invite(&link, new, Giver::Machine).await.unwrap();
        let session = self.token(org);
        let expires = Time(Now.now().0 + 3_600_000_000);
        self.store.create_session(&session, account, expires).await.unwrap();
        let header = ("cookie", format!("dermaga={}", session.reveal()));
        (Actor { name: name.to_owned(), role, header }, account)
    }

    async fn program(
        &mut self,
        org: OrgId,
        name: &str,
        scopes: &str,
        limits: Limits,
    ) -> (Actor, ApiKeyId) {
        let token = self.token(org);
        let new = NewKey { name: name.to_owned(), scopes: scopes.to_owned(), limits };
        let key = self.store.make_key(&token, new, Giver::Machine).await.unwrap();
        let header = ("authorization", format!("Bearer {}", token.reveal()));
        (Actor { name: name.to_owned(), role: Role::Integrator, header }, key)
    }
}

fn every_scope() -> String {
    KeyScope::ALL.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
}

/// Who comes.
struct Everybody {
    people: Vec<Actor>,
    account: AccountId,
    limited: Vec<Actor>,
    strangers: Vec<Actor>,
    programs: Vec<Actor>,
    key: ApiKeyId,
}

async fn everybody(store: &Store, org: OrgId, other: OrgId, second: ShopId) -> Everybody {
    let mut maker = Maker { store, number: 0 };
    let (mut people, mut account) = (Vec::new(), AccountId(0));
    for role in Role::ALL {
        let name = format!("orang-{role}");
        let (actor, id) = maker.person(org, &name, *role, Limits::default()).await;
        people.push(actor);
        if *role == Role::Packer {
            account = id;
        }
    }
    let warehouses = store.warehouses(org).await.unwrap();
    let warehouse = warehouses.iter().find(|it| it.name == "Gudangkedua").unwrap().id;
    let of_shop = Limits { shops: Some(vec![second]), warehouses: Some(vec![warehouse]) };
    let of_warehouse = Limits { shops: None, warehouses: Some(vec![warehouse]) };
    let all = every_scope();
    let limited = vec![
        maker.person(org, "orang-toko", Role::Manager, of_shop.clone()).await.0,
        maker.person(org, "orang-gudang", Role::Operator, of_warehouse.clone()).await.0,
        maker.program(org, "kunci-toko", &all, of_shop).await.0,
        maker.program(org, "kunci-gudang", &all, of_warehouse).await.0,
    ];
    let strangers = vec![
        maker.person(other, "pemilik-lain", Role::Owner, Limits::default()).await.0,
        maker.program(other, "kunci-lain", &all, Limits::default()).await.0,
    ];
    let (whole, key) = maker.program(org, "kunci-semua", &all, Limits::default()).await;
    let (reading, _) = maker.program(org, "kunci-baca", "read", Limits::default()).await;
    let programs = vec![whole, reading];
    Everybody { people, account, limited, strangers, programs, key }
}

impl World {
    pub(crate) async fn start(on: On) -> Self {
        let folder = TempDir::new().unwrap();
        let (url, options, role, server) = database(on, &folder);
        migrate(&url, role.as_ref()).await.unwrap();
        let clock: Arc<dyn Clock> = Arc::new(Now);
        let store = Store::open(&url, options, [7; 32], Arc::clone(&clock)).await.unwrap();
        let org = store.create_org("Usaha Pertama").await.unwrap();
        let other = store.create_org("Usaha Lain").await.unwrap();
        let first = shop(&store, org, "tokopertama", "Gudangpertama").await;
        let second = shop(&store, org, "tokokedua", "Gudangkedua").await;
        shop(&store, other, "tokolain", "Gudanglain").await;
        let orders = [
            order(&store, org, first, "70010001").await,
            order(&store, org, second, "80020002").await,
        ];
        let registry = Registry::new([Arc::new(toy()) as Arc<dyn Channel>]);
        let client = Client::build().unwrap();
        let engine = Engine::new(store.clone(), registry, clock, client, EngineSettings::default());
        let scope = Scope::all(org);
        let given = engine
            .command(&scope, &[orders[0]], CommandKind::Label, &Words::default(), Giver::Machine)
            .await
            .unwrap();
        engine.run_commands(org).await.unwrap();
        let command = store.commands_of(org, orders[0]).await.unwrap()[0].id;
        let exchange = exchange(&store, org, first).await;
        let (sku, listing) = goods(&store, org, first).await;
        let of_first = store.shops(org, Some(first)).await.unwrap().remove(0);
        let wish = Wish::Orders(vec!["70010001".to_owned()]);
        let download = engine.begin_download(org, &of_first, wish, Giver::Machine).await.unwrap();
        store.raise_notice(org, Some(first), "DMG-0205", "86400 172800").await.unwrap();
        let notice = store.notices(&Scope::all(org)).await.unwrap()[0].id;

        let Everybody { people, account, limited, strangers, programs, key } =
            everybody(&store, org, other, second).await;
        let metrics = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
        let settings = Settings { secure_cookies: false, ..Settings::default() };
        let web = router(App::new(engine, settings, metrics.handle()));
        Self {
            web,
            org,
            other,
            orders,
            shops: [first, second],
            command,
            batch: given.batch,
            exchange,
            sku,
            listing,
            download,
            notice,
            key,
            people,
            limited,
            strangers,
            programs,
            account,
            url,
            server,
            store,
            _folder: folder,
        }
    }

    /// Asks, as somebody or as nobody; a form or JSON for what changes something.
    pub(crate) async fn ask(
        &self,
        actor: Option<&Actor>,
        (method, path): (&Method, &str),
        from: &str,
        body: &str,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "hub.example")
            .header("sec-fetch-site", from);
        if let Some(actor) = actor {
            request = request.header(actor.header.0, &actor.header.1);
        }
        let json = path.starts_with("/api/");
        let kind = if json { "application/json" } else { "application/x-www-form-urlencoded" };
        request = request.header("content-type", kind);
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = self.web.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        // What is live never ends.
        let live = parts.headers.get("content-type").is_some_and(|it| it == "text/event-stream");
        let body = if live {
            String::new()
        } else {
            String::from_utf8_lossy(&body.collect().await.unwrap().to_bytes()).into_owned()
        };
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Everything that is kept but for who did what and when somebody was last here: on PostgreSQL
    /// every row of every table.
    pub(crate) async fn kept(&self) -> String {
        if let Some(server) = &self.server {
            return without_tables(
                &server.dump(&self.url).unwrap(),
                &["audit", "session", "api_key"],
            );
        }
        let mut text = String::new();
        for org in [self.org, self.other] {
            let counts = self.store.row_counts(org).await.unwrap();
            let counts: Vec<_> = counts.into_iter().filter(|(name, _)| name != "audit").collect();
            let scope = Scope::all(org);
            let query = Query { limit: 100, ..Query::default() };
            let orders = self.store.list_orders(&scope, &query).await.unwrap();
            let members = self.store.members(org, None).await.unwrap();
            let levels = self.store.stock_levels(&scope, "", None, 100).await.unwrap();
            let shops = self.store.shops(org, None).await.unwrap();
            let keys = self.store.api_keys(org).await.unwrap();
            let keys: Vec<_> = keys.iter().map(|key| (key.id, key.revoked_at)).collect();
            let members: Vec<_> =
                members.iter().map(|it| (it.id, it.role, &it.limits, it.disabled_at)).collect();
            text += &format!("{counts:?}{orders:?}{members:?}{levels:?}{shops:?}{keys:?}\n");
        }
        text
    }
}

/// A dump without the rows of some tables.
fn without_tables(dump: &str, tables: &[&str]) -> String {
    let (mut kept, mut skipped) = (String::new(), false);
    for line in dump.lines() {
        let of = |table: &&str| {
            line.starts_with(&format!("COPY public.{table} "))
                || line.starts_with(&format!("INSERT INTO public.{table} "))
        };
        if tables.iter().any(of) {
            skipped = line.starts_with("COPY ");
            continue;
        }
        if skipped {
            skipped = line != "\\.";
            continue;
        }
        // The command that lets nobody in between two dumps has a new secret each time.
        if !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict") {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// A SKU in the warehouse of the first shop, and a listing of that shop that shows it.
async fn goods(store: &Store, org: OrgId, shop: ShopId) -> (SkuId, ListingId) {
    let new = NewSku { code: "GAYO".to_owned(), name: "Kopi".to_owned(), components: Vec::new() };
    let sku = store.create_sku(org, new).await.unwrap();
    let seen = SeenListing {
        channel_product_id: "p-1".to_owned(),
        channel_sku: "GAYO".to_owned(),
        name: "Kopi tokopertama".to_owned(),
        active: true,
        channel_stock: Some(5),
    };
    store.upsert_listings(org, shop, vec![seen]).await.unwrap();
    let listings = store.listings(org, shop, "", 10).await.unwrap();
    (sku, listings[0].id)
}

/// An exchange that did not go well, with its answer.
async fn exchange(store: &Store, org: OrgId, shop: ShopId) -> ExchangeId {
    let connection = store.shops(org, Some(shop)).await.unwrap()[0].connection;
    let exchange = NewExchange {
        interface: "order_list".to_owned(),
        request: "GET /orders".to_owned(),
        status: Some(400),
        outcome: "rejected".to_owned(),
        at: Now.now(),
        duration_us: 1_000,
        brought: None,
        answer: Some(b"RAHASIA-MENTAH".to_vec()),
        aim: Aim::default(),
    };
    let answer = Recorded {
        org,
        connection,
        shop: Some(shop),
        exchanges: vec![exchange],
        messages: Vec::new(),
        done: Vec::new(),
        marks: Vec::new(),
        progress: None,
        pushed: Vec::new(),
        commands: Vec::new(),
        download: None,
        lease: None,
    };
    store.record(answer).await.unwrap();
    let (found, _) = store.exchanges(&Scope::all(org), (Only::All, None), 10).await.unwrap();
    let mut ids = found.iter().filter_map(|entry| match &entry.what {
        What::Asked { id, answered: true, .. } => Some(*id),
        What::Asked { .. } | What::Pushed { .. } => None,
    });
    ids.next_back().unwrap()
}
