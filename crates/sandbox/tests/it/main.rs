//! The sandbox from the outside: over real sockets, through its public API only.

#[cfg(test)]
mod client;
#[cfg(test)]
mod consent;
#[cfg(test)]
mod control;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod fields;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod products;
#[cfg(test)]
mod sealed;
#[cfg(test)]
mod shop;
#[cfg(test)]
mod shop_errors;
#[cfg(test)]
mod shop_hooks;
#[cfg(test)]
mod shop_keys;
#[cfg(test)]
mod shopee;
#[cfg(test)]
mod shopee_errors;
#[cfg(test)]
mod signing;
#[cfg(test)]
mod states;
#[cfg(test)]
mod tiktok;
#[cfg(test)]
mod tiktok_errors;
#[cfg(test)]
mod tiktok_seller;
#[cfg(test)]
mod units;
#[cfg(test)]
mod webhooks;
