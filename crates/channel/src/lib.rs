//! Dermaga: channel.
