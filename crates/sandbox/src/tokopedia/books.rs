//! The invented shops and products the sandbox opens with.

use crate::books::{Books, Product, Shop};

/// The app every client uses: FS id, client id, client secret. Invented.
pub(super) const FS_ID: i64 = 14_999;
pub(super) const CLIENT_ID: &str = "sandbox-client-14999";
pub(super) const CLIENT_SECRET: &str = "sandbox-secret-not-a-real-one";

/// The shop that never let the app in: every call about it is refused.
pub(super) const UNLINKED_SHOP_ID: i64 = 480_009;

const SHOPS: [Shop; 3] = [
    Shop {
        id: 480_001,
        name: "Toko Kopi Contoh",
        domain: "toko-kopi-contoh",
        warehouse_id: 341_700,
        linked: true,
    },
    Shop {
        id: 480_002,
        name: "Rumah Batik Contoh",
        domain: "rumah-batik-contoh",
        warehouse_id: 341_701,
        linked: true,
    },
    Shop {
        id: UNLINKED_SHOP_ID,
        name: "Toko Belum Terhubung",
        domain: "toko-belum-terhubung",
        warehouse_id: 341_709,
        linked: false,
    },
];

/// One row of the opening stock: shop, SKU, name, price, grams, stock.
type Row = (i64, &'static str, &'static str, i64, i64, i64);

/// Two SKUs are sold by both shops; three are scarce.
#[rustfmt::skip]
const PRODUCTS: [Row; 17] = [
    (480_001, "GAYO-250",       "Kopi Gayo 250g",                  55_000, 250,  400),
    (480_001, "TORAJA-250",     "Kopi Toraja Sapan 250g",          62_000, 250,  300),
    (480_001, "KINTAMANI-250",  "Kopi Bali Kintamani 250g",        60_000, 250,  300),
    (480_001, "MANDHELING-1K",  "Kopi Mandheling Biji 1kg",       185_000, 1000,  80),
    (480_001, "LUWAK-100",      "Kopi Luwak Liar 100g",           240_000, 100,    6),
    (480_001, "GULA-AREN-500",  "Gula Aren Cair 500ml",            38_000, 650,  250),
    (480_001, "V60-SARING",     "Kertas Saring V60 isi 100",       32_000, 150,  200),
    (480_001, "PAKET-NUSANTARA","Paket Kopi Nusantara (Gayo + Toraja + Saring)", 139_000, 700, 60),
    (480_001, "MUG-BATIK",      "Mug Keramik Motif Batik",         45_000, 400,  120),
    (480_002, "BATIK-MEGA-M",   "Kemeja Batik Mega Mendung M",    189_000, 300,   90),
    (480_002, "BATIK-MEGA-L",   "Kemeja Batik Mega Mendung L",    189_000, 320,   90),
    (480_002, "BATIK-PARANG-M", "Kemeja Batik Parang M",          175_000, 300,    8),
    (480_002, "SARUNG-TENUN",   "Sarung Tenun Troso",             135_000, 450,  110),
    (480_002, "SELENDANG-ULOS", "Selendang Ulos Ragi Hotang",     320_000, 350,    5),
    (480_002, "TAS-ANYAM",      "Tas Anyam Pandan",                98_000, 500,  140),
    (480_002, "MUG-BATIK",      "Mug Keramik Motif Batik",         45_000, 400,  120),
    (480_002, "GAYO-250",       "Kopi Gayo 250g",                  56_000, 250,   60),
];

/// What the one bundle is put together from.
const BUNDLE: (&str, [(&str, i64); 3]) =
    ("PAKET-NUSANTARA", [("GAYO-250", 1), ("TORAJA-250", 1), ("V60-SARING", 1)]);

/// The first product id; the others follow.
const PRODUCT_ID_FIRST: i64 = 15_250_001;

/// Fills empty books.
pub(super) fn open(books: &mut Books, now_us: i64) {
    books.shops = SHOPS.into_iter().map(|shop| (shop.id, shop)).collect();
    for (id, (shop_id, sku, name, price, weight_grams, stock)) in (PRODUCT_ID_FIRST..).zip(PRODUCTS)
    {
        let components = if sku == BUNDLE.0 {
            BUNDLE.1.iter().map(|(sku, quantity)| ((*sku).to_owned(), *quantity)).collect()
        } else {
            Vec::new()
        };
        books.stock(Product {
            id,
            shop_id,
            sku: sku.to_owned(),
            name: name.to_owned(),
            price,
            weight_grams,
            stock,
            active: true,
            components,
            updated_us: now_us,
        });
    }
}
