//! Dermaga: bench.
