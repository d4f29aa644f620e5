//! Dermaga: testkit.
