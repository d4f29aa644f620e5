//! Tests of the database layer, on both databases.
