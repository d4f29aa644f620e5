//! The commands of the binary, through the functions that command line and hub share.

#[cfg(test)]
mod backup;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod flow;
#[cfg(test)]
mod migrate;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod shop;
#[cfg(test)]
mod socket;
#[cfg(test)]
mod stock;
#[cfg(test)]
mod terminal;
mod words;
