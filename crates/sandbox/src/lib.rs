//! Dermaga: sandbox.
