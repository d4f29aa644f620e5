//! What TikTok Shop can do, and its limits.

use dermaga_channel::{Capabilities, CredentialField, Rate, Scope, SubPlatformName, Wording};
use dermaga_domain::time::Span;

/// The widest window of an order list. The channel documents none: it is as much as is read again when a
/// first sync is broken off.
const ORDER_WINDOW_MAX: Span = Span::days(31);
/// Orders on a page of the order list (`page_size`, official reference).
pub(super) const ORDERS_PAGE_MAX: u32 = 100;
/// Orders in one fetch of details (`ids`, official reference).
pub(super) const DETAILS_BATCH_MAX: u32 = 50;
/// Products on a page of the product search (`page_size`, official reference).
pub(super) const LISTINGS_PAGE_MAX: u32 = 100;
/// Returns, and cancellations, on a page (`page_size`, official reference).
pub(super) const RETURNS_PAGE_MAX: u32 = 50;
/// Rows in one message of stock: SKUs of one product in South-East Asia, and well below the 600 of one
/// look at stock.
pub(super) const STOCK_ROWS_MAX: u32 = 100;
/// The most units that a SKU can be shown to have in a warehouse (official reference).
pub(super) const STOCK_MAX: i64 = 99_999;
/// Requests a second to one endpoint, for one app and shop (rate-limit page of 2025; newer readings say
/// that it grows with what the app is allowed).
const RATE: Rate = Rate { per_second: 50, burst: 50 };
/// Renew a token this long before it ends, of the seven days it holds: a day of trouble at the channel
/// ends nothing.
const TOKEN_MARGIN: Span = Span::days(1);

const fn words(english: &'static str, indonesian: &'static str) -> Wording {
    Wording { english, indonesian }
}

/// What must be done first.
const BEFORE: &[Wording] = &[
    words(
        "In the Partner Center make an app for Indonesia with the scopes order, fulfillment, product, logistics, and return and refund.",
        "Di Partner Center, buat aplikasi untuk Indonesia dengan cakupan pesanan, pemenuhan, produk, logistik, serta retur dan pengembalian dana.",
    ),
    words(
        "Enter this hub's address with /consent behind it as the app's redirect URL.",
        "Isi URL pengalihan aplikasi dengan alamat hub ini ditambah /consent.",
    ),
    words(
        "Let the channel reach this hub: webhooks go only to https and a domain's name without a port.",
        "Pastikan kanal dapat menjangkau hub ini: webhook hanya dikirim ke https dan nama domain tanpa port.",
    ),
    words(
        "Have the app key, the app secret and the service id of its authorization link at hand. Shops of Tokopedia that have moved consent in the same way.",
        "Siapkan app key, app secret, dan service id dari tautan otorisasinya. Toko Tokopedia yang sudah pindah memberi izin dengan cara yang sama.",
    ),
];

/// Where a shop's id is read.
const SHOP_ID: Wording = words(
    "The channel tells it when the seller has consented; in the Seller Center it stands under the account's settings.",
    "Diberitahukan kanal setelah penjual memberi izin; di Seller Center ada pada pengaturan akun.",
);

const EMPTY_HELP: Wording =
    words("Leave it empty, unless you speak to a sandbox.", "Kosongkan, kecuali memakai sandbox.");

/// What a person enters to connect.
const CREDENTIALS: &[CredentialField] = &[
    CredentialField::new(
        "app_key",
        words("App key", "App key"),
        words("In the Partner Center, on the app's page.", "Di Partner Center, pada halaman aplikasi."),
    ),
    CredentialField::new(
        "app_secret",
        words("App secret", "App secret"),
        words(
            "Beside the app key. Requests and webhooks are signed with it.",
            "Di samping app key. Permintaan dan webhook ditandatangani dengannya.",
        ),
    )
    .secret(),
    CredentialField::new(
        "service_id",
        words("Service id", "Service id"),
        words(
            "The number behind service_id= in the app's authorization link.",
            "Angka setelah service_id= pada tautan otorisasi aplikasi.",
        ),
    ),
    CredentialField::new(
        "page_url",
        words("Address of the consent page", "Alamat halaman izin"),
        words(
            "Leave it empty, unless the app's authorization link begins otherwise than https://services.tiktokshop.com, as in the United States.",
            "Kosongkan, kecuali tautan otorisasi aplikasi tidak diawali https://services.tiktokshop.com, seperti di Amerika Serikat.",
        ),
    )
    .optional(),
    CredentialField::new("token_url", words("Address of the tokens", "Alamat token"), EMPTY_HELP)
        .optional(),
    CredentialField::new("api_url", words("Address of the API", "Alamat API"), EMPTY_HELP).optional(),
];

/// Orders under the platform's own name: `commerce_platform` TIKTOK_SHOP (official reference).
pub(super) const OWN_NAME: SubPlatformName =
    SubPlatformName { key: "tiktok_shop", name: "TikTok Shop" };
/// Orders under the name of Tokopedia, of shops that have moved: TOKOPEDIA, in Indonesia only.
pub(super) const TOKOPEDIA: SubPlatformName =
    SubPlatformName { key: "tokopedia", name: "Tokopedia" };

/// The capabilities.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    before: BEFORE,
    credentials: CREDENTIALS,
    shop_id: SHOP_ID,
    sub_platforms: &[OWN_NAME, TOKOPEDIA],
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
    rate_scope: Scope::Shop,
    rate: RATE,
    endpoint_rates: &[],
    token_scope: Scope::Connection,
    token_margin: TOKEN_MARGIN,
    invoice_number: false,
    stock_batch_max: Some(STOCK_ROWS_MAX),
    offers: super::commands::OFFERS,
};
