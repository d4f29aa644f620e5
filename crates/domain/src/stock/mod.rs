//! Stock: what is on the shelf, and who holds it.
//!
//! A [`Shelf`] is the working copy of the levels and holdings that a batch touches. Settling changes
//! it in memory and leaves [`Movement`]s, the lines of the ledger; whoever wrote the rows it came
//! from writes them back in the same transaction. Nothing here is ever negative, and no unit is held
//! twice: the tests and the database's own checks hold that.

mod holding;
mod level;
mod publish;
mod settle;
mod shelf;
mod shortage;

pub use holding::{Holding, HoldingKey, Movement, MovementKind, Target, Terms};
pub use level::{Level, LevelKey};
pub use publish::{Believed, Said, Share, has_drifted, must_push, whole};
pub use settle::{Demand, Turn};
pub use shelf::{Found, Shelf};
