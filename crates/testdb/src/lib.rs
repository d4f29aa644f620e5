//! A PostgreSQL server for tests: found, started on a free port as an unprivileged user, and removed.

pub mod postgres;
