//! The invented shop the sandbox opens with, and what its books hold besides those of every channel.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::hooks::Hook;
use crate::books::{Books, Order, Product, Shop};
use crate::clock::SECOND_US;

/// The one shop of the site.
pub(super) const SHOP_ID: i64 = 580_001;

/// The shop number of what is not sold itself.
const CATALOGUE: i64 = 0;

/// The keys that the shop knows, invented: key, secret, what it may do.
pub(super) const KEYS: [(&str, &str, Rights); 4] = [
    ("ck_sandbox_580001", "cs_sandbox_not_a_real_one", Rights::All),
    ("ck_sandbox_readonly", "cs_sandbox_readonly_not_real", Rights::Reads),
    ("ck_sandbox_writeonly", "cs_sandbox_writeonly_not_real", Rights::Writes),
    ("ck_sandbox_customer", "cs_sandbox_customer_not_real", Rights::Nothing),
];

/// What a key may do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Rights {
    All,
    Reads,
    Writes,
    /// It is of somebody whom the shop knows and lets do nothing.
    Nothing,
}

/// Who counts a product's stock.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Counted {
    /// Itself.
    Itself,
    /// The product it is a variation of.
    Parent,
    /// Nobody.
    Nobody,
}

/// What a product is.
#[derive(Clone, Debug)]
pub(super) struct Ware {
    /// Of a variation, its product.
    pub(super) parent: Option<i64>,
    /// It has variations and is not sold itself.
    pub(super) variable: bool,
    /// Of a variation, the value of its one property.
    pub(super) option: &'static str,
    pub(super) counted: Counted,
}

/// One refund of an order.
#[derive(Clone, Debug)]
pub(super) struct Refund {
    pub(super) id: i64,
    pub(super) at_us: i64,
    pub(super) amount: i64,
    pub(super) reason: String,
    /// Line of the order and units.
    pub(super) lines: Vec<(i64, i64)>,
}

/// A note on an order.
#[derive(Clone, Debug)]
pub(super) struct Note {
    pub(super) id: i64,
    pub(super) at_us: i64,
    pub(super) text: String,
    pub(super) to_buyer: bool,
}

/// What an order has here besides.
#[derive(Clone, Debug, Default)]
pub(super) struct Extra {
    pub(super) completed_us: Option<i64>,
    /// Whether its units were taken off the shelf.
    pub(super) reduced: bool,
    pub(super) refunds: Vec<Refund>,
    pub(super) notes: Vec<Note>,
    /// Id, key and value.
    pub(super) meta: Vec<(i64, String, String)>,
    /// The second under which it stands in the list by change.
    listed_s: i64,
}

/// What the site's books hold besides those of every channel.
#[derive(Debug, Default)]
pub(super) struct Site {
    pub(super) extras: HashMap<String, Extra>,
    /// (second of the last change, number) of every order.
    pub(super) by_change: BTreeSet<(i64, i64)>,
    pub(super) wares: BTreeMap<i64, Ware>,
    pub(super) hooks: BTreeMap<u64, Hook>,
    /// Deliveries that wait in the shop's own queue: webhook and resource.
    pub(super) queued: HashSet<(u64, String)>,
    /// Nonces by key and second, of which the last one is known.
    pub(super) nonces: HashMap<(String, i64), String>,
    /// How often a payment gateway was asked to send money back.
    pub(super) gateway_refunds: u64,
    last_id: i64,
}

impl Site {
    /// An id that nothing has: posts, lines, refunds and notes are numbered alike.
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
        self.by_change.remove(&(before_s, order.number));
        self.by_change.insert((now_s, order.number));
    }

    /// Forgets an order.
    pub(super) fn forget(&mut self, order: &Order) {
        if let Some(extra) = self.extras.remove(&order.id) {
            self.by_change.remove(&(extra.listed_s, order.number));
        }
    }
}

/// One row of the opening stock: SKU, name, price, grams, stock.
type Row = (&'static str, &'static str, i64, i64, i64);

/// Three are sold elsewhere too; one is scarce.
#[rustfmt::skip]
const PRODUCTS: [Row; 8] = [
    ("GAYO-250",        "Kopi Gayo 250g",                 57_000, 250, 200),
    ("TORAJA-250",      "Kopi Toraja Sapan 250g",         63_000, 250, 150),
    ("KINTAMANI-250",   "Kopi Bali Kintamani 250g",       61_000, 250, 150),
    ("LUWAK-100",       "Kopi Luwak Liar 100g",          245_000, 100,   4),
    ("MUG-BATIK",       "Mug Keramik Motif Batik",        46_000, 400, 100),
    ("V60-SARING",      "Kertas Saring V60 isi 100",      33_000, 150, 120),
    ("TAS-ANYAM",       "Tas Anyam Pandan <b>besar</b>",  99_000, 500,  80),
    ("PAKET-NUSANTARA", "Paket Kopi Nusantara (Gayo + Toraja + Saring)", 141_000, 700, 40),
];

/// What the one bundle is put together from.
const BUNDLE: (&str, [(&str, i64); 3]) =
    ("PAKET-NUSANTARA", [("GAYO-250", 1), ("TORAJA-250", 1), ("V60-SARING", 1)]);

/// Products with variations: SKU, name, who counts, then (SKU, option, stock).
type Varied = (&'static str, &'static str, Counted, [(&'static str, &'static str, i64); 2]);

#[rustfmt::skip]
const VARIED: [Varied; 3] = [
    ("BATIK-MEGA", "Kemeja Batik Mega Mendung", Counted::Itself, [("BATIK-MEGA-M", "M", 45), ("BATIK-MEGA-L", "L", 45)]),
    ("KAUS-KOPI",  "Kaus Kopi Contoh",          Counted::Parent, [("KAUS-KOPI-M", "M", 60), ("KAUS-KOPI-L", "L", 60)]),
    ("TOTE-KOPI",  "Tas Tote Contoh",           Counted::Nobody, [("TOTE-KOPI-P", "Putih", 0), ("TOTE-KOPI-H", "Hitam", 0)]),
];

/// What a variation costs.
const VARIED_PRICE: i64 = 185_000;

/// Fills empty books.
pub(super) fn open(books: &mut Books, site: &mut Site, now_us: i64) {
    let shop = Shop {
        id: SHOP_ID,
        name: "Warung Kopi Contoh",
        domain: "warung-kopi-contoh",
        warehouse_id: 0,
        linked: true,
    };
    books.shops = [(SHOP_ID, shop)].into();
    let mut add = |site: &mut Site, row: Row, ware: Ware| {
        let (sku, name, price, weight_grams, stock) = row;
        let components = if sku == BUNDLE.0 {
            BUNDLE.1.iter().map(|(sku, quantity)| ((*sku).to_owned(), *quantity)).collect()
        } else {
            Vec::new()
        };
        let id = site.next_id();
        books.stock(Product {
            id,
            // What has variations is in the catalogue, and nobody orders it.
            shop_id: if ware.variable { CATALOGUE } else { SHOP_ID },
            sku: sku.to_owned(),
            name: name.to_owned(),
            price,
            weight_grams,
            stock,
            active: true,
            components,
            updated_us: now_us,
        });
        site.wares.insert(id, ware);
        id
    };
    for row in PRODUCTS {
        let ware = Ware { parent: None, variable: false, option: "", counted: Counted::Itself };
        add(site, row, ware);
    }
    for (sku, name, counted, variations) in VARIED {
        let of_parent = if counted == Counted::Parent { variations[0].2 } else { 0 };
        let own = if counted == Counted::Parent { Counted::Itself } else { Counted::Nobody };
        let ware = Ware { parent: None, variable: true, option: "", counted: own };
        let parent = add(site, (sku, name, VARIED_PRICE, 300, of_parent), ware);
        for (sku, option, stock) in variations {
            let stock = if counted == Counted::Itself { stock } else { 0 };
            let ware = Ware { parent: Some(parent), variable: false, option, counted };
            add(site, (sku, name, VARIED_PRICE, 300, stock), ware);
        }
    }
}

/// The product whose stock counts for this one; none if nobody counts.
pub(super) fn counting(site: &Site, product_id: i64) -> Option<i64> {
    let ware = site.wares.get(&product_id)?;
    match ware.counted {
        Counted::Itself => Some(product_id),
        Counted::Parent => ware.parent,
        Counted::Nobody => None,
    }
}
