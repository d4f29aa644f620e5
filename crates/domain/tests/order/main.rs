//! Orders: what is known of one, and what that comes to.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod explain;
mod judge;
mod quay;
