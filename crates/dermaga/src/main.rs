//! The `dermaga` binary: wiring only.
fn main() {}
