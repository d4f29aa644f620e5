//! Dermaga: channels.
