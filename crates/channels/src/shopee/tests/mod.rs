//! The channel as a whole, against written answers and messages.
