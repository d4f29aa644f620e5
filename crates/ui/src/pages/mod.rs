//! The pages, one file each: the context a caller fills and the template it belongs to.

mod access;
mod account;
mod attention;
mod audit;
mod bin;
mod buyer;
mod command;
mod download;
mod error;
mod flow;
mod flow_edit;
mod log;
mod login;
mod opening;
mod order;
mod orders;
mod shop;
mod sku;
mod stock;
mod system;

pub use access::{
    KeyRow, KeysPage, LimitsForm, RoleChoice, SessionRow, Tick, UserPage, UserRow, UsersPage,
};
pub use account::{AccountPage, SecondStepView};
pub use attention::{ActivityPage, ActivityRow, AttentionGroup, AttentionPage, AttentionRow};
pub use audit::{AuditPage, AuditRow};
pub use bin::{BinPage, BinRow};
pub use buyer::BuyerPage;
pub(crate) use command::NO_LINES;
pub use command::{
    AskKind, BatchPage, CodePage, CommandForm, CommandRow, FieldAsk, LineChoice, ReasonChoice,
    TextPart,
};
pub use download::{DownloadForm, DownloadOrder, DownloadPage, DownloadRow, DownloadsPage};
pub use error::ErrorPage;
pub use flow::{FlowPage, FlowRule, FlowVersion, TabNote, VersionRow, flow_anchor};
pub use flow_edit::{EndsRow, FlowEditPage, FlowTryPage};
pub use log::{LogPage, LogRow};
pub use login::{LoginPage, SecondPage, SetupPage, WelcomePage};
pub use opening::{OpeningDone, OpeningNote, OpeningPage, OpeningPreview, RowEnd};
pub use order::{
    ActForm, ActNote, AttentionNote, Bin, Buyer, Documents, Explain, ExplainLine, FactNote,
    GoodsLine, Happening, HoldingNote, MoneyLine, MovementNote, MovementRow, Numbered, OrderPage,
    Package, TimelineEntry, WhatIf, WhatIfEnd,
};
pub use orders::{
    Bulk, Chip, Choice, Filters, OrderRow, OrdersPage, RowLine, StatusLink, TabCount,
};
pub use shop::{
    ConnectPage, ConsentPage, CredentialAsk, FirstSyncPage, PushLogRow, PushRow, ShopCard,
    ShopForm, ShopPage, ShopSettingsPage, ShopStockPage, ShopsPage, TaskRow, TasksPage, VitalSign,
};
pub use sku::{
    Cause, CountPreview, IncidentNote, LedgerRow, LevelRow, MoveForms, PartNote, SellingRow,
    SentNote, SkuPage,
};
pub use stock::{StockPage, StockRow, UnmappedRow};
pub use system::{SystemName, SystemPage, SystemPart, SystemRow, SystemValue};
