//! Chores of the project: tidy checks and generated documents.

pub mod docs;
pub mod tidy;
