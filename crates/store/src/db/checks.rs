//! Checks that tests of every statement and table share.
