//! Orders: what is known of one, and what that comes to.

mod explain;
mod judge;
mod quay;
