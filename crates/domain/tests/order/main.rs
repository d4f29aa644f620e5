//! Orders: what is known of one, and what that comes to.

mod judge;
mod quay;
