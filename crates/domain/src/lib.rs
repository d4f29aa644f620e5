//! The vocabulary and the rules of Dermaga.
//!
//! Nothing here does input or output, knows a clock, a database or a channel by name. Given what is
//! known (facts, snapshots, acts of people, a flow) the functions of this crate *return* what must
//! hold; the engine makes it so.
//!
//! - [`access`]: roles, permissions and the table between them.
//! - [`flow`]: a channel's table from status to what must hold.
//! - [`order`]: facts, snapshots and acts, joined into the state of one order.
//! - [`command`]: when a command to a channel may be given, and what follows from its outcome.
//! - [`planted`]: bugs on purpose, for proofs of the proofs.
//! - [`silence`]: whether a shop is silent for longer than it usually is.
//! - [`stock`]: holdings, and the pure settlement of what an order wants against what is there.

pub mod access;
pub mod command;
pub mod flow;
pub mod id;
pub mod money;
pub mod order;
pub mod planted;
pub mod silence;
pub mod stock;
pub mod term;
pub mod time;
