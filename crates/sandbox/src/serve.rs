//! A plain HTTP/1 server whose answers can also be late, cut short or missing.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::time::Sleep;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Largest request body taken, in bytes; a longer one is answered 413.
const BODY_BYTES_MAX: usize = 4 << 20;

/// Real pause between the two parts of a cut answer, so that the first part leaves the machine.
const CUT_PAUSE: Duration = Duration::from_millis(2);

/// A request read whole.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query_text: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Whether it came over TLS.
    pub(crate) secure: bool,
}

impl Request {
    /// A request made inside the process, without a socket.
    pub(crate) fn local(method: Method, target: &str, body: Bytes) -> Self {
        let (path, query_text) = target.split_once('?').unwrap_or((target, ""));
        Self {
            method,
            path: path.to_owned(),
            query: pairs(query_text.as_bytes()),
            query_text: query_text.to_owned(),
            headers: HeaderMap::new(),
            body,
            secure: false,
        }
    }

    /// The path's parts, decoded nowhere: the channels' paths hold only numbers and words.
    pub(crate) fn segments(&self) -> Vec<&str> {
        self.path.split('/').filter(|part| !part.is_empty()).collect()
    }

    /// The first query parameter of that name, if it is there and not empty.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key == name)?;
        (!found.1.is_empty()).then_some(found.1.as_str())
    }

    /// A header's text, if it is there and readable.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Name and value pairs of a query string or a plain form.
pub(crate) fn pairs(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).into_owned().collect()
}

/// How an answer travels.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fate {
    /// Whole and at once.
    Whole,
    /// Only the first half of the body, then the connection ends.
    Cut,
    /// Not before so many real milliseconds; then the connection ends without an answer.
    Hang(u64),
    /// The connection ends without an answer.
    Drop,
}

/// What is sent back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Bytes,
    pub(crate) fate: Fate,
}

impl Answer {
    pub(crate) fn new(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self { status, content_type, headers: Vec::new(), body: body.into(), fate: Fate::Whole }
    }

    pub(crate) fn json(status: u16, body: impl Into<Bytes>) -> Self {
        Self::new(status, "application/json", body)
    }

    pub(crate) fn html(status: u16, body: impl Into<Bytes>) -> Self {
        Self::new(status, "text/html; charset=utf-8", body)
    }

    /// Adds a header; a value that is no header text is left out.
    pub(crate) fn with_header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((HeaderName::from_static(name), value));
        }
        self
    }
}

/// Answers requests; must not block.
pub(crate) trait Handler: Send + Sync + 'static {
    fn handle(&self, request: Request) -> Answer;
}

/// Binds a port and answers on it until `stop` is cancelled; returns the bound address.
///
/// # Errors
/// Fails when the address cannot be bound.
pub(crate) async fn listen(
    addr: SocketAddr,
    handler: Arc<dyn Handler>,
    tls: Option<TlsAcceptor>,
    tasks: &TaskTracker,
    stop: CancellationToken,
) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(addr).await?;
    let bound = listener.local_addr()?;
    let connections = tasks.clone();
    tasks.spawn(async move {
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((socket, _)) => {
                    if let Err(error) = socket.set_nodelay(true) {
                        tracing::debug!(%error, "small answers may be slow");
                    }
                    let (handler, tls, stop) = (Arc::clone(&handler), tls.clone(), stop.clone());
                    let connection = async move {
                        match tls {
                            None => connection(TokioIo::new(socket), handler, false).await,
                            Some(tls) => match tls.accept(socket).await {
                                Ok(socket) => connection(TokioIo::new(socket), handler, true).await,
                                Err(error) => tracing::debug!(%error, "no TLS was agreed on"),
                            },
                        }
                    };
                    connections.spawn(async move {
                        tokio::select! { () = stop.cancelled() => {} () = connection => {} }
                    });
                }
                // Out of file descriptors: give the open connections time to end.
                Err(error) => {
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    });
    Ok(bound)
}

async fn connection<S>(socket: TokioIo<S>, handler: Arc<dyn Handler>, secure: bool)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let service = service_fn(move |request| {
        let handler = Arc::clone(&handler);
        async move { exchange(&*handler, secure, request).await }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .pipeline_flush(true)
        .serve_connection(socket, service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Why a connection ends without an answer: a fault wants it so.
#[derive(Debug, thiserror::Error)]
#[error("dropped by a fault")]
struct Dropped;

async fn exchange(
    handler: &dyn Handler,
    secure: bool,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Parts>, Dropped> {
    let (head, body) = request.into_parts();
    let answer = match Limited::new(body, BODY_BYTES_MAX).collect().await {
        Ok(read) => {
            let query_text = head.uri.query().unwrap_or_default().to_owned();
            handler.handle(Request {
                method: head.method,
                path: head.uri.path().to_owned(),
                query: pairs(query_text.as_bytes()),
                query_text,
                headers: head.headers,
                body: read.to_bytes(),
                secure,
            })
        }
        Err(_) => Answer::json(413, r#"{"error":"too_large","message":"body over 4 MiB"}"#),
    };
    match answer.fate {
        Fate::Drop => Err(Dropped),
        Fate::Hang(real_ms) => {
            tokio::time::sleep(Duration::from_millis(real_ms)).await;
            Err(Dropped)
        }
        Fate::Whole | Fate::Cut => Ok(response(answer)),
    }
}

fn response(answer: Answer) -> hyper::Response<Parts> {
    let cut = answer.fate == Fate::Cut;
    let length = answer.body.len();
    let body = if cut { answer.body.slice(..length / 2) } else { answer.body };
    let left = length - body.len();
    let parts = Parts { first: (length > 0).then_some(body), left, pause: None };
    let mut response = hyper::Response::new(parts);
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    headers.insert(http::header::CONTENT_LENGTH, HeaderValue::from(length));
    headers.extend(answer.headers);
    response
}

/// A body that may end before its announced length.
struct Parts {
    first: Option<Bytes>,
    /// Announced bytes that never come.
    left: usize,
    pause: Option<Pin<Box<Sleep>>>,
}

impl Body for Parts {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let pause = self.pause.get_or_insert_with(|| Box::pin(tokio::time::sleep(CUT_PAUSE)));
        pause.as_mut().poll(context).map(|()| Some(Err(Dropped)))
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        let first = self.first.as_ref().map_or(0, Bytes::len);
        SizeHint::with_exact(u64::try_from(first + self.left).unwrap_or(u64::MAX))
    }
}
