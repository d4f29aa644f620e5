//! `dermaga migrate`: brings the database to the newest schema.

use anyhow::Result;

use crate::hub::Place;

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
}

/// Runs the command.
pub async fn run(args: Args) -> Result<()> {
    args.place.migrate().await
}
