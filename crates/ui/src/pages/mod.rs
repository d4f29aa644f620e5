//! The pages, one file each: the context a caller fills and the template it belongs to.

mod bin;
mod command;
mod download;
mod error;
mod flow;
mod log;
mod login;
mod order;
mod orders;
mod shop;
mod stock;
mod system;

pub use bin::BinPage;
pub(crate) use command::NO_LINES;
pub use command::{
    AskKind, BatchPage, CodePage, CommandForm, CommandRow, FieldAsk, LineChoice, ReasonChoice,
    TextPart,
};
pub use download::{DownloadForm, DownloadOrder, DownloadPage, DownloadRow, DownloadsPage};
pub use error::ErrorPage;
pub use flow::{FlowPage, FlowRule, FlowVersion, flow_anchor};
pub use log::{LogPage, LogRow};
pub use login::LoginPage;
pub use order::{
    ActForm, ActNote, AttentionNote, Bin, Buyer, Documents, Explain, ExplainLine, FactNote,
    GoodsLine, Happening, HoldingNote, MoneyLine, MovementNote, MovementRow, Numbered, OrderPage,
    Package, TimelineEntry, WhatIf, WhatIfEnd,
};
pub use orders::{
    Bulk, Chip, Choice, Filters, OrderRow, OrdersPage, RowLine, StatusLink, TabCount,
};
pub use shop::{
    ConnectPage, CredentialAsk, FirstSyncPage, PushLogRow, PushRow, ShopCard, ShopForm, ShopPage,
    ShopSettingsPage, ShopStockPage, ShopsPage, TaskRow, TasksPage, VitalSign,
};
pub use stock::{StockPage, StockRow};
pub use system::{SystemName, SystemPage, SystemPart, SystemRow, SystemValue};
