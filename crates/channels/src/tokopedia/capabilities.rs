//! What Tokopedia can do, and its limits.

use dermaga_channel::{Capabilities, CredentialField, Rate, Scope};
use dermaga_domain::time::Span;

/// The widest window of an order list: the difference of its two times must be *less* than three
/// days. Refused with `ORD_DLV_013` otherwise (error list of the official reference).
pub(super) const ORDER_WINDOW_MAX: Span = Span(Span::days(3).0 - Span::seconds(1).0);
/// How far back an order list reaches. An older start gives an empty answer, not an error (a
/// vendor's integration notes).
pub(super) const ORDER_HISTORY_MAX: Span = Span::days(3);
/// Orders on a page of the order list (`per_page`, official reference of the list).
pub(super) const ORDERS_PAGE_MAX: u32 = 100;
/// Orders in one fetch of details: the endpoint takes exactly one id. The order list is the batch.
pub(super) const DETAILS_BATCH_MAX: u32 = 1;
/// Products on a page of the product list (`per_page`; `PRD_DLV_009` above it).
pub(super) const LISTINGS_PAGE_MAX: usize = 50;
/// Complaint tickets on a page. The endpoint gives a whole window at once; the pages are ours,
/// because each ticket needs a request of its own to find its order.
pub(super) const TICKETS_PAGE: usize = 20;
/// Rows in one stock update (official reference of the stock update).
const STOCK_ROWS_MAX: u32 = 100;
/// Requests a second to one endpoint, by one app: the value of the official rate-limit page's
/// example. The real one differs by endpoint and is told in `X-Ratelimit-Limit`. One less at once: the
/// channel begins to count when the first request arrives, later than we do when it leaves.
const RATE: Rate = Rate { per_second: 5, burst: 4 };
/// Renew a token only when it ends: until then the channel gives the same one again (its news of
/// 22 October 2021), so that renewing early would ask in vain until it does end.
const TOKEN_MARGIN: Span = Span(0);

/// What a person enters to connect.
const CREDENTIALS: &[CredentialField] = &[
    CredentialField { name: "fs_id", secret: false, required: true },
    CredentialField { name: "client_id", secret: false, required: true },
    CredentialField { name: "client_secret", secret: true, required: true },
    CredentialField { name: "webhook_secret", secret: true, required: true },
    CredentialField { name: "private_key", secret: true, required: false },
    CredentialField { name: "api_url", secret: false, required: false },
    CredentialField { name: "token_url", secret: false, required: false },
];

/// The capabilities.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    credentials: CREDENTIALS,
    order_window_max: Some(ORDER_WINDOW_MAX),
    order_history_max: Some(ORDER_HISTORY_MAX),
    orders_page_max: ORDERS_PAGE_MAX,
    details_batch_max: DETAILS_BATCH_MAX,
    returns: true,
    decrements_on_order: true,
    webhook_scope: Scope::Connection,
    webhook_watch: true,
    rate_scope: Scope::Connection,
    rate: RATE,
    token_margin: TOKEN_MARGIN,
    invoice_number: true,
    stock_batch_max: Some(STOCK_ROWS_MAX),
    offers: super::commands::OFFERS,
};
