//! Dermaga: engine.
