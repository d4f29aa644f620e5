//! What Lazada can do, and its limits.

use dermaga_channel::{Capabilities, CredentialField, Rate, Scope, Wording};
use dermaga_domain::time::Span;

/// The widest window of an order list. The channel sets none: it is as much as is read again when a first
/// sync is broken off.
const ORDER_WINDOW_MAX: Span = Span::days(15);
/// Orders on a page. The channel gives up to 100; half of that, because the units of at most 50 orders
/// are given by one request.
pub(super) const ORDERS_PAGE_MAX: u32 = 50;
/// Orders whose units are given by one request (`/orders/items/get`, error 38 above).
pub(super) const UNITS_BATCH_MAX: usize = 50;
/// The furthest row that a list of orders begins with (error 14 above).
pub(super) const OFFSET_MAX: u32 = 5_000;
/// Orders in one fetch of details. Each is a request of its own: no endpoint gives several.
const DETAILS_BATCH_MAX: u32 = 20;
/// Products on a page (`limit`).
pub(super) const LISTINGS_PAGE_MAX: u32 = 50;
/// The furthest product that a list begins with.
pub(super) const LISTINGS_OFFSET_MAX: u32 = 10_000;
/// Reverse orders on a page; no limit is told, this is the documents' own example.
pub(super) const RETURNS_PAGE_MAX: u32 = 20;
/// Rows of one message of stock: 50 are taken, 20 are advised.
const STOCK_ROWS_MAX: u32 = 20;
/// Requests a second to one endpoint, for each seller. The channel publishes almost none and says how
/// long to wait when there were too many.
const RATE: Rate = Rate { per_second: 10, burst: 10 };
/// The endpoints whose own rates are known, or that write and are left more room.
const ENDPOINT_RATES: &[(&str, Rate)] = &[
    // Of price and stock, 50 a second for each seller.
    ("stock_update", Rate { per_second: 20, burst: 20 }),
    ("returns", Rate { per_second: 2, burst: 2 }),
];
/// Tokens are renewed at least 48 hours before they end (the channel warns daily from then on).
const TOKEN_MARGIN: Span = Span::hours(48);

const fn words(english: &'static str, indonesian: &'static str) -> Wording {
    Wording { english, indonesian }
}

/// What must be done first.
const BEFORE: &[Wording] = &[
    words(
        "Register at open.lazada.com, make an app and have it approved. Test apps get tokens of 7 days.",
        "Daftar di open.lazada.com, buat aplikasi, dan minta persetujuan. Aplikasi uji mendapat token 7 hari.",
    ),
    words(
        "Enter this hub's address with /consent at its end as the app's callback address.",
        "Isi alamat hub ini dengan /consent di ujungnya sebagai alamat callback aplikasi.",
    ),
    words(
        "Under Push Mechanism enter the webhook address that this hub shows, with push at its end, and tick trade orders, reverse orders and fulfilment packages.",
        "Di Push Mechanism isi alamat webhook yang ditampilkan hub ini, dengan push di ujungnya, lalu centang trade order, reverse order, dan fulfilment package.",
    ),
];

/// Where a shop's id is read.
const SHOP_ID: Wording = words(
    "The seller id: the channel tells it when the seller consents.",
    "Seller id: diberikan saat penjual memberi izin.",
);

/// What a person enters to connect.
const CREDENTIALS: &[CredentialField] = &[
    CredentialField::new(
        "app_key",
        words("App key", "App key"),
        words("In the app console, a number.", "Di konsol aplikasi, berupa angka."),
    ),
    CredentialField::new(
        "app_secret",
        words("App secret", "App secret"),
        words(
            "In the app console. Requests and pushes are signed with it.",
            "Di konsol aplikasi. Permintaan dan push ditandatangani dengannya.",
        ),
    )
    .secret(),
    CredentialField::new(
        "api_url",
        words("Address of the API", "Alamat API"),
        words(
            "Leave it empty, unless you speak to a sandbox.",
            "Kosongkan, kecuali memakai sandbox.",
        ),
    )
    .optional(),
    CredentialField::new(
        "token_url",
        words("Address of consent and tokens", "Alamat izin dan token"),
        words(
            "Leave it empty, unless you speak to a sandbox.",
            "Kosongkan, kecuali memakai sandbox.",
        ),
    )
    .optional(),
];

/// The capabilities.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    before: BEFORE,
    credentials: CREDENTIALS,
    shop_id: SHOP_ID,
    sub_platforms: &[],
    order_window_max: Some(ORDER_WINDOW_MAX),
    order_history_max: None,
    listed_late: None,
    orders_page_max: ORDERS_PAGE_MAX,
    details_batch_max: DETAILS_BATCH_MAX,
    returns: true,
    decrements_on_order: true,
    webhook_scope: Scope::Connection,
    webhook_watch: false,
    webhook_removal: false,
    rate_scope: Scope::Shop,
    rate: RATE,
    endpoint_rates: ENDPOINT_RATES,
    token_scope: Scope::Shop,
    token_margin: TOKEN_MARGIN,
    invoice_number: false,
    stock_batch_max: Some(STOCK_ROWS_MAX),
    offers: super::commands::OFFERS,
};
