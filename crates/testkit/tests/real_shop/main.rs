//! A WooCommerce shop driven from its connection to its disconnection, through the real engine on the
//! embedded database and the hub's own listener.
//!
//! ```text
//!  WOO_URL, WOO_KEY, WOO_SECRET   the shop and a key of it that may read and write
//!  WOO_CA                         a PEM file, for a certificate of an authority of one's own
//!  WOO_HOOK_LISTEN                where the hub listens; a free port of this machine
//!  WOO_HOOK_URL                   the address under which the shop reaches that
//! ```
//!
//! Without the first three a real shop is not driven, and the test says so. The sandbox always is, by the
//! same course, so that the course cannot rot.
#![expect(clippy::print_stdout, reason = "what was done is told line by line")]

mod course;
mod hub;
mod shop;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use dermaga_domain::time::Clock as _;
use dermaga_sandbox::{Config, Sandbox};
use dermaga_testkit::Failure;

use crate::course::Limits;
use crate::hub::MachineClock;

/// What the course is given.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    /// The shop's *Site Address*.
    pub(crate) site: String,
    /// The consumer key.
    pub(crate) key: String,
    /// Its secret.
    pub(crate) secret: String,
    /// PEM of authorities that are trusted besides those of the machine; blank = none.
    pub(crate) authority: String,
    /// Where the hub listens.
    pub(crate) listen: SocketAddr,
    /// Where the shop reaches it; none = at the address it listens at.
    pub(crate) public: Option<String>,
}

#[expect(clippy::disallowed_methods, reason = "which shop is driven is said by hand")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// The shop that was named; none when none was.
fn named() -> Result<Option<Given>, Failure> {
    let all = ["WOO_URL", "WOO_KEY", "WOO_SECRET"].map(|name| (name, setting(name)));
    let missing: Vec<&str> =
        all.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| *name).collect();
    if missing.len() == all.len() {
        return Ok(None);
    }
    let [(_, Some(site)), (_, Some(key)), (_, Some(secret))] = all else {
        return Err(format!("a shop is named, but {} is not set", missing.join(", ")).into());
    };
    let authority = match setting("WOO_CA") {
        Some(file) => std::fs::read_to_string(&file).map_err(|e| format!("WOO_CA {file}: {e}"))?,
        None => String::new(),
    };
    let listen = setting("WOO_HOOK_LISTEN").unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let listen = listen.parse().map_err(|e| format!("WOO_HOOK_LISTEN {listen}: {e}"))?;
    Ok(Some(Given { site, key, secret, authority, listen, public: setting("WOO_HOOK_URL") }))
}

/// The course of a shop on the other side of the world, whose queue runs when somebody looks at it.
#[tokio::test]
async fn a_real_shop_is_driven() -> Result<(), Failure> {
    match named()? {
        Some(given) => course::drive(&given, &Limits::default()).await,
        None => {
            println!("not run: WOO_URL, WOO_KEY and WOO_SECRET name no shop");
            Ok(())
        }
    }
}

/// The sandbox's shop, whose clock is the machine's.
async fn sandbox() -> Result<Sandbox, Failure> {
    let clock_start_us = MachineClock.now().0;
    Ok(Sandbox::start(Config { clock_start_us, ..Config::default() }).await?)
}

fn of_sandbox(site: Option<String>, authority: &str) -> Result<Given, Failure> {
    Ok(Given {
        site: site.ok_or("the sandbox has no such address")?,
        key: "ck_sandbox_580001".to_owned(),
        secret: "cs_sandbox_not_a_real_one".to_owned(),
        authority: authority.to_owned(),
        listen: ([127, 0, 0, 1], 0).into(),
        public: None,
    })
}

#[tokio::test]
async fn the_sandbox_is_driven_over_http_with_signatures() -> Result<(), Failure> {
    let sandbox = sandbox().await?;
    let given = of_sandbox(sandbox.channel_url("woocommerce"), "")?;
    course::drive(&given, &Limits::default()).await
}

#[tokio::test]
async fn the_sandbox_is_driven_over_tls_with_its_authority() -> Result<(), Failure> {
    let sandbox = sandbox().await?;
    let site = sandbox.secure_channel_url("woocommerce");
    let given = of_sandbox(site, sandbox.certificate_authority())?;
    course::drive(&given, &Limits::default()).await
}

/// A hub that its shop cannot reach hears nothing: the course says that this is why, and leaves
/// nothing at the shop all the same.
#[tokio::test]
async fn a_hub_that_the_shop_cannot_reach_is_told_so() -> Result<(), Failure> {
    let sandbox = sandbox().await?;
    let given = of_sandbox(sandbox.channel_url("woocommerce"), "")?;
    // The port is nobody's: it was free a moment ago.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let given = Given { public: Some(format!("http://{nobody}")), ..given };
    let limits = Limits { webhook: Duration::from_secs(5), ..Limits::default() };
    let Err(failure) = course::drive(&given, &limits).await else {
        return Err("it went through, although the shop reached nobody".into());
    };
    let said = failure.to_string();
    println!("{said}");
    if !said.contains(&format!("could not reach http://{nobody}")) {
        return Err(format!("it does not say why: {said}").into());
    }
    let client = hub::client(&given.site).await?;
    let shop = shop::Shop::new(&given, client, Arc::new(MachineClock));
    let left = shop.left_of_courses().await?;
    if left.is_empty() { Ok(()) } else { Err(format!("it left {left:?} at the shop").into()) }
}
