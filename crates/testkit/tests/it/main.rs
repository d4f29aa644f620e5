//! Stories through the real application: a sandbox that behaves like the channel, real HTTP between
//! them, both databases, and a clock that only the story moves.

mod course;
mod statuses;
