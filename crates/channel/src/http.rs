//! The way out to a channel: paced, timed, and every exchange kept for the transmit log.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use dermaga_domain::time::{Clock, Span, Time};
use http::{HeaderMap, StatusCode};

use crate::Error;
use crate::pace;
pub use crate::pace::{Pacer, Rates};
use crate::reach::{Lookup, Machine, Network, NotPublic, Resolver, may_reach};

/// A request that was begun.
pub use reqwest::RequestBuilder;

/// How long a connection may take to open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request may take in all.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
/// The largest answer that is read: 8 MiB.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Clients for entered addresses that are kept with their connections, one for each certificate authority
/// that a shop has of its own. More are made anew each time: slower, and still right.
const ENTERED_KEPT_MAX: usize = 256;

/// A client for requests to channels. Make one and clone it: it holds the pool of connections.
#[derive(Debug, Clone)]
pub struct Client {
    plain: reqwest::Client,
    /// What is not public and may still be reached by an address that a person entered.
    listed: Arc<[Network]>,
    /// Who is asked where the names in such addresses lead.
    lookup: Arc<dyn Lookup>,
    /// Clients for such addresses, by the authorities, in PEM, that they trust besides those of the
    /// machine.
    entered: Arc<Mutex<HashMap<String, reqwest::Client>>>,
}

impl Client {
    /// Makes the client, and the TLS provider if there is none yet. Addresses that people enter lead to
    /// public places only.
    ///
    /// # Errors
    /// When the operating system refuses what a client needs.
    pub fn build() -> Result<Self, reqwest::Error> {
        Self::reaching(&[])
    }

    /// As [`Client::build`]; addresses that people enter may lead to these networks too.
    ///
    /// # Errors
    /// As [`Client::build`].
    pub fn reaching(listed: &[Network]) -> Result<Self, reqwest::Error> {
        Self::looking_up(listed, Arc::new(Machine))
    }

    /// As [`Client::reaching`], with who is asked where names lead.
    pub(crate) fn looking_up(
        listed: &[Network],
        lookup: Arc<dyn Lookup>,
    ) -> Result<Self, reqwest::Error> {
        // A second installation is refused by rustls; the first one stands.
        drop(rustls::crypto::ring::default_provider().install_default());
        let (plain, listed) = (builder().build()?, listed.into());
        Ok(Self { plain, listed, lookup, entered: Arc::default() })
    }

    /// Begins a request.
    pub fn request(&self, method: http::Method, url: &str) -> reqwest::RequestBuilder {
        self.plain.request(method, url)
    }

    /// The client for entered addresses that trusts these authorities too.
    fn entered(&self, authorities: &str) -> Result<reqwest::Client, Error> {
        let mut kept = self.entered.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = kept.get(authorities) {
            return Ok(client.clone());
        }
        let resolver = Resolver::new(Arc::clone(&self.listed), Arc::clone(&self.lookup));
        let mut guarded = builder().dns_resolver(Arc::new(resolver));
        if !authorities.is_empty() {
            let found = reqwest::Certificate::from_pem_bundle(authorities.as_bytes());
            let found = found.ok().filter(|found| !found.is_empty());
            guarded = guarded.tls_certs_merge(found.ok_or_else(no_certificate)?);
        }
        let client = guarded.build().map_err(|_| no_certificate())?;
        if kept.len() < ENTERED_KEPT_MAX {
            kept.insert(authorities.to_owned(), client.clone());
        }
        Ok(client)
    }
}

fn no_certificate() -> Error {
    let message = "not a certificate in PEM".to_owned();
    Error::AuthRefused { code: "certificate".to_owned(), message }
}

/// What a person is told whose address leads to where it may not.
fn not_public() -> Error {
    Error::AuthRefused { code: "address_not_public".to_owned(), message: NotPublic.to_string() }
}

fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(REQUEST_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent("dermaga")
}

/// One exchange with a channel, for the transmit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// What was asked, by the endpoint's name.
    pub interface: &'static str,
    /// The method and the path, without host and without secrets.
    pub request: String,
    /// The status of the answer; none = no answer.
    pub status: Option<u16>,
    /// The outcome: `ok`, or the name of the error.
    pub outcome: &'static str,
    /// When it began.
    pub at: Time,
    /// How long it took, in microseconds.
    pub duration_us: i64,
    /// The body of the answer, when it is not to be kept elsewhere.
    pub answer: Option<Bytes>,
}

/// An answer, read whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

/// The way out for one call.
pub struct Http {
    client: Client,
    pacer: Arc<Pacer>,
    rates: Rates,
    clock: Arc<dyn Clock>,
    exchanges: Mutex<Vec<Exchange>>,
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Http").field("rates", &self.rates).finish_non_exhaustive()
    }
}

impl Http {
    /// A way out with the pace of its scope.
    #[must_use]
    pub fn new(
        client: Client,
        pacer: Arc<Pacer>,
        rates: impl Into<Rates>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let rates = rates.into();
        Self { client, pacer, rates, clock, exchanges: Mutex::new(Vec::new()) }
    }

    /// Begins a request.
    pub fn request(&self, method: http::Method, url: &str) -> reqwest::RequestBuilder {
        self.client.request(method, url)
    }

    /// Begins a request to an address that a person entered: it leads to public places only, and to the
    /// networks that the operator lists. `authorities`: further ones whose certificates are trusted,
    /// PEM, one or several; blank adds none to those of the machine.
    ///
    /// # Errors
    /// [`Error::AuthRefused`] when the authorities are not PEM, or the address is itself one that may
    /// not be reached. Where a name leads is found when the request is sent, and refused the same.
    pub fn request_entered(
        &self,
        authorities: &str,
        method: http::Method,
        url: &str,
    ) -> Result<reqwest::RequestBuilder, Error> {
        // Names are looked at when they are resolved; numbers are not resolved.
        let parsed = reqwest::Url::parse(url).ok();
        let host = parsed.as_ref().and_then(reqwest::Url::host_str).unwrap_or_default();
        let number: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
        if number.is_some_and(|address| !may_reach(address, &self.client.listed)) {
            return Err(not_public());
        }
        Ok(self.client.entered(authorities.trim())?.request(method, url))
    }

    /// Waits for turns besides that of the request itself: where a channel counts the rows of a
    /// request as requests.
    ///
    /// # Errors
    /// [`Error::RateLimited`] when the endpoint asked to be left alone.
    pub async fn more_turns(&self, endpoint: &'static str, turns: usize) -> Result<(), Error> {
        for _ in 0..turns {
            self.turn(endpoint).await?;
        }
        Ok(())
    }

    async fn turn(&self, endpoint: &'static str) -> Result<(), Error> {
        self.pacer.turn(endpoint, self.rates.of(endpoint), self.clock.now()).await
    }

    /// Sends a request when the endpoint's turn has come, and reads the answer whole.
    ///
    /// # Errors
    /// [`Error::AuthRefused`] when an entered address leads to where it may not; [`Error::Temporary`]
    /// when it could not be sent; [`Error::Unknown`] when no whole answer came after it was sent;
    /// [`Error::RateLimited`] when the endpoint asked to be left alone before, and nothing was sent;
    /// [`Error::RateLimited`] for 429 and [`Error::Temporary`] for other 5xx are
    /// left to the channel, which knows its own answers.
    pub async fn send(
        &self,
        endpoint: &'static str,
        request: reqwest::RequestBuilder,
    ) -> Result<Answer, Error> {
        self.turn(endpoint).await?;
        let (at, began) = (self.clock.now(), Instant::now());
        let (shown, result) = match request.build_split() {
            (client, Ok(request)) => {
                let shown = format!("{} {}", request.method(), shown_path(request.url()));
                (shown, read(client.execute(request).await).await)
            }
            (_, Err(error)) => (String::new(), Err(Error::Temporary(without_url(error)))),
        };
        let exchange = Exchange {
            interface: endpoint,
            request: shown,
            status: result.as_ref().ok().map(|answer| answer.status.as_u16()),
            outcome: result.as_ref().err().map_or("ok", Error::name),
            at,
            duration_us: i64::try_from(began.elapsed().as_micros()).unwrap_or(i64::MAX),
            answer: None,
        };
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).push(exchange);
        result
    }

    /// Says what the last exchange came to, once its body was understood. An endpoint that asks to wait
    /// is left alone by everybody who shares its pacer.
    pub fn note_outcome(&self, error: &Error, answer: Option<Bytes>) {
        let mut kept = self.exchanges.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = kept.last_mut() {
            if let Error::RateLimited { retry_after } = error {
                let until = self.clock.now().plus(retry_after.unwrap_or(pace::REST));
                self.pacer.rest(last.interface, until);
            }
            last.outcome = error.name();
            last.answer = answer;
        }
    }

    /// Takes the exchanges that were made so far.
    #[must_use]
    pub fn take_exchanges(&self) -> Vec<Exchange> {
        std::mem::take(&mut self.exchanges.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Parts of query keys whose values are never shown.
const SECRET_KEYS: [&str; 6] = ["token", "sign", "secret", "key", "code", "cipher"];

/// The path and query of an address, without the host and without the values of secrets.
fn shown_path(url: &reqwest::Url) -> String {
    let mut shown = url.path().to_owned();
    for (index, (key, value)) in url.query_pairs().enumerate() {
        let secret = SECRET_KEYS.iter().any(|part| key.to_ascii_lowercase().contains(part));
        shown.push(if index == 0 { '?' } else { '&' });
        shown.push_str(&key);
        shown.push('=');
        shown.push_str(if secret { "…" } else { &value });
    }
    shown
}

async fn read(sent: Result<reqwest::Response, reqwest::Error>) -> Result<Answer, Error> {
    let mut response = sent.map_err(|error| {
        if NotPublic::is_cause_of(&error) {
            not_public()
        } else if error.is_connect() || error.is_builder() {
            Error::Temporary(without_url(error))
        } else {
            Error::Unknown(without_url(error))
        }
    })?;
    let (status, headers) = (response.status(), response.headers().clone());
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > ANSWER_BYTES_MAX => {
                return Err(Error::Malformed(format!("more than {ANSWER_BYTES_MAX} bytes")));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(Answer { status, headers, body: body.into() }),
            Err(error) => return Err(Error::Unknown(without_url(error))),
        }
    }
}

/// An error's text without the address, which may hold what is not for logs.
fn without_url(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// The time a header asks to wait, when it gives seconds, whole or with decimals.
#[must_use]
pub fn seconds_in_header(headers: &HeaderMap, name: &str) -> Option<Span> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let whole: i64 = whole.parse().ok()?;
    let micros: String = decimals.chars().chain("000000".chars()).take(6).collect();
    (whole >= 0).then(|| Span(whole * 1_000_000 + micros.parse::<i64>().unwrap_or(0)))
}
