//! The commands, a file each.

pub mod demo;
pub mod migrate;
pub mod sandbox;
pub mod serve;
