//! Dermaga: channels.

pub mod flows;
