//! Dermaga: domain.
