//! What is looked at, and how long it takes.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use dermaga_channel::http::Client;
use dermaga_domain::id::{OrgId, ShopId};
use dermaga_domain::term::Tab;
use dermaga_domain::time::Span;
use dermaga_engine::Engine;
use dermaga_store::access::BearerToken;
use dermaga_store::read::Scope;
use dermaga_store::read::orders::{Cursor, PAGE_MAX, Query, Sort, View};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::ground::Ground;
use crate::load::FIRST_ORDER;
use crate::webhook::counting;

/// Orders of a page, as the pages show them.
const PAGE: i64 = 50;

/// Something to look at.
pub(super) struct Look {
    /// What it is called.
    pub(super) name: &'static str,
    /// What the store is asked; none = the counts of the tabs.
    query: Option<Query>,
    /// The page.
    path: String,
    /// The least that must be found.
    least: usize,
}

/// How long each look took, sorted.
pub(super) struct Timed {
    pub(super) server: Vec<Duration>,
    pub(super) http: Vec<Duration>,
}

/// Everything that is looked at.
pub(super) async fn all(
    engine: &Engine,
    org: OrgId,
    rare: ShopId,
    orders: u64,
) -> Result<Vec<Look>> {
    let scope = Scope::all(org);
    let of = |view, sort| Query { view, sort, limit: PAGE, ..Query::default() };
    let found = |text: String| Query { search: Some(text), ..of(View::All, Sort::Newest) };
    let look = |name, query, path: &str, least| Look {
        name,
        query: Some(query),
        path: path.to_owned(),
        least,
    };
    let (newest, due) = (of(View::All, Sort::Newest), of(View::All, Sort::Deadline));
    let tab = |tab| of(View::Tab(tab), Sort::Deadline);
    let completed = tab(Tab::Completed);
    let deep = middle(engine, &scope, &newest, orders).await?;
    let deep_tab = middle(engine, &scope, &completed, orders).await?;
    let number = FIRST_ORDER + orders / 2;
    Ok(vec![
        look("newest", newest.clone(), "/orders?tab=all&sort=newest", 50),
        look("deadline", due, "/orders?tab=all", 50),
        look("tab", tab(Tab::NewOrder), "/orders?tab=new_order", 5),
        look("completed", completed.clone(), "/orders?tab=completed", 50),
        look("action", of(View::Action, Sort::Deadline), "/orders?tab=action_needed", 0),
        look("bin", of(View::Bin, Sort::Newest), "/bin", 5),
        look(
            "deep",
            Query { after: Some(deep), ..newest.clone() },
            &format!("/orders?tab=all&sort=newest&after={deep}"),
            50,
        ),
        look(
            "deep_tab",
            Query { after: Some(deep_tab), ..completed },
            &format!("/orders?tab=completed&after={deep_tab}"),
            50,
        ),
        look(
            "rare_shop",
            Query { shop: Some(rare), ..newest },
            &format!("/orders?tab=all&sort=newest&shop={rare}"),
            0,
        ),
        look("number", found(number.to_string()), &format!("/orders?tab=all&q={number}"), 1),
        look("prefix", found("9000".to_owned()), "/orders?tab=all&q=9000", 1),
        look("nothing", found("zzz".to_owned()), "/orders?tab=all&q=zzz", 0),
        Look {
            name: "counts",
            query: None,
            path: "/orders?tab=failed_delivery".to_owned(),
            least: 0,
        },
    ])
}

/// A place in the middle of a list, reached as a person would: page after page.
async fn middle(engine: &Engine, scope: &Scope, list: &Query, orders: u64) -> Result<Cursor> {
    let pages = orders / 2 / u64::try_from(PAGE_MAX)?;
    let mut query = Query { limit: PAGE_MAX, ..list.clone() };
    for _ in 0..pages.max(1) {
        let page = engine.store().list_orders(scope, &query).await?;
        query.after = Some(page.next.context("the list ends before its middle")?);
    }
    query.after.context("no page was read")
}

/// A hub that serves pages to somebody who is logged in.
pub(super) struct Served {
    engine: Engine,
    org: OrgId,
    client: Client,
    origin: String,
    cookie: String,
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
}

impl Served {
    pub(super) async fn start(engine: &Engine, ground: &Ground) -> Result<Self> {
        let (store, org) = (engine.store(), ground.seller.org);
        let account = store.create_owner(org, "pemilik", "Pemilik", "none").await?;
        let token = BearerToken::new(org, [3; 32]);
        let expires = ground.clock.now().plus(Span::days(30));
        store.create_session(&token, account, expires).await?;
        let settings = dermaga_web::Settings { secure_cookies: false, ..Default::default() };
        let app = dermaga_web::App::new(engine.clone(), settings, counting()?);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let (stop, stopped) = oneshot::channel::<()>();
        let service = dermaga_web::router(app).into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move {
            let end = async move { drop(stopped.await) };
            axum::serve(listener, service).with_graceful_shutdown(end).await
        });
        let cookie = format!("dermaga={}", token.reveal());
        Ok(Self {
            engine: engine.clone(),
            org,
            client: Client::build()?,
            origin,
            cookie,
            stop,
            server,
        })
    }

    /// Looks so often, after once to warm up.
    pub(super) async fn time(&self, look: &Look, looks: u64) -> Result<Timed> {
        let (mut server, mut http) = (Vec::new(), Vec::new());
        for _ in 0..=looks {
            server.push(self.ask_store(look).await?);
            http.push(self.ask_page(look).await?);
        }
        for spans in [&mut server, &mut http] {
            spans.remove(0);
            spans.sort_unstable();
        }
        Ok(Timed { server, http })
    }

    async fn ask_store(&self, look: &Look) -> Result<Duration> {
        let scope = Scope::all(self.org);
        let began = Instant::now();
        let Some(query) = &look.query else {
            self.engine.store().tab_counts(&scope, None, None).await?;
            return Ok(began.elapsed());
        };
        let page = self.engine.store().list_orders(&scope, query).await?;
        let spent = began.elapsed();
        ensure!(page.orders.len() >= look.least, "{} found {}", look.name, page.orders.len());
        Ok(spent)
    }

    async fn ask_page(&self, look: &Look) -> Result<Duration> {
        let url = format!("{}{}", self.origin, look.path);
        let began = Instant::now();
        let request = self.client.request("GET".parse()?, &url).header("cookie", &self.cookie);
        let answer = request.send().await?;
        let status = answer.status();
        answer.bytes().await?;
        let spent = began.elapsed();
        ensure!(status.is_success(), "{} is answered {status}", look.path);
        Ok(spent)
    }

    pub(super) async fn stop(self) -> Result<()> {
        drop(self.stop);
        drop(self.client);
        self.server.await??;
        Ok(())
    }
}
