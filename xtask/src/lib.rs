//! Chores of the project: tidy checks and generated documents.
