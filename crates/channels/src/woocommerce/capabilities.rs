//! What WooCommerce can do, and its limits.

use dermaga_channel::{Capabilities, CredentialField, Rate, Scope, Wording};
use dermaga_domain::time::Span;

/// The widest window of an order list. The shop sets none: it is as much as is read again when a first
/// sync is broken off.
const ORDER_WINDOW_MAX: Span = Span::days(31);
/// Orders on a page. The shop gives up to 100; half of that, because plugins put pages of data on each
/// order and an answer of more than 8 MiB is not read.
pub(super) const ORDERS_PAGE_MAX: u32 = 50;
/// Orders in one fetch of details, by `include` (a page of the same list).
const DETAILS_BATCH_MAX: u32 = ORDERS_PAGE_MAX;
/// Products on a page: as for orders, and each carries its description.
pub(super) const LISTINGS_PAGE_MAX: u32 = 50;
/// Variations on a page (`per_page`, refused above 100).
pub(super) const VARIATIONS_PAGE_MAX: u32 = 100;
/// Webhooks on a page (`per_page`, refused above 100).
pub(super) const WEBHOOKS_PAGE_MAX: u32 = 100;
/// Refunds of one order that are read; more than an order can have lines is not expected.
pub(super) const REFUNDS_MAX: u32 = 100;
/// Rows in one batch of products, or of one product's variations (413 above 100).
const STOCK_ROWS_MAX: u32 = 100;
/// Requests a second to one endpoint. The shop sets none and tells none: it is a web server of the
/// seller's, which buyers are to reach too.
const RATE: Rate = Rate { per_second: 5, burst: 5 };
/// Keys do not end: nothing is to be renewed before.
const TOKEN_MARGIN: Span = Span(0);

const fn words(english: &'static str, indonesian: &'static str) -> Wording {
    Wording { english, indonesian }
}

/// What must be done first.
const BEFORE: &[Wording] = &[
    words(
        "In WordPress set the permalinks (Settings, Permalinks) to anything but plain.",
        "Di WordPress, atur permalink (Pengaturan, Permalink) ke selain polos.",
    ),
    words(
        "Under WooCommerce, Settings, Advanced, REST API add a key with the permission read/write.",
        "Di WooCommerce, Pengaturan, Lanjutan, REST API, tambah kunci dengan izin baca/tulis.",
    ),
    words(
        "Let the shop reach this hub: WordPress sends webhooks only to public addresses on port 80, 443 or 8080.",
        "Pastikan toko dapat menjangkau hub ini: WordPress hanya mengirim webhook ke alamat publik di port 80, 443, atau 8080.",
    ),
];

/// Where a shop's id is read.
const SHOP_ID: Wording = words(
    "Any short name for the shop, such as its address without https://. A connection has exactly one shop.",
    "Nama pendek bebas untuk toko, misalnya alamatnya tanpa https://. Satu koneksi punya tepat satu toko.",
);

/// What a person enters to connect.
const CREDENTIALS: &[CredentialField] = &[
    CredentialField::new(
        "site_url",
        words("Address of the shop", "Alamat toko"),
        words(
            "As WordPress has it under Settings, General, Site Address, beginning with https://.",
            "Seperti di WordPress pada Pengaturan, Umum, Alamat Situs, diawali https://.",
        ),
    ),
    CredentialField::new(
        "consumer_key",
        words("Consumer key", "Consumer key"),
        words(
            "Begins with ck_; shown when the key is made.",
            "Diawali ck_; tampil saat kunci dibuat.",
        ),
    ),
    CredentialField::new(
        "consumer_secret",
        words("Consumer secret", "Consumer secret"),
        words(
            "Begins with cs_; it is shown once, when the key is made.",
            "Diawali cs_; hanya tampil sekali, saat kunci dibuat.",
        ),
    )
    .secret(),
    CredentialField::new(
        "webhook_secret",
        words("Webhook secret", "Rahasia webhook"),
        words(
            "A secret of your own choice, of letters and digits: webhooks are signed with it.",
            "Rahasia pilihan Anda, dari huruf dan angka: webhook ditandatangani dengannya.",
        ),
    )
    .secret(),
    CredentialField::new(
        "certificate_authority",
        words("Certificate authority (PEM)", "Otoritas sertifikat (PEM)"),
        words(
            "Only if the shop's certificate is of an authority of your own.",
            "Hanya jika sertifikat toko dari otoritas milik sendiri.",
        ),
    )
    .lines()
    .optional(),
    CredentialField::new(
        "oauth_method",
        words("Signature over http", "Tanda tangan lewat http"),
        words(
            "Only for an old shop without https: HMAC-SHA1. Leave it empty otherwise.",
            "Hanya untuk toko lama tanpa https: HMAC-SHA1. Selain itu kosongkan.",
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
    webhook_watch: true,
    webhook_removal: true,
    rate_scope: Scope::Connection,
    rate: RATE,
    endpoint_rates: &[],
    token_scope: Scope::Connection,
    token_margin: TOKEN_MARGIN,
    invoice_number: true,
    stock_batch_max: Some(STOCK_ROWS_MAX),
    offers: super::commands::OFFERS,
};
