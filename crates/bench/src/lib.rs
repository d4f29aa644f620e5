//! Benchmarks and torture, and what they and the demo share: a sandbox seen from outside, and a
//! seller who connects to it.

pub mod backup;
pub mod control;
pub mod e2e;
mod ground;
pub mod ingest;
mod limit;
pub mod list;
mod load;
pub mod report;
pub mod seller;
pub mod torture;
pub mod webhook;
