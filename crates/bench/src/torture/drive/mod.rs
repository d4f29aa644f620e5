//! The drive: buyers, the seller, couriers and people at the hub, all at once; and what befalls the hub.

mod lives;
mod people;

use std::time::{Duration, Instant};

use anyhow::Result;
use rand::rngs::StdRng;
use rand::seq::IteratorRandom as _;
use rand::{Rng as _, SeedableRng as _};
use serde_json::json;

use super::compare::Watch;
use super::hub::Hubs;
use super::scene::Scene;
use super::{Args, faults, pass_time};
use crate::control::Control;
use lives::now_s;
pub(super) use lives::{Life, sell_in_quiet, sell_short};
pub(super) use people::{Received, settle};

/// How far the hubs' clocks are off, in seconds, from which hundredth of the orders on. The second is a
/// jump back of twenty minutes.
const CLOCK: [(usize, i64); 3] = [(0, 600), (40, -600), (80, 0)];
/// From which hundredth of the orders on the webhooks of one shop no longer come.
const SILENCE: usize = 50;
/// From which hundredth of the orders on shops disable their webhooks, and disable them again whenever the
/// hub has enabled them.
const DISABLING: usize = 30;
/// For how long, in sandbox seconds, and in what steps the rest of it passes once the orders have lived.
const DISABLED_S: i64 = 3_600;
const DISABLED_STEP_S: u32 = 300;
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
    scene: &Scene,
) -> Result<Driven> {
    let mut drive = Drive {
        args,
        control,
        dice: StdRng::seed_from_u64(args.seed),
        scene,
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
    drive.disable_on(hubs).await?;
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
    disabling_until_s: Option<i64>,
}

struct Drive<'a> {
    args: &'a Args,
    control: Control<'a>,
    dice: StdRng,
    scene: &'a Scene,
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
            let life = Life::begin(self.control, self.scene, &mut self.dice).await?;
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
                people::act(hubs, &mut life, self.scene, &mut self.dice).await?;
            }
            if life.is_over() { self.lived.push(life) } else { self.alive.push(life) }
        }
        if self.dice.random_bool(0.15)
            && let Some(at) = (0..self.lived.len()).choose(&mut self.dice)
        {
            people::act(hubs, &mut self.lived[at], self.scene, &mut self.dice).await?;
        }
        if self.dice.random_bool(0.2) {
            people::receive_some(hubs, self.scene, &mut self.received, &mut self.dice).await?;
        }
        Ok(())
    }

    /// Clocks, pauses, kills and silence, each when its time has come.
    async fn befall(&mut self, hubs: &mut Hubs, watch: &mut Watch) -> Result<()> {
        if let Some(&(from, off)) = CLOCK.get(self.done.clock)
            && self.is_at(from)
        {
            self.done.clock += 1;
            hubs.set_off(off).await?;
        }
        if self.is_at(DISABLING) {
            self.disable(hubs).await?;
        }
        if !self.done.silenced && self.is_at(SILENCE) {
            self.done.silenced = true;
            for place in self.scene.markets.iter().filter_map(|it| self.scene.edited_at(it)) {
                faults::silence(self.control, place).await?;
            }
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
            watch.look(self.control, hubs, &self.scene.markets).await?;
        }
        Ok(())
    }

    /// Shops disable their webhooks, for an hour from the first time on; false once it is over.
    async fn disable(&mut self, hubs: &mut Hubs) -> Result<bool> {
        let now_s = now_s(self.control).await?;
        if now_s > *self.done.disabling_until_s.get_or_insert(now_s + DISABLED_S) {
            return Ok(false);
        }
        let mut does = false;
        for market in self.scene.markets.iter().filter(|market| market.disables_webhooks) {
            let target = format!("/control/{}/webhooks/disable", market.channel);
            let told = self.control.ask("POST", &target, &json!({})).await?;
            hubs.counts.webhooks_disabled += told["disabled"].as_u64().unwrap_or(0);
            does = true;
        }
        Ok(does)
    }

    /// Until the hour is over.
    async fn disable_on(&mut self, hubs: &mut Hubs) -> Result<()> {
        while self.disable(hubs).await? {
            pass_time(self.control, DISABLED_STEP_S).await?;
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
        let before = self.delivered().await?;
        while began.elapsed() < AIM_LIMIT && self.delivered().await? == before {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }

    /// Webhooks that were answered so far.
    async fn delivered(&self) -> Result<u64> {
        let mut delivered = 0;
        for market in &self.scene.markets {
            let target = format!("/control/{}/webhooks?limit=1", market.channel);
            let told = self.control.get(&target).await?;
            delivered += told["outcomes"]["delivered"].as_u64().unwrap_or(0);
        }
        Ok(delivered)
    }
}
