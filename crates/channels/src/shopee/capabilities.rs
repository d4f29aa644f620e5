//! What Shopee can do, and its limits.

use dermaga_channel::{Capabilities, CredentialField, Rate, Scope, Wording};
use dermaga_domain::time::Span;

/// The widest window of a list of orders or returns (`order.order_list_invalid_time` above).
pub(super) const WINDOW_DAYS_MAX: i64 = 15;
/// Orders on a page of the order list (`page_size`, API documentation).
pub(super) const ORDERS_PAGE_MAX: u32 = 100;
/// Orders, or parcels, in one fetch of details (API documentation).
pub(super) const DETAILS_BATCH_MAX: u32 = 50;
/// Products on a page of the product list: as many as one look at their details shows.
pub(super) const LISTINGS_PAGE_MAX: u32 = 50;
/// Returns on a page (`page_size`, API documentation).
pub(super) const RETURNS_PAGE_MAX: u32 = 100;
/// Rows in one message of stock: as many as one product may have variants.
pub(super) const STOCK_ROWS_MAX: u32 = 50;
/// Requests a second to one endpoint. **The one place that holds it**: the channel publishes none, and
/// says only that there is one.
const RATE: Rate = Rate { per_second: 10, burst: 10 };
/// Renew a token this long before it ends, of the four hours it holds: an hour of trouble at the channel
/// ends nothing.
const TOKEN_MARGIN: Span = Span::hours(1);

const fn words(english: &'static str, indonesian: &'static str) -> Wording {
    Wording { english, indonesian }
}

/// What must be done first.
const BEFORE: &[Wording] = &[
    words(
        "On open.shopee.com make an app (order management or ERP system) and have it go live.",
        "Di open.shopee.com, buat aplikasi (manajemen pesanan atau sistem ERP) dan aktifkan.",
    ),
    words(
        "Enter this hub's host as the app's redirect domain: sellers come back to /consent below it.",
        "Isi domain pengalihan aplikasi dengan host hub ini: penjual kembali ke /consent di bawahnya.",
    ),
    words(
        "After connecting, enter the address of the pushes that the hub shows: its public address, /webhooks/, the connection's route and /push. The hub registers the same address at Shopee.",
        "Setelah terhubung, isi alamat push yang ditampilkan hub: alamat publiknya, /webhooks/, rute koneksi, dan /push. Hub mendaftarkan alamat yang sama di Shopee.",
    ),
];

/// Where a shop's id is read.
const SHOP_ID: Wording = words(
    "The channel tells it when the seller has consented; it is a number.",
    "Diberitahukan kanal setelah penjual memberi izin; berupa angka.",
);

/// What a person enters to connect.
const CREDENTIALS: &[CredentialField] = &[
    CredentialField::new(
        "partner_id",
        words("Partner id", "Partner id"),
        words(
            "The number on the app's page of the console, of the live environment.",
            "Angka pada halaman aplikasi di konsol, untuk lingkungan live.",
        ),
    ),
    CredentialField::new(
        "partner_key",
        words("Partner key", "Partner key"),
        words(
            "Beside the partner id. Requests and pushes are signed with it.",
            "Di samping partner id. Permintaan dan push ditandatangani dengannya.",
        ),
    )
    .secret(),
    CredentialField::new(
        "push_url",
        words("Address of the pushes", "Alamat push"),
        words(
            "The whole callback address as the app's console has it, letter by letter: this hub's public address, /webhooks/, the connection's route, /push. It is part of each push's signature; without it all are refused.",
            "Seluruh alamat callback seperti di konsol aplikasi, huruf demi huruf: alamat publik hub ini, /webhooks/, rute koneksi, /push. Ia bagian dari tanda tangan setiap push; tanpanya semua ditolak.",
        ),
    )
    .optional(),
    CredentialField::new(
        "api_url",
        words("Address of the API", "Alamat API"),
        words(
            "Leave it empty, unless the app is of another region (https://openplatform.shopee.com.br) or you speak to a sandbox.",
            "Kosongkan, kecuali aplikasi dari wilayah lain (https://openplatform.shopee.com.br) atau memakai sandbox.",
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
    order_window_max: Some(Span::days(WINDOW_DAYS_MAX)),
    order_history_max: None,
    listed_late: None,
    orders_page_max: ORDERS_PAGE_MAX,
    details_batch_max: DETAILS_BATCH_MAX,
    returns: true,
    decrements_on_order: true,
    webhook_scope: Scope::Connection,
    webhook_watch: true,
    webhook_removal: false,
    rate_scope: Scope::Shop,
    rate: RATE,
    endpoint_rates: &[],
    token_scope: Scope::Shop,
    token_margin: TOKEN_MARGIN,
    invoice_number: false,
    stock_batch_max: Some(STOCK_ROWS_MAX),
    offers: super::commands::OFFERS,
};
