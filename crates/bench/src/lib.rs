//! Benchmarks and torture, and what they and the demo share: a sandbox seen from outside, and a
//! seller who connects to it.

pub mod control;
pub mod seller;
pub mod torture;
