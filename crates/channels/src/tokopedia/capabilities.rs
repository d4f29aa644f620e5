//! What Tokopedia can do, and its limits.

use dermaga_channel::{Capabilities, CredentialField, Rate, Scope, Wording};
use dermaga_domain::time::Span;

/// The widest window of an order list: the difference of its two times must be *less* than three
/// days. Refused with `ORD_DLV_013` otherwise (error list of the official reference).
pub(super) const ORDER_WINDOW_MAX: Span = Span(Span::days(3).0 - Span::seconds(1).0);
/// How far back an order list reaches. An older start gives an empty answer, not an error (a
/// vendor's integration notes).
pub(super) const ORDER_HISTORY_MAX: Span = Span::days(3);
/// The list goes by the time of creation and shows an order only once it is paid (220). By when a buyer
/// must pay is told nowhere; this is twice what payment by bank transfer takes at most.
const LISTED_LATE: Span = Span::days(2);
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

const fn words(english: &'static str, indonesian: &'static str) -> Wording {
    Wording { english, indonesian }
}

/// What must be done first: the set-up of a vendor's integration guide.
const BEFORE: &[Wording] = &[
    words(
        "Ask your account manager to enable the API for the shop.",
        "Minta account manager mengaktifkan API untuk toko.",
    ),
    words(
        "Ask them to link the shop to the FSID of the app; without the link every call is refused.",
        "Minta toko ditautkan ke FSID aplikasi; tanpa tautan semua permintaan ditolak.",
    ),
    words(
        "Have the FSID, the client ID and the client secret of the app at hand.",
        "Siapkan FSID, client ID, dan client secret aplikasi.",
    ),
];
/// Where a shop's id is read.
const SHOP_ID: Wording = words(
    "The number in the address of the shop's profile in the seller panel; the account manager knows it too.",
    "Angka pada alamat profil toko di panel penjual; account manager juga mengetahuinya.",
);

/// What a person enters to connect.
const CREDENTIALS: &[CredentialField] = &[
    CredentialField::new("fs_id", words("FSID", "FSID"), words(
            "The id of the integrator (fulfillment service). Your account manager gives it when the API is enabled; the app console shows it too.",
            "Id integrator (fulfillment service). Diberikan account manager saat API diaktifkan; tampil juga di konsol aplikasi.",
        )),
    CredentialField::new("client_id", words("Client ID", "Client ID"), words("In the app console, beside the FSID.", "Di konsol aplikasi, di samping FSID.")),
    CredentialField::new("client_secret", words("Client secret", "Client secret"), words(
            "In the app console; it is shown once when it is made.",
            "Di konsol aplikasi; hanya tampil sekali saat dibuat.",
        )).secret(),
    CredentialField::new("webhook_secret", words("Webhook secret", "Rahasia webhook"), words(
            "A secret of your own choice, the same for all shops of the app: webhooks are signed with it.",
            "Rahasia pilihan Anda, sama untuk semua toko aplikasi ini: webhook ditandatangani dengannya.",
        )).secret(),
    CredentialField::new("private_key", words("Private key (PEM)", "Kunci privat (PEM)"), words(
            "Only if the app has registered a public key: it opens the encrypted details of buyers.",
            "Hanya jika aplikasi mendaftarkan kunci publik: membuka data pembeli yang dienkripsi.",
        )).lines().secret().optional(),
    CredentialField::new("api_url", words("Address of the API", "Alamat API"), words(
            "Leave it empty, unless you speak to a sandbox.",
            "Kosongkan, kecuali memakai sandbox.",
        )).optional(),
    CredentialField::new("token_url", words("Address of the tokens", "Alamat token"), words(
            "Leave it empty, unless you speak to a sandbox.",
            "Kosongkan, kecuali memakai sandbox.",
        )).optional(),
];

/// The capabilities.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    before: BEFORE,
    credentials: CREDENTIALS,
    shop_id: SHOP_ID,
    sub_platforms: &[],
    order_window_max: Some(ORDER_WINDOW_MAX),
    order_history_max: Some(ORDER_HISTORY_MAX),
    listed_late: Some(LISTED_LATE),
    orders_page_max: ORDERS_PAGE_MAX,
    details_batch_max: DETAILS_BATCH_MAX,
    returns: true,
    decrements_on_order: true,
    webhook_scope: Scope::Connection,
    webhook_watch: true,
    webhook_removal: false,
    rate_scope: Scope::Connection,
    rate: RATE,
    endpoint_rates: &[],
    token_scope: Scope::Connection,
    token_margin: TOKEN_MARGIN,
    invoice_number: true,
    stock_batch_max: Some(STOCK_ROWS_MAX),
    offers: super::commands::OFFERS,
};
