//! `dermaga sandbox`: the channels' side of the wire, alone.

use std::net::SocketAddr;

use anyhow::Result;
use dermaga_domain::time::Clock as _;
use dermaga_sandbox::{Config, Rates, Sandbox};

use crate::clock::SystemClock;
use crate::hub::asked_to_end;

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where the control API and its page answer.
    #[arg(long, default_value = "127.0.0.1:8700")]
    control: SocketAddr,
    /// Where a channel answers: `name=address`; a free port for those left out.
    #[arg(long = "channel", value_parser = channel_address)]
    channels: Vec<(String, SocketAddr)>,
    /// Everything random comes from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Keep to no rate limits.
    #[arg(long)]
    lift_rates: bool,
}

fn channel_address(text: &str) -> Result<(String, SocketAddr), String> {
    let (name, address) = text.split_once('=').ok_or("write it as name=address")?;
    Ok((name.to_owned(), address.parse().map_err(|error| format!("{address}: {error}"))?))
}

/// Runs the command until the process is asked to end.
#[expect(clippy::print_stdout, reason = "the addresses are what the command is for")]
pub async fn run(args: Args) -> Result<()> {
    let config = Config {
        seed: args.seed,
        control_addr: args.control,
        channel_addrs: args.channels.into_iter().collect(),
        clock_start_us: SystemClock.now().0,
        rates: if args.lift_rates { Rates::Lifted } else { Rates::Documented },
        lists_early_statuses: true,
        ..Config::default()
    };
    let sandbox = Sandbox::start(config).await?;
    println!("control API and page  {}", sandbox.control_url());
    for (name, _) in dermaga_channels::all().iter() {
        if let Some(url) = sandbox.channel_url(name) {
            println!("{name:<20}  {url}");
        }
        if let Some(url) = sandbox.secure_channel_url(name) {
            println!("{:<20}  {url}", "over TLS");
        }
    }
    asked_to_end().await?;
    sandbox.stop().await;
    Ok(())
}
