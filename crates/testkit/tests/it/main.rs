//! Stories through the real application.

mod pulled;
