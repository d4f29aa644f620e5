//! Stories through the real application: a sandbox that behaves like the channel, real HTTP between
//! them, both databases, and a clock that only the story moves.
#![expect(clippy::unwrap_used, reason = "a story ends at the first surprise")]

mod acting;
mod answers;
mod batches;
mod cancelled;
mod commands;
mod consented;
mod course;
mod crash;
mod credentials;
mod downloads;
mod every_channel;
mod flows;
mod inbox;
mod missed;
mod modes;
mod numbers;
mod outcomes;
mod own_shop;
mod paired;
mod people;
mod pushes;
mod retention;
mod returned;
mod silence;
mod statuses;
mod sub_platforms;
mod switched_off;
mod tokens;
mod toy;
mod unchanged;
mod units;
mod watch;
mod windows;
