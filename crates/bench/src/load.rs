//! The load client: so many webhooks in flight, each on its own connection that stays open.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use dermaga_channel::sign::hmac_sha256;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::ground::{CHANNEL_SHOP, WEBHOOK_SECRET};
use crate::report::Run;
use crate::report::meter::Meter;

/// Webhooks in flight.
pub(crate) const IN_FLIGHT: u64 = 128;

/// The channel's id of the first order.
pub(crate) const FIRST_ORDER: u64 = 900_000_000;

/// What is sent where.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// The server.
    pub(crate) address: SocketAddr,
    /// The path of the address that webhooks come to.
    pub(crate) path: String,
}

/// How it is sent.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pace {
    /// The next one when the last one was answered.
    Closed,
    /// So many a second, whatever the answers: time is taken from when each was due.
    Open(u64),
}

/// What the senders share.
struct Sending {
    target: Target,
    pace: Pace,
    began: Instant,
    until: Duration,
    next: AtomicU64,
}

/// Sends for a while; every answer must be 200.
///
/// # Errors
/// Another answer, or a broken connection.
pub(crate) async fn send(target: &Target, pace: Pace, until: Duration) -> Result<Run> {
    let meter = Meter::start();
    let sending = Arc::new(Sending {
        target: target.clone(),
        pace,
        began: Instant::now(),
        until,
        next: AtomicU64::new(0),
    });
    let mut senders = JoinSet::new();
    for _ in 0..IN_FLIGHT {
        senders.spawn(sender(Arc::clone(&sending)));
    }
    let mut run = Run::default();
    while let Some(pieces) = senders.join_next().await {
        run.pieces.extend(pieces??);
    }
    run.spent = sending.began.elapsed();
    run.units = u64::try_from(run.pieces.len())?;
    run.cost = meter.stop();
    Ok(run)
}

async fn sender(sending: Arc<Sending>) -> Result<Vec<Duration>> {
    let mut stream = TcpStream::connect(sending.target.address).await?;
    stream.set_nodelay(true)?;
    let (mut pieces, mut answer) = (Vec::new(), Vec::with_capacity(1_024));
    loop {
        let number = sending.next.fetch_add(1, Ordering::Relaxed);
        let due = match sending.pace {
            Pace::Closed => sending.began.elapsed(),
            Pace::Open(per_second) => Duration::from_micros(number * 1_000_000 / per_second.max(1)),
        };
        if due >= sending.until {
            return Ok(pieces);
        }
        if let Some(wait) = due.checked_sub(sending.began.elapsed()) {
            tokio::time::sleep(wait).await;
        }
        stream.write_all(&request(&sending.target, number)).await?;
        answered(&mut stream, &mut answer).await?;
        pieces.push(sending.began.elapsed().saturating_sub(due));
    }
}

/// A signed webhook of about 1 KiB that was never sent before.
pub(crate) fn request(target: &Target, number: u64) -> Vec<u8> {
    let product = r#"{"id":15250001,"name":"Barang contoh dengan nama yang agak panjang","notes":"tolong dibungkus rapi","currency":"Rp.","weight":0.25,"total_weight":0.5,"price":55000,"total_price":110000,"quantity":2,"sku":"CONTOH-0001"}"#;
    let body = format!(
        r#"{{"order_status":400,"fs_id":14999,"shop_id":{CHANNEL_SHOP},"order_id":{},"product_details":[{}]}}"#,
        FIRST_ORDER + number,
        [product; 4].join(",")
    );
    let signature = hmac_sha256(WEBHOOK_SECRET.as_bytes(), body.as_bytes());
    let mut request = format!(
        "POST {} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\nauthorization-hmac: ",
        target.path, target.address
    );
    for byte in signature {
        request.push_str(&format!("{byte:02x}"));
    }
    request.push_str(&format!("\r\ncontent-length: {}\r\n\r\n{body}", body.len()));
    request.into_bytes()
}

/// Reads one answer whole; it must be 200.
pub(crate) async fn answered(stream: &mut TcpStream, answer: &mut Vec<u8>) -> Result<()> {
    answer.clear();
    let head = loop {
        if stream.read_buf(answer).await? == 0 {
            bail!("the server closed the connection");
        }
        if let Some(at) = answer.windows(4).position(|end| end == b"\r\n\r\n") {
            break at + 4;
        }
    };
    let text = std::str::from_utf8(answer.get(..head).unwrap_or_default())?.to_ascii_lowercase();
    let status = text.split(' ').nth(1).context("an answer without a status")?;
    if status != "200" {
        bail!("a webhook was answered {status}");
    }
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
    let whole = head + length.map_or(Ok(0), str::parse::<usize>)?;
    while answer.len() < whole {
        if stream.read_buf(answer).await? == 0 {
            bail!("the server closed the connection");
        }
    }
    Ok(())
}
