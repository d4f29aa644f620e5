//! Stock: the list, one SKU, opening stock.

use super::{DAY, HOUR, MINUTE, NOW, Sample, add as put, channel, frame, shop};
use crate::frame::ShopLink;
use crate::keys::{Incident, MovementKind, PushOutcome, StockAct};
use crate::locale::Locale;
use crate::pages::{
    Cause, Chip, Choice, CountPreview, IncidentNote, LedgerRow, LevelRow, MoveForms, OpeningDone,
    OpeningNote, OpeningPage, OpeningPreview, PartNote, RowEnd, SellingRow, SentNote, SkuPage,
    StockPage, StockRow, UnmappedRow,
};
use crate::sentence::Sentence;

fn tokopedia() -> ShopLink {
    shop("shp_01", "sari lumbung", channel("tokopedia", "Tokopedia"))
}

impl StockPage {
    /// SKUs with stock, one short, a bundle, one that was never opened.
    pub fn sample(locale: &Locale) -> Self {
        let abon = row("ABN-100", "Abon Sapi Pedas 100 g", [119, 3, 5, 0]);
        let honey = row("MHS-01L", "Madu Hutan 1 L", [2, 2, 0, 1]);
        Self {
            locale: locale.clone(),
            frame: frame("/stock"),
            query: String::new(),
            chips: Vec::new(),
            offers: vec![
                ("stock-short", "/stock?short=1".to_owned()),
                ("stock-low-offer", "/stock?low=5".to_owned()),
                ("stock-unmapped", "/stock?unmapped=1".to_owned()),
            ],
            rows: vec![
                abon.clone(),
                StockRow {
                    warehouses: vec!["Bandung".to_owned(), "Jakarta".to_owned()],
                    ..row("KPG-250", "Kopi Gayo Arabika 250 g", [1_240, 64, 12, 0])
                },
                StockRow { incidents: vec![Incident::Oversold], ..honey },
                StockRow { bundle: true, warehouses: Vec::new(), ..row("PKT-02", "", [0; 4]) },
                StockRow { warehouses: Vec::new(), ..row("SRM-150", "Serum 150 ml", [0; 4]) },
            ],
            unmapped: None,
            notice: None,
            problem: None,
            may_change: true,
            newer: None,
            older: Some("/stock?after=SRM-150".to_owned()),
        }
    }
}

fn row(sku: &str, name: &str, [on_hand, allocated, reserved, short]: [i64; 4]) -> StockRow {
    StockRow {
        id: format!("sku_{sku}"),
        sku: sku.to_owned(),
        name: name.to_owned(),
        bundle: false,
        warehouses: vec!["Bandung".to_owned()],
        on_hand,
        allocated,
        reserved,
        short,
        available: on_hand - allocated - reserved,
        listings: 2,
        incidents: Vec::new(),
    }
}

fn unmapped(n: usize, code: &str) -> UnmappedRow {
    UnmappedRow {
        id: format!("lst_0{n}"),
        name: "Sambal Roa Botol 150 g".to_owned(),
        shop: tokopedia(),
        channel_sku: code.to_owned(),
        product: format!("23017{n}"),
        active: n == 1,
        channel_stock: (n == 1).then_some(40),
        seen_at: NOW - HOUR,
    }
}

impl SkuPage {
    /// A SKU in two warehouses, short in one.
    pub fn sample(locale: &Locale) -> Self {
        Self {
            locale: locale.clone(),
            frame: frame("/stock/sku_01"),
            id: "sku_01".to_owned(),
            sku: "MHS-01L".to_owned(),
            name: "Madu Hutan 1 L".to_owned(),
            bundle: false,
            notice: None,
            problem: None,
            levels: vec![level("Bandung", [2, 2, 0, 1]), level("Jakarta", [14, 1, 3, 0])],
            made_of: Vec::new(),
            part_of: vec![part("PKT-02", 2)],
            incidents: vec![
                incident(Incident::Oversold, None, NOW - HOUR, None),
                incident(Incident::OutOfStock, Some("ord_01"), NOW - 3 * DAY, Some(NOW - 2 * DAY)),
            ],
            ledger: ledger(),
            only: None,
            newer: None,
            older: Some("/stock/sku_01?before=mov_09".to_owned()),
            listings: vec![selling(PushOutcome::Taken), selling(PushOutcome::Refused), untold()],
            forms: Some(forms()),
            counted: None,
        }
    }
}

fn level(warehouse: &str, [on_hand, allocated, reserved, short]: [i64; 4]) -> LevelRow {
    LevelRow {
        warehouse: warehouse.to_owned(),
        href: format!("/stock/sku_01?warehouse={warehouse}"),
        on_hand,
        allocated,
        reserved,
        short,
        available: on_hand - allocated - reserved,
    }
}

fn part(sku: &str, quantity: i64) -> PartNote {
    PartNote { href: format!("/stock/sku_{sku}"), sku: sku.to_owned(), quantity }
}

fn incident(kind: Incident, order: Option<&str>, since: i64, until: Option<i64>) -> IncidentNote {
    IncidentNote { kind, order: order.map(str::to_owned), since, until }
}

fn ledger() -> Vec<LedgerRow> {
    let line = |n: i64, kind, changes: [i64; 4], cause, note: &str| LedgerRow {
        at: NOW - n * 17 * MINUTE,
        kind,
        warehouse: "Bandung".to_owned(),
        on_hand: changes[0],
        allocated: changes[1],
        reserved: changes[2],
        short: changes[3],
        left: 2,
        available: 0,
        cause,
        note: note.to_owned(),
    };
    let order = || Cause::Order("/orders/ord_01".to_owned(), "1948840006".to_owned());
    vec![
        line(1, MovementKind::Allocate, [0, 2, 0, 1], order(), ""),
        line(2, MovementKind::Sale, [-1, -1, 0, 0], Cause::Elsewhere, ""),
        line(
            3,
            MovementKind::Adjustment,
            [-1, 0, 0, 0],
            Cause::Person("Dewi Wulandari".to_owned()),
            "pecah di rak",
        ),
        line(4, MovementKind::Receipt, [4, 0, 0, 0], Cause::Key("key_01".to_owned()), ""),
        line(5, MovementKind::Opening, [0, 0, 0, 0], Cause::Machine, ""),
    ]
}

fn selling(outcome: PushOutcome) -> SellingRow {
    let refused = outcome == PushOutcome::Refused;
    SellingRow {
        name: "Madu Hutan Asli 1 Liter".to_owned(),
        shop: tokopedia(),
        channel_sku: "MHS-01L".to_owned(),
        product: "2301755".to_owned(),
        active: !refused,
        shown: Some((11, NOW - 2 * HOUR)),
        told: true,
        wanted: Some(10),
        sent: Some(SentNote {
            value: 10,
            outcome,
            message: if refused { "product is banned" } else { "" }.to_owned(),
            at: NOW - 4 * MINUTE,
        }),
    }
}

fn untold() -> SellingRow {
    SellingRow {
        told: false,
        wanted: None,
        sent: None,
        shown: None,
        ..selling(PushOutcome::Unknown)
    }
}

fn forms() -> MoveForms {
    let choice =
        |value: &str, label: &str| Choice { value: value.to_owned(), label: label.to_owned() };
    MoveForms {
        once: "5f0c".to_owned(),
        warehouses: vec![choice("whs_01", "Bandung"), choice("whs_02", "Jakarta")],
        open: None,
        warehouse: String::new(),
        quantity: String::new(),
        note: String::new(),
    }
}

impl OpeningPage {
    /// Before a file is chosen.
    pub fn sample(locale: &Locale) -> Self {
        Self {
            locale: locale.clone(),
            frame: frame("/stock/opening"),
            warehouses: vec!["Bandung".to_owned(), "Jakarta".to_owned()],
            problem: None,
            preview: None,
            done: None,
        }
    }
}

fn opening_rows() -> Vec<OpeningNote> {
    let row = |line: i64, sku: &str, quantity, end| OpeningNote {
        line,
        sku: sku.to_owned(),
        warehouse: "Bandung".to_owned(),
        quantity,
        end,
    };
    let text = |key: &str, names: &[(&'static str, &str)]| {
        let args = names.iter().map(|(name, value)| (*name, (*value).into()));
        Sentence { key: key.to_owned(), args: args.collect() }
    };
    let twice = [("sku", "KPG-250"), ("warehouse", "Bandung")];
    vec![
        row(2, "KPG-250", Some(40), RowEnd::Known),
        row(3, "MHS-01L", Some(12), RowEnd::New),
        row(4, "KPG-250", Some(40), RowEnd::Refused(text("row-twice", &twice))),
        row(5, "", None, RowEnd::Refused(text("row-empty", &[("column", "sku")]))),
        row(6, "ABN-100", None, RowEnd::Refused(text("row-units", &[("found", "1.000")]))),
        row(
            7,
            "ABN-100",
            Some(3),
            RowEnd::Refused(text(
                "row-warehouse",
                &[("name", "Solo"), ("there", "Bandung, Jakarta")],
            )),
        ),
    ]
}

pub(super) fn add(locale: &Locale, all: &mut Vec<Sample>) {
    let stock = StockPage::sample(locale);
    put(all, "stock", stock.clone());
    let bare = StockPage { rows: Vec::new(), older: None, ..stock.clone() };
    put(all, "stock-empty", bare.clone());
    put(all, "stock-empty-viewer", StockPage { may_change: false, ..bare.clone() });
    put(all, "stock-nothing-found", StockPage { query: "XYZ".to_owned(), ..bare.clone() });
    let chip =
        |kind, value: &str| Chip { kind, value: value.to_owned(), without: "/stock".to_owned() };
    let filtered =
        StockPage { chips: vec![chip("stock-short", ""), chip("stock-low", "5")], ..bare };
    put(all, "stock-none-so", filtered.clone());
    let listings = vec![unmapped(1, "SRB-150"), unmapped(2, "")];
    let chips = vec![chip("stock-unmapped", "")];
    let listed = StockPage { unmapped: Some(listings), chips, offers: Vec::new(), ..filtered };
    let done = Sentence::new("notice-mapped").with("sku", "SRB-150");
    put(all, "stock-unmapped", StockPage { notice: Some(done), ..listed.clone() });
    let wrong = Sentence::new("stock-wrong-sku").with("sku", "SRB");
    let viewer = StockPage { problem: Some(wrong), may_change: false, ..listed.clone() };
    put(all, "stock-unmapped-viewer", viewer);
    put(all, "stock-unmapped-none", StockPage { unmapped: Some(Vec::new()), ..listed });
    add_sku(locale, all);
    add_opening(locale, all);
}

fn add_sku(locale: &Locale, all: &mut Vec<Sample>) {
    let sku = SkuPage::sample(locale);
    put(all, "sku", sku.clone());
    let done = Sentence::new("notice-stock").with_name("act", StockAct::Receipt);
    let done = done.with("before", 2).with("after", 6);
    put(
        all,
        "sku-done",
        SkuPage {
            notice: Some(done),
            only: Some(("Bandung".to_owned(), "/stock/sku_01".to_owned())),
            ..sku.clone()
        },
    );
    let open = MoveForms {
        open: Some(StockAct::Adjustment),
        warehouse: "whs_02".to_owned(),
        quantity: "-90".to_owned(),
        note: "hilang".to_owned(),
        ..forms()
    };
    let wrong = Sentence::new("stock-wrong-fewer").with("n", 14);
    put(all, "sku-wrong", SkuPage { problem: Some(wrong), forms: Some(open), ..sku.clone() });
    let count = CountPreview {
        once: "77".to_owned(),
        warehouse: ("whs_01".to_owned(), "Bandung".to_owned()),
        before: 2,
        after: 1,
        lost: 1,
        filled: 0,
        note: String::new(),
    };
    put(all, "sku-count", SkuPage { counted: Some(count.clone()), ..sku.clone() });
    let same = CountPreview { after: 2, lost: 0, filled: 1, ..count };
    put(all, "sku-count-same", SkuPage { counted: Some(same), ..sku.clone() });
    let bundle = SkuPage {
        bundle: true,
        levels: Vec::new(),
        made_of: vec![part("MHS-01L", 2), part("KPG-250", 1)],
        part_of: Vec::new(),
        incidents: Vec::new(),
        ledger: Vec::new(),
        older: None,
        forms: None,
        listings: Vec::new(),
        ..sku.clone()
    };
    put(all, "sku-bundle", bundle);
    let fresh = SkuPage {
        levels: Vec::new(),
        ledger: Vec::new(),
        incidents: Vec::new(),
        part_of: Vec::new(),
        older: None,
        listings: Vec::new(),
        ..sku
    };
    put(all, "sku-fresh", fresh);
}

fn add_opening(locale: &Locale, all: &mut Vec<Sample>) {
    let page = OpeningPage::sample(locale);
    put(all, "opening", page.clone());
    let wrong = Sentence::new("stock-wrong-file");
    put(all, "opening-wrong", OpeningPage { problem: Some(wrong), ..page.clone() });
    let preview = OpeningPreview {
        once: "11".to_owned(),
        text: "sku,name,warehouse,quantity\nKPG-250,,Bandung,40".to_owned(),
        rows: opening_rows(),
    };
    let bad = opening_rows().into_iter().filter(OpeningNote::is_bad).collect();
    put(all, "opening-preview", OpeningPage { preview: Some(preview.clone()), ..page.clone() });
    let none = OpeningPreview { rows: bad, ..preview };
    put(all, "opening-preview-none", OpeningPage { preview: Some(none), ..page.clone() });
    let done = OpeningDone { rows: opening_rows() };
    put(all, "opening-done", OpeningPage { done: Some(done), ..page });
}
