//! What a run costs this process, and what else the machine did meanwhile, from `/proc`.

/// Microseconds in a tick of `/proc`: Linux shows 100 of them a second on every common machine.
const TICK_US: u64 = 10_000;

/// What a run cost.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    /// Processor time of this process, in microseconds; PostgreSQL's own is not in it.
    pub(crate) cpu_us: u64,
    /// What this process sent to disks, in bytes.
    pub(crate) written: u64,
    /// The share of the machine that neither this process nor PostgreSQL used while busy, in percent.
    pub(crate) other_percent: u64,
}

/// A reading at the begin of a run.
#[derive(Debug)]
pub(crate) struct Meter {
    own: u64,
    servers: u64,
    busy: u64,
    whole: u64,
    written: u64,
}

impl Meter {
    /// Reads.
    pub(crate) fn start() -> Self {
        let (busy, whole) = machine();
        Self { own: own_ticks(), servers: server_ticks(), busy, whole, written: written() }
    }

    /// Reads again.
    pub(crate) fn stop(&self) -> Cost {
        let now = Self::start();
        let own = now.own.saturating_sub(self.own);
        let servers = now.servers.saturating_sub(self.servers);
        let other = now.busy.saturating_sub(self.busy).saturating_sub(own + servers);
        Cost {
            cpu_us: own * TICK_US,
            written: now.written.saturating_sub(self.written),
            other_percent: other * 100 / now.whole.saturating_sub(self.whole).max(1),
        }
    }
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// Ticks of all processors: busy, and altogether.
fn machine() -> (u64, u64) {
    let text = read("/proc/stat");
    let first = text.lines().next().unwrap_or_default();
    let ticks: Vec<u64> =
        first.split_whitespace().skip(1).filter_map(|field| field.parse().ok()).collect();
    // user nice system idle iowait irq softirq steal; what follows is in these already.
    let whole: u64 = ticks.iter().take(8).sum();
    let idle: u64 = ticks.iter().skip(3).take(2).sum();
    (whole - idle, whole)
}

/// User and system ticks in the text of a `stat` file; the name in brackets may hold spaces.
fn ticks(stat: &str) -> u64 {
    let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields).split_whitespace();
    fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum()
}

fn own_ticks() -> u64 {
    ticks(&read("/proc/self/stat"))
}

/// Ticks of every PostgreSQL process of this machine.
fn server_ticks() -> u64 {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let stats = processes.filter(|entry| {
        entry
            .file_name()
            .to_str()
            .is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
    });
    let texts =
        stats.map(|entry| std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default());
    texts.filter(|stat| stat.contains("(postgres)")).map(|stat| ticks(&stat)).sum()
}

/// What this process caused to be sent to disks.
fn written() -> u64 {
    let text = read("/proc/self/io");
    let line = text.lines().find_map(|line| line.strip_prefix("write_bytes: "));
    line.and_then(|bytes| bytes.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_user_and_system() {
        let stat = "42 (a b) c) S 1 1 1 0 -1 4194560 100 0 0 0 12 30 5 5 20 0 1 0 100 1 1";
        assert_eq!(ticks(stat), 42);
    }
}
