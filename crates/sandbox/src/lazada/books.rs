//! The invented accounts the sandbox opens with, and what its books hold besides those of every channel.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::tokens::Tokens;
use crate::books::{Books, Order, Product, Shop};
use crate::clock::SECOND_US;

/// The one app, invented.
pub(super) const APP_KEY: &str = "109001";
pub(super) const APP_SECRET: &str = "sandbox-app-secret-not-a-real-one";

/// A country: how it is written, its host, its currency, how many minor units make a major one, by how
/// many hours its clocks are ahead.
#[derive(Clone, Copy, Debug)]
pub(super) struct Country {
    pub(super) name: &'static str,
    pub(super) host: &'static str,
    pub(super) currency: &'static str,
    pub(super) minor: i64,
    pub(super) hours: i8,
}

const fn country(
    name: &'static str,
    host: &'static str,
    currency: &'static str,
    (minor, hours): (i64, i8),
) -> Country {
    Country { name, host, currency, minor, hours }
}

/// The countries, Indonesia first: it answers where no host is named.
pub(super) const COUNTRIES: [Country; 6] = [
    country("id", "api.lazada.co.id", "IDR", (1, 7)),
    country("sg", "api.lazada.sg", "SGD", (100, 8)),
    country("my", "api.lazada.com.my", "MYR", (100, 8)),
    country("th", "api.lazada.co.th", "THB", (100, 7)),
    country("vn", "api.lazada.vn", "VND", (1, 7)),
    country("ph", "api.lazada.com.ph", "PHP", (100, 8)),
];

/// A seller's account: what the consent is about.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) id: i64,
    pub(super) email: &'static str,
    /// Country and seller id of each shop.
    pub(super) shops: &'static [(&'static str, i64)],
}

/// The accounts; the last one sells across borders, with one token for both of its countries.
pub(super) const ACCOUNTS: [Account; 3] = [
    Account { id: 1, email: "kopi@example.test", shops: &[("id", 1_009_990_001)] },
    Account { id: 2, email: "batik@example.test", shops: &[("id", 1_009_990_002)] },
    Account {
        id: 3,
        email: "lintas@example.test",
        shops: &[("my", 1_009_990_003), ("sg", 1_009_990_004)],
    },
];

/// The shop whose buyers are shown masked.
pub(super) const MASKED_SHOP: i64 = 1_009_990_002;

/// The country of a shop.
pub(super) fn country_of(shop_id: i64) -> Country {
    let mut shops = ACCOUNTS.iter().flat_map(|account| account.shops);
    let name = shops.find(|(_, id)| *id == shop_id).map_or("id", |(name, _)| *name);
    COUNTRIES.into_iter().find(|country| country.name == name).unwrap_or(COUNTRIES[0])
}

/// What the channel calls a shop.
pub(super) fn short_code(shop_id: i64) -> String {
    format!("{}{:X}", country_of(shop_id).name.to_uppercase(), shop_id % 1_000_000)
}

/// What a SKU belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ware {
    /// The product.
    pub(super) item: i64,
    /// What tells it from the product's other SKUs; "" if there are none.
    pub(super) option: &'static str,
}

/// One unit of an order.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    pub(super) id: i64,
    /// Which of the order's lines it is of.
    pub(super) line: usize,
    pub(super) status: String,
    pub(super) updated_us: i64,
    /// Its status before, and since when: what a replica that lags shows.
    pub(super) before: Option<(String, i64)>,
    pub(super) package: String,
    pub(super) awb: String,
    pub(super) reason: String,
    /// Who cancelled it, in the channel's word.
    pub(super) initiator: &'static str,
    /// The buyer's wish to cancel it, while it is open.
    pub(super) wish: Option<i64>,
}

/// A return, or money that goes back without one.
#[derive(Clone, Debug)]
pub(super) struct Reverse {
    pub(super) id: i64,
    pub(super) kind: &'static str,
    pub(super) status: String,
    pub(super) created_us: i64,
    pub(super) updated_us: i64,
    pub(super) reason: String,
    /// Positions of its units.
    pub(super) units: Vec<usize>,
}

/// What an order has here besides.
#[derive(Clone, Debug, Default)]
pub(super) struct Extra {
    pub(super) units: Vec<Unit>,
    pub(super) reverses: Vec<Reverse>,
    /// The second under which it stands in the list by change.
    pub(super) listed_s: i64,
}

/// What the channel's books hold besides those of every channel.
#[derive(Debug, Default)]
pub(super) struct Floor {
    pub(super) extras: HashMap<String, Extra>,
    /// (shop, second of the last change, number) of every order.
    pub(super) by_change: BTreeSet<(i64, i64, i64)>,
    pub(super) wares: BTreeMap<i64, Ware>,
    pub(super) tokens: Tokens,
    /// Where pushes go, as it was entered in the app console.
    pub(super) push_url: Option<String>,
    /// Documents that can be read: their names, what they say, until when.
    pub(super) documents: HashMap<String, (String, i64)>,
    last_id: i64,
}

impl Floor {
    /// A number that nothing has.
    pub(super) fn next_id(&mut self) -> i64 {
        self.last_id += 1;
        self.last_id
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

/// One row of the opening stock: shop, SKU, name, option, price, grams, stock.
type Row = (i64, &'static str, &'static str, &'static str, i64, i64, i64);

const KOPI: i64 = 1_009_990_001;
const BATIK: i64 = 1_009_990_002;
const MALAYSIA: i64 = 1_009_990_003;
const SINGAPORE: i64 = 1_009_990_004;

/// What is sold; rows of one shop and name are one product. Three are scarce.
#[rustfmt::skip]
const PRODUCTS: [Row; 17] = [
    (KOPI,      "GAYO-250",        "Kopi Gayo 250g",             "",      58_000, 250, 300),
    (KOPI,      "TORAJA-250",      "Kopi Toraja Sapan 250g",     "",      64_000, 250, 200),
    (KOPI,      "KINTAMANI-250",   "Kopi Bali Kintamani 250g",   "",      62_000, 250, 200),
    (KOPI,      "LUWAK-100",       "Kopi Luwak Liar 100g",       "",     249_000, 100,   5),
    (KOPI,      "GULA-AREN-500",   "Gula Aren Bubuk 500g",       "",      29_000, 500, 180),
    (KOPI,      "V60-SARING",      "Kertas Saring V60 isi 100",  "",      34_000, 150, 150),
    (KOPI,      "PAKET-NUSANTARA", "Paket Kopi Nusantara (Gayo + Toraja + Saring)", "", 145_000, 700, 50),
    (KOPI,      "MUG-BATIK",       "Mug Keramik Motif Batik",    "",      47_000, 400, 100),
    (BATIK,     "BATIK-MEGA-M",    "Kemeja Batik Mega Mendung",  "M",    189_000, 300,  70),
    (BATIK,     "BATIK-MEGA-L",    "Kemeja Batik Mega Mendung",  "L",    189_000, 300,  70),
    (BATIK,     "BATIK-PARANG-M",  "Kemeja Batik Parang",        "M",    199_000, 300,   7),
    (BATIK,     "SARUNG-TENUN",    "Sarung Tenun Contoh",        "",     155_000, 350,  90),
    (BATIK,     "SELENDANG-ULOS",  "Selendang Ulos Contoh",      "",     175_000, 200,   4),
    (MALAYSIA,  "GAYO-250",        "Gayo Coffee 250g",           "",       2_190, 250,  60),
    (MALAYSIA,  "TORAJA-250",      "Toraja Coffee 250g",         "",       2_390, 250,  60),
    (SINGAPORE, "GAYO-250",        "Gayo Coffee 250g",           "",         890, 250,  40),
    (SINGAPORE, "TORAJA-250",      "Toraja Coffee 250g",         "",         950, 250,  40),
];

/// What the one bundle is put together from.
const BUNDLE: (&str, [(&str, i64); 3]) =
    ("PAKET-NUSANTARA", [("GAYO-250", 1), ("TORAJA-250", 1), ("V60-SARING", 1)]);

/// The shops: id, name, domain.
const SHOPS: [(i64, &str, &str); 4] = [
    (KOPI, "Toko Kopi Contoh", "toko-kopi-contoh"),
    (BATIK, "Rumah Batik Contoh", "rumah-batik-contoh"),
    (MALAYSIA, "Kopi Lintas Contoh (MY)", "kopi-lintas-contoh-my"),
    (SINGAPORE, "Kopi Lintas Contoh (SG)", "kopi-lintas-contoh-sg"),
];

/// Fills empty books.
pub(super) fn open(books: &mut Books, floor: &mut Floor, now_us: i64) {
    let shop = |(id, name, domain)| {
        // The other sellers have not let the app in yet.
        let linked = id == KOPI;
        (id, Shop { id, name, domain, warehouse_id: id % 10_000, linked })
    };
    books.shops = SHOPS.map(shop).into();
    let (mut item, mut last) = (770_000, ("", 0));
    for (sku_id, row) in (990_001..).zip(PRODUCTS) {
        let (shop_id, sku, name, option, price, weight_grams, stock) = row;
        if last != (name, shop_id) {
            item += 1;
            last = (name, shop_id);
        }
        let parts = (shop_id == KOPI && sku == BUNDLE.0).then_some(BUNDLE.1);
        let components = parts.into_iter().flatten();
        books.stock(Product {
            id: sku_id,
            shop_id,
            sku: sku.to_owned(),
            name: name.to_owned(),
            price,
            weight_grams,
            stock,
            active: true,
            components: components.map(|(sku, quantity)| (sku.to_owned(), quantity)).collect(),
            updated_us: now_us,
        });
        floor.wares.insert(sku_id, Ware { item, option });
    }
    floor.last_id = 1_000;
}
