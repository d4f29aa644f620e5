//! The channel as a whole, against written answers and messages.

mod asked;
mod said;
mod stage;
