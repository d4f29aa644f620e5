//! A channel's flow: the table that says, for each status, what must hold once it was heard.

mod ensures;
mod rule;

pub use ensures::{Effect, Ensures};
pub use rule::{Flow, Rule};
