//! The conformance suite: what every channel's client must do against its own side of the wire.
//!
//! The client is asked through the contract alone; buyers and sellers act through the sandbox's control
//! API. What differs between channels is a [`profile::Profile`], which says in a channel's own words how
//! to bring an order somewhere, never what the client should answer.
#![expect(clippy::unwrap_used, reason = "a law that is broken ends its test")]

mod bench;
mod commands;
mod consent;
mod credentials;
mod faults;
mod listings;
mod messages;
mod orders;
mod profile;
mod returns;
mod webhooks;

/// Holds every channel to a law.
async fn every(law: impl AsyncFn(&bench::Bench)) {
    for profile in profile::ALL {
        let bench = bench::Bench::start(profile).await;
        law(&bench).await;
    }
}

#[test]
fn every_channel_is_asked() {
    let registry = dermaga_channels::all();
    let channels: Vec<&str> = registry.iter().map(|(name, _)| name).collect();
    let mut asked: Vec<&str> = profile::ALL.iter().map(|profile| profile.channel).collect();
    asked.sort_unstable();
    assert_eq!(channels, asked);
}
