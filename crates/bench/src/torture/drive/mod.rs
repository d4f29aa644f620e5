//! The drive: buyers, the seller, couriers and people at the hub, all at once; and what befalls the hub.

mod lives;
mod people;

use std::time::{Duration, Instant};

use anyhow::Result;
use rand::rngs::StdRng;
use rand::seq::IteratorRandom as _;
use rand::{Rng as _, SeedableRng as _};
use serde_json::Value;

use super::compare::Watch;
use super::hub::Hubs;
use super::{Args, CHANNEL, faults};
use crate::control::Control;
pub(super) use lives::{Life, sell_in_quiet};
pub(crate) use people::products;
pub(super) use people::{Received, settle};

/// How far the hubs' clocks are off, in seconds, from which hundredth of the orders on. The second is a
/// jump back of twenty minutes.
const CLOCK: [(usize, i64); 3] = [(0, 600), (40, -600), (80, 0)];
/// From which hundredth of the orders on the webhooks of one shop no longer come.
const SILENCE: usize = 50;
/// At which hundredths of the orders a node is paused.
const PAUSES: [usize; 3] = [25, 55, 85];
/// How long a node is paused, in real time: longer than any lease at the sandbox's speed.
const PAUSE: Duration = Duration::from_secs(4);
/// Orders placed at once before an aimed kill.
const BURST: usize = 12;
/// How long an aimed kill waits for a webhook to be answered, in real time.
const AIM_LIMIT: Duration = Duration::from_secs(2);

/// What the drive leaves behind.
pub(super) struct Driven {
    /// The orders, all over.
    pub(super) lived: Vec<Life>,
    /// What arrived during the drive.
    pub(super) received: Received,
}

/// Places the orders, lets them live, and does to the hubs what is to be done to them.
pub(super) async fn drive(
    args: &Args,
    control: Control<'_>,
    hubs: &mut Hubs,
    watch: &mut Watch,
    products: &[Value],
) -> Result<Driven> {
    let mut drive = Drive {
        args,
        control,
        dice: StdRng::seed_from_u64(args.seed),
        products: products.to_vec(),
        alive: Vec::new(),
        lived: Vec::new(),
        received: Received::default(),
        placed: 0,
        killed: 0,
        done: Done::default(),
    };
    let mut ticks = 0_usize;
    while drive.placed < args.orders || !drive.alive.is_empty() || hubs.is_paused() {
        ticks += 1;
        drive.befall(hubs, watch).await?;
        let some = drive.dice.random_range(1..=4).min(args.orders - drive.placed);
        drive.place(some).await?;
        drive.live(hubs).await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    while drive.killed < args.kills {
        drive.kill(hubs).await?;
    }
    tracing::info!(placed = drive.placed, killed = drive.killed, ticks, "the orders have lived");
    Ok(Driven { lived: drive.lived, received: drive.received })
}

/// What has been done to the hubs so far.
#[derive(Default)]
struct Done {
    clock: usize,
    pauses: usize,
    paused_at: Option<Instant>,
    silenced: bool,
}

struct Drive<'a> {
    args: &'a Args,
    control: Control<'a>,
    dice: StdRng,
    products: Vec<Value>,
    alive: Vec<Life>,
    lived: Vec<Life>,
    received: Received,
    placed: usize,
    killed: usize,
    done: Done,
}

impl Drive<'_> {
    async fn place(&mut self, some: usize) -> Result<()> {
        let some = some.min(self.args.orders - self.placed);
        for _ in 0..some {
            let life = Life::begin(self.control, &self.products, &mut self.dice).await?;
            self.alive.push(life);
        }
        self.placed += some;
        Ok(())
    }

    /// Whether so many hundredths of the orders have been placed.
    const fn is_at(&self, hundredth: usize) -> bool {
        self.placed * 100 >= self.args.orders * hundredth
    }

    async fn live(&mut self, hubs: &mut Hubs) -> Result<()> {
        for mut life in std::mem::take(&mut self.alive) {
            if self.dice.random_bool(0.5) {
                life.step(self.control, hubs).await?;
            }
            if self.dice.random_bool(0.03) {
                people::act(hubs, &mut life, self.pays_on_download(), &mut self.dice).await?;
            }
            if life.is_over() { self.lived.push(life) } else { self.alive.push(life) }
        }
        if self.dice.random_bool(0.15)
            && let Some(at) = (0..self.lived.len()).choose(&mut self.dice)
        {
            let last = self.pays_on_download();
            people::act(hubs, &mut self.lived[at], last, &mut self.dice).await?;
        }
        if self.dice.random_bool(0.2) {
            people::receive_some(hubs, &self.products, &mut self.received, &mut self.dice).await?;
        }
        Ok(())
    }

    /// The shop of the edited flow, and of the webhooks that no longer come: the last one.
    fn pays_on_download(&self) -> Value {
        last_shop(&self.products)
    }

    /// Clocks, pauses, kills and silence, each when its time has come.
    async fn befall(&mut self, hubs: &mut Hubs, watch: &mut Watch) -> Result<()> {
        if let Some(&(from, off)) = CLOCK.get(self.done.clock)
            && self.is_at(from)
        {
            self.done.clock += 1;
            hubs.set_off(off).await?;
        }
        if !self.done.silenced && self.is_at(SILENCE) {
            self.done.silenced = true;
            faults::silence(self.control, &self.pays_on_download()).await?;
        }
        if let Some(at) = self.done.paused_at {
            if at.elapsed() > PAUSE {
                self.done.paused_at = None;
                hubs.resume().await?;
            }
        } else if hubs.nodes() > 1 && PAUSES.get(self.done.pauses).is_some_and(|&at| self.is_at(at))
        {
            self.done.pauses += 1;
            self.done.paused_at = Some(Instant::now());
            let node = self.dice.random_range(0..hubs.nodes());
            hubs.pause(node).await?;
        } else if self.killed < self.args.kills
            && self.placed >= (self.killed + 1) * self.args.orders / (self.args.kills + 1)
        {
            self.kill(hubs).await?;
            watch.look(self.control, hubs).await?;
        }
        Ok(())
    }

    /// Kills a node: at some moment, or just after it has answered a webhook.
    async fn kill(&mut self, hubs: &mut Hubs) -> Result<()> {
        let aimed = self.killed.is_multiple_of(2);
        let node = if aimed { 0 } else { self.dice.random_range(0..hubs.nodes()) };
        if aimed {
            self.place(BURST).await?;
            self.until_answered().await?;
        }
        hubs.kill(node).await?;
        self.killed += 1;
        Ok(())
    }

    /// Returns at once when one more webhook has been answered.
    async fn until_answered(&self) -> Result<()> {
        let began = Instant::now();
        let before = delivered(self.control).await?;
        while began.elapsed() < AIM_LIMIT && delivered(self.control).await? == before {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }
}

async fn delivered(control: Control<'_>) -> Result<u64> {
    let told = control.get(&format!("/control/{CHANNEL}/webhooks?limit=1")).await?;
    Ok(told["outcomes"]["delivered"].as_u64().unwrap_or(0))
}

/// The shop of the edited flow: the last one.
pub(super) fn last_shop(products: &[Value]) -> Value {
    products.last().map(|product| product["shop_id"].clone()).unwrap_or_default()
}
