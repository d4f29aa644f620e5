//! Encryption at rest.
