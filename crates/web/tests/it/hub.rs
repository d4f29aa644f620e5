//! A hub with two orgs, one shop each, and an order in the first.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use dermaga_channel::http::Client;
use dermaga_channel::{Capabilities, Channel, Registry};
use dermaga_domain::flow::{FlowFile, Preset};
use dermaga_domain::id::{OrderId, OrgId, ShopId};
use dermaga_domain::money::Currency;
use dermaga_domain::order::{Fact, Line, LineKey, Money, Part, Snapshot};
use dermaga_domain::term::Mode;
use dermaga_domain::time::{Clock, Time};
use dermaga_engine::{Engine, Settings as EngineSettings};
use dermaga_store::apply::{Batch, Heard};
use dermaga_store::read::accounts::{ACT, BearerToken, READ};
use dermaga_store::{NewConnection, NewFlowVersion, NewShop, Options, Store, migrate};
use dermaga_web::{App, Settings, hash_password, router};
use http_body_util::BodyExt as _;
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::shy::Shy;
use crate::toy::{FLOW, SECRET, Toy, toy};

pub(crate) struct Now;

impl Clock for Now {
    fn now(&self) -> Time {
        Time(1_795_140_000_000_000)
    }
}

pub(crate) struct Hub {
    pub(crate) web: Router,
    pub(crate) store: Store,
    pub(crate) engine: Engine,
    pub(crate) org: OrgId,
    pub(crate) order: OrderId,
    /// Paid and not accepted.
    pub(crate) second: OrderId,
    pub(crate) key: String,
    pub(crate) other_key: String,
    /// A key that may give commands.
    pub(crate) acting: String,
    /// A key that may download.
    pub(crate) loading: String,
    /// One of the other org that may.
    pub(crate) other_acting: String,
    pub(crate) cookie: String,
    _folder: TempDir,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub(crate) async fn shop(store: &Store, org: OrgId, name: &str, warehouse: &str) -> ShopId {
    let credentials = format!("{{\"secret\":\"{SECRET}\"}}");
    let connection = NewConnection {
        channel: "toy".to_owned(),
        name: name.to_owned(),
        credentials,
        webhook_route: format!("route-{name}"),
        token: None,
    };
    let connection = store.create_connection(org, connection).await.unwrap();
    let flow = NewFlowVersion {
        channel: "toy".to_owned(),
        preset: Some("classic".to_owned()),
        body: FlowFile::parse("toy", FLOW).unwrap().flow(Preset::Classic).to_toml(),
        by: None,
    };
    let warehouse = store.create_warehouse(org, warehouse).await.unwrap();
    let shop = NewShop {
        connection,
        channel: "toy".to_owned(),
        channel_shop_id: name.to_owned(),
        name: name.to_owned(),
        zone: "Asia/Jakarta".to_owned(),
        flow,
        order_sync: true,
        order_sync_from: None,
        return_sync_from: None,
        number_by_invoice: false,
        sources: vec![(warehouse, None)],
    };
    store.create_shop(org, shop).await.unwrap()
}

pub(crate) fn look() -> Snapshot {
    let line = Line {
        key: LineKey(Arc::from("1")),
        channel_product_id: "p-1".to_owned(),
        channel_sku: "GAYO".to_owned(),
        name: "Kopi <Gayo>".to_owned(),
        quantity: 2,
        cancelled: 0,
        unit_price: 55_000,
        units: Vec::new(),
    };
    let money = Money {
        currency: Currency::IDR,
        goods: 110_000,
        shipping: 9_000,
        fees: 0,
        discount: 0,
        total: 119_000,
    };
    Snapshot {
        lines: Some(Part::seen(vec![line], true, None, true)),
        money: Some(Part::seen(money, true, None, true)),
        ..Snapshot::default()
    }
}

impl Hub {
    pub(crate) async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("hub.db").display());
        migrate(&url, None).await.unwrap();
        let clock: Arc<dyn Clock> = Arc::new(Now);
        let store =
            Store::open(&url, Options::default(), [7; 32], Arc::clone(&clock)).await.unwrap();
        let org = store.create_org("Toko Contoh").await.unwrap();
        let other = store.create_org("Toko Lain").await.unwrap();
        let mine = shop(&store, org, "satu", "Bandung").await;
        shop(&store, other, "dua", "Bandung").await;
        let mut heard = Heard::of(mine, "7001");
        heard.facts = ["paid", "accepted"]
            .map(|status| Fact::of_order(status, None, Mode::Realtime))
            .to_vec();
        heard.snapshot = look();
        let batch = Batch { heard: vec![heard], ..Batch::new(org) };
        let order = store.apply(batch).await.unwrap().changed[0];
        let mut heard = Heard::of(mine, "8002");
        heard.facts = vec![Fact::of_order("paid", None, Mode::Realtime)];
        heard.snapshot = look();
        let batch = Batch { heard: vec![heard], ..Batch::new(org) };
        let second = store.apply(batch).await.unwrap().changed[0];
        let hash = hash_password("sandi-contoh").unwrap();
        let account = store.create_owner(org, "pemilik", "Pemilik", &hash).await.unwrap();
        let mut tokens = Vec::new();
        for (org, secret) in [(org, 1), (other, 2)] {
            let token = BearerToken::new(org, [secret; 32]);
            store.create_api_key(&token, "uji", READ).await.unwrap();
            tokens.push(token.reveal());
        }
        let acting = BearerToken::new(org, [4; 32]);
        store.create_api_key(&acting, "toko", &format!("{READ} {ACT}")).await.unwrap();
        let loading = BearerToken::new(org, [6; 32]);
        store.create_api_key(&loading, "unduh", &format!("{READ} download")).await.unwrap();
        let other_acting = BearerToken::new(other, [5; 32]);
        store.create_api_key(&other_acting, "lain", &format!("{READ} {ACT}")).await.unwrap();
        let session = BearerToken::new(org, [3; 32]);
        let expires = Time(Now.now().0 + 3_600_000_000);
        store.create_session(&session, account, expires).await.unwrap();
        let shy = Toy(Capabilities { sub_platforms: &[], ..toy().0 });
        let channels: [Arc<dyn Channel>; 2] = [Arc::new(toy()), Arc::new(Shy(shy))];
        let registry = Registry::new(channels);
        let client = Client::build().unwrap();
        let engine = Engine::new(store.clone(), registry, clock, client, EngineSettings::default());
        let metrics = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
        let settings = Settings { secure_cookies: false, ..Settings::default() };
        let web = router(App::new(engine.clone(), settings, metrics.handle()));
        let other_key = tokens.pop().unwrap();
        let key = tokens.pop().unwrap();
        let cookie = format!("dermaga={}", session.reveal());
        let acting = acting.reveal();
        let loading = loading.reveal();
        let other_acting = other_acting.reveal();
        Self {
            web,
            store,
            engine,
            org,
            order,
            second,
            key,
            other_key,
            acting,
            loading,
            other_acting,
            cookie,
            _folder: folder,
        }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.web.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8_lossy(&body).into_owned();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn api(&self, key: &str, path: &str) -> Answer {
        let request =
            Request::get(format!("/api/v1{path}")).header("authorization", format!("Bearer {key}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn page(&self, path: &str) -> Answer {
        self.page_as(&self.cookie, path).await
    }

    pub(crate) async fn page_as(&self, cookie: &str, path: &str) -> Answer {
        let request = Request::get(path).header("cookie", cookie);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, from: &str, form: &str) -> Answer {
        let request = Request::post(path)
            .header("cookie", &self.cookie)
            .header("host", "hub.example")
            .header("sec-fetch-site", from)
            .header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }
}
