//! Dermaga: web.
