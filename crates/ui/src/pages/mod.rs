//! The pages, one file each: the context a caller fills and the template it belongs to.

mod login;
mod orders;

pub use login::LoginPage;
pub use orders::{Chip, Choice, Filters, OrderRow, OrdersPage, RowLine, StatusLink, TabCount};
