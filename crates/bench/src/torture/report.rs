//! What torture prints.

use std::collections::BTreeMap;

use super::compare::{CHECKED, Tally};

/// Differences that are printed one by one.
const SHOWN: usize = 40;

/// Prints what happened and what was found.
#[expect(clippy::print_stdout, reason = "the report is what the command is for")]
pub(super) fn print(fired: &BTreeMap<&'static str, u64>, tally: &Tally) {
    println!("{:<22} fired", "fault");
    for (name, times) in fired {
        println!("{name:<22} {times}");
    }
    println!("{:<22} {:>9} differences", "invariant", "looked at");
    for invariant in CHECKED {
        let differences = tally.found().iter().filter(|(of, _)| *of == invariant).count();
        println!("{invariant:<22} {:>9} {differences}", tally.looked(invariant));
    }
    for (invariant, told) in tally.found().iter().take(SHOWN) {
        println!("DIFFERS {invariant}: {told}");
    }
}

/// Faults that never fired, and invariants for which nothing was looked at.
pub(super) fn silent(fired: &BTreeMap<&'static str, u64>, tally: &Tally) -> Vec<&'static str> {
    let faults = fired.iter().filter(|(_, times)| **times == 0).map(|(name, _)| *name);
    let blind = CHECKED.into_iter().filter(|invariant| tally.looked(invariant) == 0);
    faults.chain(blind).collect()
}
