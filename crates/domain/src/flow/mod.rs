//! A channel's flow: the table that says, for each status, what must hold once it was heard.
//!
//! A flow is written as a TOML text ([`FlowFile`]): the channel's own file with its presets and
//! settings, or the version that a shop edited. Both are read by the same code under the same
//! checks, and [`Flow::ensured`] answers what one fact releases.

mod check;
mod ensured;
mod ensures;
mod error;
mod file;
mod read;
mod rule;
mod verb;
mod write;

pub use ensured::Ensured;
pub use ensures::{Effect, Ensures};
pub use error::FlowError;
pub use file::{FlowFile, Preset, Setting};
pub use rule::{Documented, Flow, Note, Rule};

#[cfg(test)]
mod tests;
