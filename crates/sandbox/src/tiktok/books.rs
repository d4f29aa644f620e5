//! The invented shops the sandbox opens with, and what its books hold besides those of every channel.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::books::{Books, Order, Product, Shop};
use crate::clock::SECOND_US;

/// The app every client uses. Invented.
pub(super) const APP_KEY: &str = "6sandboxapp01";
pub(super) const APP_SECRET: &str = "sandbox0secret0not0a0real0one";
pub(super) const SERVICE_ID: &str = "7430000000000000001";

/// The shop whose orders the platform's couriers carry: its buyers are masked.
pub(super) const SHOP_ID: i64 = 7_495_000_000_000_000_001;
/// The shop that sends by couriers of its own.
pub(super) const OWN_COURIER_SHOP_ID: i64 = 7_495_000_000_000_000_002;
/// The shop that the seller's consent does not open.
pub(super) const UNLINKED_SHOP_ID: i64 = 7_495_000_000_000_000_009;

const SHOPS: [Shop; 3] = [
    Shop {
        id: SHOP_ID,
        name: "Toko Kopi Contoh",
        domain: "toko-kopi-contoh",
        warehouse_id: 6_955_000_000_000_000_001,
        linked: true,
    },
    Shop {
        id: OWN_COURIER_SHOP_ID,
        name: "Rumah Batik Contoh",
        domain: "rumah-batik-contoh",
        warehouse_id: 6_955_000_000_000_000_002,
        linked: true,
    },
    Shop {
        id: UNLINKED_SHOP_ID,
        name: "Toko Belum Terhubung",
        domain: "toko-belum-terhubung",
        warehouse_id: 6_955_000_000_000_000_009,
        linked: false,
    },
];

/// What names a shop in a request.
pub(super) fn cipher(shop_id: i64) -> String {
    format!("ROW_sandbox{}", shop_id % 1_000)
}

/// The product that always travels in a parcel of its own.
pub(super) const BULKY: &str = "TAS-ANYAM";

/// One row of the opening stock: shop, product, SKU, name, price, grams, stock. SKUs of one product stand
/// below each other.
type Row = (i64, i64, &'static str, &'static str, i64, i64, i64);

#[rustfmt::skip]
const PRODUCTS: [Row; 14] = [
    (SHOP_ID, 1, "GAYO-250",       "Kopi Gayo 250g",                  56_000, 250,  300),
    (SHOP_ID, 2, "TORAJA-250",     "Kopi Toraja Sapan 250g",          62_500, 250,  200),
    (SHOP_ID, 3, "KINTAMANI-250",  "Kopi Bali Kintamani 250g",        60_500, 250,  200),
    (SHOP_ID, 4, "LUWAK-100",      "Kopi Luwak Liar 100g",           242_000, 100,    5),
    (SHOP_ID, 5, "V60-SARING",     "Kertas Saring V60 isi 100",       32_500, 150,  150),
    (SHOP_ID, 6, "MUG-BATIK",      "Mug Keramik Motif Batik",         45_500, 400,  100),
    (SHOP_ID, 7, BULKY,            "Tas Anyam Pandan",                98_500, 500,   90),
    (SHOP_ID, 8, "KAUS-KOPI-M",    "Kaus Kopi Contoh",                85_000, 200,   70),
    (SHOP_ID, 8, "KAUS-KOPI-L",    "Kaus Kopi Contoh",                85_000, 210,   70),
    (SHOP_ID, 9, "PAKET-NUSANTARA","Paket Kopi Nusantara (Gayo + Toraja + Saring)", 140_000, 700, 50),
    (OWN_COURIER_SHOP_ID, 10, "BATIK-MEGA-M", "Kemeja Batik Mega Mendung", 187_000, 300, 60),
    (OWN_COURIER_SHOP_ID, 10, "BATIK-MEGA-L", "Kemeja Batik Mega Mendung", 187_000, 320, 60),
    (OWN_COURIER_SHOP_ID, 11, "SARUNG-TENUN", "Sarung Tenun Troso",        134_000, 450, 80),
    (OWN_COURIER_SHOP_ID, 12, "MUG-BATIK",    "Mug Keramik Motif Batik",    45_500, 400, 80),
];

/// What the one bundle is put together from.
const BUNDLE: (&str, [(&str, i64); 3]) =
    ("PAKET-NUSANTARA", [("GAYO-250", 1), ("TORAJA-250", 1), ("V60-SARING", 1)]);

const PRODUCT_ID_BASE: i64 = 1_729_000_000_000_000_000;
const SKU_ID_FIRST: i64 = 1_729_100_000_000_000_101;

/// A parcel of an order.
#[derive(Clone, Debug)]
pub(super) struct Parcel {
    pub(super) id: i64,
    /// The lines in it, by their ids.
    pub(super) lines: Vec<i64>,
    pub(super) status: &'static str,
    pub(super) awb: String,
}

/// A cancellation: of the seller or the platform, or a buyer's request.
#[derive(Clone, Debug)]
pub(super) struct Cancel {
    pub(super) id: i64,
    pub(super) by_buyer: bool,
    pub(super) role: &'static str,
    pub(super) reason: String,
    pub(super) status: &'static str,
    pub(super) created_us: i64,
    pub(super) updated_us: i64,
}

/// What an order has here besides.
#[derive(Clone, Debug, Default)]
pub(super) struct Extra {
    pub(super) rts_us: Option<i64>,
    pub(super) collected_us: Option<i64>,
    pub(super) delivered_us: Option<i64>,
    pub(super) cancelled_us: Option<i64>,
    pub(super) cancel_reason: String,
    pub(super) initiator: &'static str,
    pub(super) parcels: Vec<Parcel>,
    pub(super) cancels: Vec<Cancel>,
    /// The second under which it stands in the list by change.
    listed_s: i64,
}

/// What the side's books hold besides those of every channel.
#[derive(Debug, Default)]
pub(super) struct Side {
    /// Of each SKU, its product.
    products: BTreeMap<i64, i64>,
    pub(super) extras: HashMap<String, Extra>,
    /// (shop, second of the last change, number) of every order.
    pub(super) by_change: BTreeSet<(i64, i64, i64)>,
    /// Of each shop and topic, where its webhooks go, and since when.
    pub(super) hooks: BTreeMap<(i64, &'static str), (String, i64)>,
    /// Of each shop, the tracking numbers of its own couriers.
    pub(super) tracked: HashSet<(i64, String)>,
    /// Answers that were given once, by their key.
    pub(super) answered: HashSet<String>,
    last_id: i64,
}

impl Side {
    /// The product of a SKU.
    pub(super) fn product_of(&self, sku_id: i64) -> i64 {
        self.products.get(&sku_id).copied().unwrap_or(0)
    }

    /// An id that nothing has.
    pub(super) fn next_id(&mut self) -> i64 {
        self.last_id += 1;
        self.last_id
    }

    pub(super) fn extra(&mut self, order_id: &str) -> &mut Extra {
        self.extras.entry(order_id.to_owned()).or_default()
    }

    /// Puts an order where its last change is.
    pub(super) fn enlist(&mut self, order: &Order) {
        let now_s = order.updated_us.div_euclid(SECOND_US);
        let extra = self.extras.entry(order.id.clone()).or_default();
        let before_s = std::mem::replace(&mut extra.listed_s, now_s);
        self.by_change.remove(&(order.shop_id, before_s, order.number));
        self.by_change.insert((order.shop_id, now_s, order.number));
    }
}

/// Fills empty books.
pub(super) fn open(books: &mut Books, side: &mut Side, now_us: i64) {
    books.shops = SHOPS.into_iter().map(|shop| (shop.id, shop)).collect();
    for (id, (shop_id, product, sku, name, price, weight_grams, stock)) in
        (SKU_ID_FIRST..).zip(PRODUCTS)
    {
        let components = if sku == BUNDLE.0 {
            BUNDLE.1.iter().map(|(sku, quantity)| ((*sku).to_owned(), *quantity)).collect()
        } else {
            Vec::new()
        };
        side.products.insert(id, PRODUCT_ID_BASE + product);
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
