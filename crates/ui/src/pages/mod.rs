//! The pages, one file each: the context a caller fills and the template it belongs to.

mod access;
mod account;
mod audit;
mod bin;
mod buyer;
mod command;
mod error;
mod flow;
mod log;
mod login;
mod order;
mod orders;
mod stock;

pub use access::{
    KeyRow, KeysPage, LimitsForm, RoleChoice, SessionRow, Tick, UserPage, UserRow, UsersPage,
};
pub use account::{AccountPage, SecondStepView};
pub use audit::{AuditPage, AuditRow};
pub use bin::BinPage;
pub use buyer::BuyerPage;
pub(crate) use command::NO_LINES;
pub use command::{
    AskKind, BatchPage, CodePage, CommandForm, CommandRow, FieldAsk, LineChoice, ReasonChoice,
    TextPart,
};
pub use error::ErrorPage;
pub use flow::{FlowPage, FlowRule, FlowVersion, flow_anchor};
pub use log::{LogPage, LogRow};
pub use login::{LoginPage, SecondPage, SetupPage, WelcomePage};
pub use order::{
    ActForm, ActNote, AttentionNote, Bin, Buyer, Documents, Explain, ExplainLine, FactNote,
    GoodsLine, Happening, HoldingNote, MoneyLine, MovementNote, MovementRow, Numbered, OrderPage,
    Package, TimelineEntry, WhatIf, WhatIfEnd,
};
pub use orders::{
    Bulk, Chip, Choice, Filters, OrderRow, OrdersPage, RowLine, StatusLink, TabCount,
};
pub use stock::{StockPage, StockRow};
