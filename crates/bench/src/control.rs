//! The sandbox's control API, in this process or over HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use dermaga_channel::http::Client;
use dermaga_domain::time::{Clock, Span, Time};
use dermaga_sandbox::Sandbox;
use serde_json::Value;

/// A way to the control API.
#[derive(Debug, Clone, Copy)]
pub enum Control<'a> {
    /// The sandbox runs in this process.
    Here(&'a Sandbox),
    /// It runs in another; its address.
    There(&'a Client, &'a str),
}

impl Control<'_> {
    /// Asks; anything but success is an error.
    ///
    /// # Errors
    /// The sandbox's refusal, or that it cannot be reached.
    pub async fn ask(&self, method: &str, target: &str, body: &Value) -> Result<Value> {
        let method: http::Method = method.parse()?;
        let (status, answer) = match self {
            Self::Here(sandbox) => sandbox.control(&method, target, body),
            Self::There(client, url) => {
                let request = client.request(method.clone(), &format!("{url}{target}"));
                let request = if body.is_null() { request } else { request.json(body) };
                let answer = request.send().await.context("the sandbox cannot be reached")?;
                (answer.status().as_u16(), answer.json().await?)
            }
        };
        if !(200..300).contains(&status) {
            bail!("the sandbox answers {status} to {method} {target}: {answer}");
        }
        Ok(answer)
    }

    /// Asks without a body.
    ///
    /// # Errors
    /// As [`Control::ask`].
    pub async fn get(&self, target: &str) -> Result<Value> {
        self.ask("GET", target, &Value::Null).await
    }

    /// The sandbox's time, in microseconds since 1970.
    ///
    /// # Errors
    /// As [`Control::ask`].
    pub async fn now_us(&self) -> Result<i64> {
        let told = self.get("/control/clock").await?;
        told["now_us"].as_i64().context("the sandbox tells no time")
    }
}

/// A JSON text as it is, a number as its digits.
#[must_use]
pub fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The clock of a sandbox in this process.
#[derive(Debug, Clone)]
pub struct SandboxClock(pub dermaga_sandbox::Clock);

impl Clock for SandboxClock {
    fn now(&self) -> Time {
        Time(self.0.now_us())
    }
}

/// The clock of a sandbox in another process: read now and then, and reckoned in between.
#[derive(Debug, Clone)]
pub struct DistantClock {
    began: Instant,
    speed: i64,
    /// Sandbox time less the time reckoned since `began`.
    offset_us: Arc<AtomicI64>,
    /// By how much this clock is off on purpose.
    skew_us: Arc<AtomicI64>,
}

/// How often the distant clock is read.
const READ_EVERY: Duration = Duration::from_millis(50);

impl DistantClock {
    /// Reads the clock once, and keeps reading it.
    ///
    /// # Errors
    /// That it cannot be reached.
    pub async fn follow(client: &Client, url: &str) -> Result<Self> {
        let (began, offset_us) = (Instant::now(), Arc::new(AtomicI64::new(0)));
        let skew_us = Arc::new(AtomicI64::new(0));
        let first = Control::There(client, url).get("/control/clock").await?;
        let speed = first["speed"].as_i64().context("the sandbox tells no speed")?;
        let clock = Self { began, speed, offset_us, skew_us };
        clock.set(&first)?;
        let (follower, client, url) = (clock.clone(), client.clone(), url.to_owned());
        drop(tokio::spawn(async move {
            loop {
                tokio::time::sleep(READ_EVERY).await;
                // A sandbox that is gone leaves the clock running as it was.
                if let Ok(read) = Control::There(&client, &url).get("/control/clock").await {
                    drop(follower.set(&read));
                }
            }
        }));
        Ok(clock)
    }

    /// Sets this clock ahead of the sandbox's, or behind it, from now on.
    pub fn set_off(&self, off: Span) {
        self.skew_us.store(off.0, Ordering::SeqCst);
    }

    fn reckoned_us(&self) -> i64 {
        let elapsed = i64::try_from(self.began.elapsed().as_micros()).unwrap_or(i64::MAX);
        elapsed.saturating_mul(self.speed)
    }

    fn set(&self, read: &Value) -> Result<()> {
        let now = read["now_us"].as_i64().context("the sandbox tells no time")?;
        // Never back: an answer that was long under way would turn the clock.
        self.offset_us.fetch_max(now - self.reckoned_us(), Ordering::SeqCst);
        Ok(())
    }
}

impl Clock for DistantClock {
    fn now(&self) -> Time {
        let off_us = self.offset_us.load(Ordering::SeqCst) + self.skew_us.load(Ordering::SeqCst);
        Time(off_us + self.reckoned_us())
    }
}
