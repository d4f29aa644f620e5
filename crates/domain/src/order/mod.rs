//! One order: what was heard of it, joined into its state.
//!
//! [`judge`] is the heart: a pure function from (flow, facts, lines, acts) to the state. It takes the
//! facts as a *set* and gives every axis the maximum that any fact ensures, so the state is the same
//! whatever the order, the duplication and the batching of the messages.

mod act;
mod axes;
mod current;
mod deadline;
pub mod explain;
mod fact;
mod heard;
mod judge;
mod rolled;
mod snapshot;
mod standing;
mod state;
mod sub_platform;
mod target;
mod transition;

pub use act::{Act, ActKind, Acts, Axis, NOTE_CHARS_MAX};
pub use axes::Evidence;
pub use current::seen;
pub use deadline::{FINAL_AFTER, UNTIL_FINISHED};
pub use fact::{CLOSED, Fact, FactKey, UnitKey};
pub use judge::{Case, judge};
pub use snapshot::{
    Buyer, Head, Line, LineKey, Money, Package, PackageKey, Part, Parts, Snapshot, Stamp, merge,
};
pub use state::{AxisEvidence, LineTarget, State};
pub use sub_platform::SubPlatform;
pub use transition::{Transition, cause, transitions};
