//! Convergence: the same facts and looks come to the same order, whatever the order, the duplication
//! and the batching of the messages that brought them.
//!
//! - Every documented path of every flow, cut to at most seven messages: every permutation, with the
//!   batch cut at every position.
//! - Every path cut to its last four messages: every assignment of modes on top.
//! - 10,000 random multisets: units, snapshots, returns, acts of people, untimed pushes, unknown
//!   statuses, duplicates.
//!
//! - 300 seeded cases of every channel through the store, on each database: cut at every position, with
//!   a crash at every cut; see [`stored`].
//!
//! On the way no axis falls, except where the newest word on cancellation decides.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod canonical;
mod known;
mod paths;
mod permuted;
mod random;
mod stored;

use dermaga_channels::flows::FLOW_FILES;
use dermaga_domain::flow::{Flow, FlowFile, Preset};
use dermaga_domain::term::Mode;

/// Every flow that a channel offers, each once.
fn flows(channel: &str) -> Vec<Flow> {
    let text = FLOW_FILES.iter().find(|(name, _)| *name == channel).map(|(_, text)| text).unwrap();
    let file = FlowFile::parse(channel, text).unwrap();
    let mut flows: Vec<Flow> = Vec::new();
    for &preset in Preset::ALL {
        let flow = file.flow(preset);
        if !flows.contains(&flow) {
            flows.push(flow);
        }
    }
    flows
}

/// Every path of at most seven messages in every permutation; its last four in every assignment of
/// modes.
fn converges(channel: &str) {
    let paths = paths::of(channel);
    let flows = flows(channel);
    for (index, flow) in flows.iter().enumerate() {
        let mut short: Vec<Vec<paths::Step>> = Vec::new();
        // A path that meets no row in which the flow differs from an earlier one is done.
        let differs = |path: &&Vec<paths::Step>| {
            flows[..index].iter().all(|earlier| paths::differs(path, earlier, flow))
        };
        for path in paths.iter().filter(differs) {
            assert!(path.len() <= 7, "{channel}: {path:?}");
            permuted::every_order(
                flow,
                &paths::messages(
                    path,
                    |at| {
                        if at % 2 == 0 { Mode::Realtime } else { Mode::Download }
                    },
                ),
            );
            let last = path[path.len().saturating_sub(4)..].to_vec();
            if !short.contains(&last) {
                short.push(last);
            }
        }
        for path in short {
            for modes in 0..1_usize << path.len() {
                permuted::every_order(
                    flow,
                    &paths::messages(&path, |at| {
                        if modes >> at & 1 == 0 { Mode::Realtime } else { Mode::Download }
                    }),
                );
            }
        }
    }
}

#[test]
fn lazada_converges() {
    converges("lazada");
}

#[test]
fn pos_converges() {
    converges("pos");
}

#[test]
fn shopee_converges() {
    converges("shopee");
}

#[test]
fn tiktok_converges() {
    converges("tiktok");
}

#[test]
fn tokopedia_converges() {
    converges("tokopedia");
}

#[test]
fn woocommerce_converges() {
    converges("woocommerce");
}

#[test]
fn every_channel_is_asked() {
    let asked = ["lazada", "pos", "shopee", "tiktok", "tokopedia", "woocommerce"];
    assert_eq!(FLOW_FILES.iter().map(|(name, _)| *name).collect::<Vec<_>>(), asked);
    for channel in asked {
        let paths = paths::of(channel);
        let heard = |status: &str| paths.iter().flatten().any(|step| step.status == status);
        for list in &flows(channel)[0].documented {
            for status in &list.statuses {
                assert!(heard(status.as_str()), "{channel}: no path hears {status}");
            }
        }
    }
}

#[test]
fn random_multisets_converge() {
    random::converge(0..10_000);
}
