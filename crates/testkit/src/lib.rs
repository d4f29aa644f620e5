//! Dermaga: testkit.

pub mod postgres;
