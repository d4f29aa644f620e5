//! Dermaga: ui.
