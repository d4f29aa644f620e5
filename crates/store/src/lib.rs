//! Dermaga: store.
