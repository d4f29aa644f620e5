//! The invented shops the sandbox opens with, and what its books hold besides those of every channel.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use crate::books::{Books, Order, Product, Shop};
use crate::clock::SECOND_US;

/// The app every client uses. Invented.
pub(super) const PARTNER_ID: &str = "2009001";
pub(super) const PARTNER_KEY: &str = "sandbox0partner0key0not0a0real0one";
/// The account that both linked shops belong to.
pub(super) const MAIN_ACCOUNT_ID: i64 = 660_001;

/// A shop whose couriers come or are gone to.
pub(super) const SHOP_ID: i64 = 220_100_001;
/// A shop that sends by couriers that the channel has no wire to.
pub(super) const OWN_COURIER_SHOP_ID: i64 = 220_100_002;
/// A shop of somebody who did not let the app in.
const UNLINKED_SHOP_ID: i64 = 220_100_009;

const SHOPS: [Shop; 3] = [
    Shop {
        id: SHOP_ID,
        name: "Toko Kopi Contoh",
        domain: "toko-kopi-contoh",
        warehouse_id: 4_001,
        linked: true,
    },
    Shop {
        id: OWN_COURIER_SHOP_ID,
        name: "Rumah Batik Contoh",
        domain: "rumah-batik-contoh",
        warehouse_id: 4_002,
        linked: true,
    },
    Shop {
        id: UNLINKED_SHOP_ID,
        name: "Toko Belum Terhubung",
        domain: "toko-belum-terhubung",
        warehouse_id: 4_009,
        linked: false,
    },
];

/// The product that always travels in a parcel of its own.
pub(super) const BULKY: &str = "TAS-ANYAM";

/// One row of the opening stock: shop, product, SKU, name, variant, price, grams, stock. Variants of one
/// product stand below each other.
type Row = (i64, i64, &'static str, &'static str, &'static str, i64, i64, i64);

#[rustfmt::skip]
const PRODUCTS: [Row; 14] = [
    (SHOP_ID, 1, "GAYO-250",       "Kopi Gayo 250g",           "",  56_000, 250, 300),
    (SHOP_ID, 2, "TORAJA-250",     "Kopi Toraja Sapan 250g",   "",  62_500, 250, 200),
    (SHOP_ID, 3, "KINTAMANI-250",  "Kopi Bali Kintamani 250g", "",  60_500, 250, 200),
    (SHOP_ID, 4, "LUWAK-100",      "Kopi Luwak Liar 100g",     "", 242_000, 100,   5),
    (SHOP_ID, 5, "V60-SARING",     "Kertas Saring V60 isi 100","",  32_500, 150, 150),
    (SHOP_ID, 6, "MUG-BATIK",      "Mug Keramik Motif Batik",  "",  45_500, 400, 100),
    (SHOP_ID, 7, BULKY,            "Tas Anyam Pandan",         "",  98_500, 500,  90),
    (SHOP_ID, 8, "KAUS-KOPI-M",    "Kaus Kopi Contoh",         "M", 85_000, 200,  70),
    (SHOP_ID, 8, "KAUS-KOPI-L",    "Kaus Kopi Contoh",         "L", 85_000, 210,  70),
    (SHOP_ID, 9, "PAKET-NUSANTARA","Paket Kopi Nusantara (Gayo + Toraja + Saring)", "", 140_000, 700, 50),
    (OWN_COURIER_SHOP_ID, 10, "BATIK-MEGA-M", "Kemeja Batik Mega Mendung", "M", 187_000, 300, 60),
    (OWN_COURIER_SHOP_ID, 10, "BATIK-MEGA-L", "Kemeja Batik Mega Mendung", "L", 187_000, 320, 60),
    (OWN_COURIER_SHOP_ID, 11, "SARUNG-TENUN", "Sarung Tenun Troso",         "", 134_000, 450, 80),
    (OWN_COURIER_SHOP_ID, 12, "MUG-BATIK",    "Mug Keramik Motif Batik",    "",  45_500, 400, 80),
];

/// What the one bundle is put together from.
const BUNDLE: (&str, [(&str, i64); 3]) =
    ("PAKET-NUSANTARA", [("GAYO-250", 1), ("TORAJA-250", 1), ("V60-SARING", 1)]);

const ITEM_ID_BASE: i64 = 5_000_000;
const MODEL_ID_FIRST: i64 = 9_000_101;

/// How the channel names something that is sold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named {
    pub(super) item_id: i64,
    /// 0 where the product has no variants.
    pub(super) model_id: i64,
    pub(super) model_name: &'static str,
}

/// A parcel of an order.
#[derive(Clone, Debug)]
pub(super) struct Parcel {
    pub(super) number: String,
    /// The lines in it, by their ids.
    pub(super) lines: Vec<i64>,
    pub(super) status: &'static str,
    pub(super) awb: String,
    /// From when the number is told.
    pub(super) awb_from_us: i64,
    pub(super) collected_us: Option<i64>,
    pub(super) updated_us: i64,
    /// From when its document is there, once it was asked for.
    pub(super) paper_from_us: Option<i64>,
}

/// What an order has here besides.
#[derive(Clone, Debug, Default)]
pub(super) struct Extra {
    pub(super) parcels: Vec<Parcel>,
    pub(super) collected_us: Option<i64>,
    pub(super) cancel_by: &'static str,
    pub(super) cancel_reason: String,
    /// The status before the buyer asked to cancel.
    pub(super) asked_from: String,
    /// The second under which it stands in the list by change.
    listed_s: i64,
}

/// A push as it was told, for those that get lost.
#[derive(Clone, Debug)]
pub(super) struct Push {
    pub(super) body_sha256: String,
    pub(super) shop_id: i64,
    pub(super) code: i64,
    pub(super) at_s: i64,
    pub(super) data: Value,
}

/// What the side's books hold besides those of every channel.
#[derive(Debug, Default)]
pub(super) struct Side {
    named: BTreeMap<i64, Named>,
    pub(super) extras: HashMap<String, Extra>,
    /// (shop, second of the last change, number) of every order.
    pub(super) by_change: BTreeSet<(i64, i64, i64)>,
    /// Where pushes go, and which are sent.
    pub(super) callback_url: String,
    pub(super) codes: BTreeSet<i64>,
    /// What was pushed, newest last.
    pub(super) pushes: std::collections::VecDeque<Push>,
    /// Up to which delivery lost ones were seen.
    pub(super) seen: u64,
    last_id: i64,
}

impl Side {
    /// How the channel names what is sold under this id.
    pub(super) fn named(&self, id: i64) -> Named {
        let nothing = Named { item_id: 0, model_id: 0, model_name: "" };
        self.named.get(&id).copied().unwrap_or(nothing)
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
        let now_s = second(order.updated_us);
        let extra = self.extras.entry(order.id.clone()).or_default();
        let before_s = std::mem::replace(&mut extra.listed_s, now_s);
        self.by_change.remove(&(order.shop_id, before_s, order.number));
        self.by_change.insert((order.shop_id, now_s, order.number));
    }
}

/// The id of the order with this number.
pub(super) fn sn(number: i64) -> String {
    format!("2611SBX{number:08}")
}

/// A moment in whole seconds.
pub(super) fn second(at_us: i64) -> i64 {
    at_us.div_euclid(SECOND_US)
}

/// Fills empty books.
pub(super) fn open(books: &mut Books, side: &mut Side, now_us: i64) {
    books.shops = SHOPS.into_iter().map(|shop| (shop.id, shop)).collect();
    for (id, (shop_id, item, sku, name, model_name, price, weight_grams, stock)) in
        (MODEL_ID_FIRST..).zip(PRODUCTS)
    {
        let components = if sku == BUNDLE.0 {
            BUNDLE.1.iter().map(|(sku, quantity)| ((*sku).to_owned(), *quantity)).collect()
        } else {
            Vec::new()
        };
        let model_id = if model_name.is_empty() { 0 } else { id };
        side.named.insert(id, Named { item_id: ITEM_ID_BASE + item, model_id, model_name });
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
