//! Shops: the list, one shop, its stock, its settings, connecting one, and the scheduler.

use super::{DAY, HOUR, MINUTE, NOW, Sample, add as put, channel, frame};
use crate::frame::Frame;
use crate::keys::{Light, PushOutcome, Task, Vital};
use crate::locale::Locale;
use crate::pages::{
    Choice, ConnectPage, ConsentPage, CredentialAsk, FirstSyncPage, PushLogRow, PushRow, ShopCard,
    ShopForm, ShopPage, ShopSettingsPage, ShopStockPage, ShopsPage, TaskRow, TasksPage, VitalSign,
};
use crate::sentence::Sentence;

fn sign(vital: Vital, light: Light, value: Sentence) -> VitalSign {
    VitalSign { vital, light, value, note: None, code: None }
}

fn vitals() -> Vec<VitalSign> {
    let usual = Sentence::new("vital-silent-note").with_span("usual", 6 * MINUTE);
    let rate = Sentence::new("vital-rate-note").with("failed", 11_i64).with("asked", 2_731_i64);
    vec![
        VitalSign {
            note: Some(Sentence::new("vital-renews")),
            ..sign(
                Vital::Token,
                Light::Fine,
                Sentence::new("vital-left").with_span("span", 126 * MINUTE),
            )
        },
        VitalSign {
            note: Some(usual),
            ..sign(
                Vital::Webhook,
                Light::Look,
                Sentence::new("vital-silent").with_span("span", 42 * MINUTE),
            )
        },
        sign(
            Vital::Pull,
            Light::Fine,
            Sentence::new("vital-ago").with_ago("ago", NOW - 3 * MINUTE),
        ),
        sign(Vital::Backlog, Light::Fine, Sentence::new("vital-waiting").with("n", 0_i64)),
        VitalSign {
            note: Some(rate),
            ..sign(
                Vital::Errors,
                Light::Fine,
                Sentence::new("vital-rate").with("whole", 0_i64).with("part", 4_i64),
            )
        },
        VitalSign {
            code: Some("DMG-0201".to_owned()),
            ..sign(Vital::Stock, Light::Bad, Sentence::new("vital-refused"))
        },
    ]
}

fn card(id: &str, name: &str) -> ShopCard {
    ShopCard {
        id: id.to_owned(),
        name: name.to_owned(),
        channel: channel("shopee", "Shopee"),
        channel_shop_id: "380114726".to_owned(),
        light: Light::Look,
        paused: false,
        orders: true,
        push: true,
        since: NOW - 400 * DAY,
        disconnected_at: None,
        vitals: vitals(),
    }
}

fn task(task: Task, paused: bool) -> TaskRow {
    TaskRow {
        shop: ("shp_02".to_owned(), "lumbung.resmi".to_owned()),
        task,
        minutes: 10,
        paused,
        can_steer: true,
        cursor: (task == Task::OrderPull).then_some(NOW - 3 * MINUTE),
        last: (task != Task::ReturnPull).then_some(NOW - 3 * MINUTE),
        next: NOW + 7 * MINUTE,
        outcome: Some(match task {
            Task::SkuPull => Sentence::new("outcome-temporary"),
            Task::StatusUpdate => Sentence::new("task-outcome-orders").with("n", 12_i64),
            Task::OrderPull | Task::ReturnPull => Sentence::new("task-outcome-ok"),
            Task::WebhookWatch => Sentence::new("task-outcome-again"),
        }),
        is_well: task != Task::SkuPull,
        succeeded: 2_310,
        failed: 4,
    }
}

fn tasks() -> Vec<TaskRow> {
    Task::ALL.iter().map(|&kind| task(kind, kind == Task::WebhookWatch)).collect()
}

fn form() -> ShopForm {
    ShopForm {
        name: "lumbung.resmi".to_owned(),
        zone: "Asia/Jakarta".to_owned(),
        warehouse: "Bandung".to_owned(),
        channel_warehouse: String::new(),
        warehouses: vec!["Bandung".to_owned(), "Jakarta".to_owned()],
        order_sync: true,
        from: "2026-11-20T09:00".to_owned(),
        returns_from: Some(String::new()),
        by_invoice: Some(true),
        history_days: Some(15),
    }
}

fn asks(kept: bool) -> Vec<CredentialAsk> {
    let ask = |(name, label, help, secret): (&str, &str, &str, bool)| CredentialAsk {
        name: name.to_owned(),
        label: label.to_owned(),
        help: help.to_owned(),
        lines: name == "private_key",
        secret,
        required: !matches!(name, "api_url" | "private_key"),
        value: if secret || !kept { String::new() } else { "2001".to_owned() },
        is_set: kept,
    };
    let fields = [
        ("partner_id", "Partner ID", "In the app console.", false),
        ("partner_key", "Partner key", "In the app console; it is shown once.", true),
        ("private_key", "Private key (PEM)", "Only if the app has one.", true),
        ("api_url", "Address of the API", "Leave it empty.", false),
    ];
    fields.map(ask).to_vec()
}

impl ShopPage {
    /// One that was silent for a while.
    pub fn sample(locale: &Locale) -> Self {
        let heard = (0_i64..96).map(|n| if (40..44).contains(&n) { 0 } else { (n * 7) % 35 });
        Self {
            locale: locale.clone(),
            frame: frame("/shops/shp_02"),
            shop: card("shp_02", "lumbung.resmi"),
            heard: heard.collect(),
            heard_from: NOW - 24 * HOUR,
            tasks: tasks(),
            warehouses: vec!["Bandung".to_owned()],
            orders_from: Some(NOW - 50 * DAY),
            listings: (412, 3),
            flow: "classic".to_owned(),
            can_push: true,
            notice: None,
        }
    }
}

fn stock(locale: &Locale) -> ShopStockPage {
    let row = |(sku, shows): (&str, Option<i64>)| PushRow {
        product: "15389".to_owned(),
        sku: sku.to_owned(),
        name: "Kopi Gayo Arabika 250 g".to_owned(),
        shows,
        wanted: 62,
        available: 64,
    };
    let logged = |(outcome, message): (PushOutcome, &str)| PushLogRow {
        sku: "KPG-250".to_owned(),
        product: "15389".to_owned(),
        available: 64,
        believed: (outcome != PushOutcome::Unknown).then_some(60),
        value: 62,
        outcome,
        message: message.to_owned(),
        at: NOW - 12 * MINUTE,
    };
    let log = [
        (PushOutcome::Taken, ""),
        (PushOutcome::Refused, "product is banned"),
        (PushOutcome::Unknown, "unknown"),
    ];
    ShopStockPage {
        locale: locale.clone(),
        frame: frame("/shops/shp_02/stock"),
        shop: ShopCard { push: false, ..card("shp_02", "lumbung.resmi") },
        can_push: true,
        differing: [("KPG-250", Some(400)), ("SRM-150", None)].map(row).to_vec(),
        differ: 2,
        listings: 412,
        seen: "0a1b2c3d".to_owned(),
        log: log.map(logged).to_vec(),
        newer: None,
        older: Some("/shops/shp_02/stock?after=1".to_owned()),
        notice: Some((Sentence::new("notice-push-not-seen"), false)),
    }
}

fn connect(locale: &Locale) -> ConnectPage {
    let chosen = channel("shopee", "Shopee");
    let through = Choice { value: "con_01".to_owned(), label: "Shopee".to_owned() };
    ConnectPage {
        locale: locale.clone(),
        frame: frame("/shops/connect?channel=shopee"),
        channels: vec![chosen.clone(), channel("tokopedia", "Tokopedia")],
        channel: Some(chosen),
        before: vec!["Ask the account manager to link the shop.".to_owned()],
        credentials: asks(false),
        connections: vec![through],
        connection: String::new(),
        asks_seller: false,
        opened: Vec::new(),
        channel_shop_id: "380114726".to_owned(),
        shop_id_help: "The number in the address of the shop's profile.".to_owned(),
        form: form(),
        preset: "classic".to_owned(),
        error: None,
    }
}

pub(super) fn add(locale: &Locale, all: &mut Vec<Sample>) {
    let fine = ShopCard {
        light: Light::Fine,
        vitals: vitals().into_iter().filter(|sign| sign.light == Light::Fine).collect(),
        ..card("shp_03", "lumbung.grosir")
    };
    let gone = ShopCard { disconnected_at: Some(NOW - DAY), ..card("shp_04", "lumbung.lama") };
    let still = ShopCard { paused: true, push: false, orders: false, ..fine.clone() };
    let shops = vec![card("shp_02", "lumbung.resmi"), fine, still, gone.clone()];
    let list = ShopsPage { locale: locale.clone(), frame: frame("/shops"), shops };
    put(all, "shops", list.clone());
    put(all, "shops-empty", ShopsPage { shops: Vec::new(), ..list });
    let shop = ShopPage::sample(locale);
    put(all, "shop", shop.clone());
    let silent = ShopPage {
        heard: vec![0; 96],
        notice: Some((Sentence::new("notice-shop-tested"), true)),
        shop: ShopCard { paused: true, push: false, orders: false, ..shop.shop.clone() },
        orders_from: None,
        ..shop.clone()
    };
    put(all, "shop-paused", silent);
    // What somebody sees who may only look.
    let looking = Frame { permissions: vec!["see_orders"], ..frame("/shops/shp_02") };
    put(all, "shop-looked-at", ShopPage { frame: looking, ..shop.clone() });
    put(all, "shop-disconnected", ShopPage { shop: gone, ..shop });
    let page = stock(locale);
    put(all, "shop-stock", page.clone());
    let told = ShopStockPage {
        shop: card("shp_02", "lumbung.resmi"),
        differing: Vec::new(),
        log: Vec::new(),
        older: None,
        notice: None,
        ..page
    };
    put(all, "shop-stock-on", told);
    let settings = ShopSettingsPage {
        locale: locale.clone(),
        frame: frame("/shops/shp_02/settings"),
        shop: card("shp_02", "lumbung.resmi"),
        form: form(),
        credentials: asks(true),
        asks_seller: false,
        shared: 2,
        webhooks_to: Some("hub.example.test/webhooks/0123abcd/".to_owned()),
        error: None,
    };
    put(all, "shop-settings", settings.clone());
    let wrong = Some((Sentence::new("error-shop-confirm"), "confirm".to_owned()));
    put(all, "shop-settings-refused", ShopSettingsPage { error: wrong, ..settings });
    add_connecting(locale, all);
    let scheduler = TasksPage {
        locale: locale.clone(),
        frame: frame("/tasks"),
        rows: tasks(),
        notice: Some((Sentence::new("notice-task-run").with_name("task", Task::OrderPull), true)),
    };
    put(all, "tasks", scheduler.clone());
    put(all, "tasks-empty", TasksPage { rows: Vec::new(), notice: None, ..scheduler });
}

fn add_connecting(locale: &Locale, all: &mut Vec<Sample>) {
    let page = connect(locale);
    put(all, "shop-connect", page.clone());
    let why = Sentence::new("error-shop-refused").with("why", "client_id");
    let wrong = Some((why, "c-partner_id".to_owned()));
    put(all, "shop-connect-refused", ConnectPage { error: wrong, ..page.clone() });
    let asked = ConnectPage { asks_seller: true, ..page.clone() };
    put(all, "shop-connect-consent", asked.clone());
    let opened =
        Choice { value: "380114726".to_owned(), label: "lumbung.resmi (380114726)".to_owned() };
    let chosen = ConnectPage { connection: "con_01".to_owned(), ..asked };
    put(all, "shop-connect-opened", ConnectPage { opened: vec![opened], ..chosen.clone() });
    put(all, "shop-connect-none-left", chosen);
    let consent = ConsentPage {
        locale: locale.clone(),
        frame: frame("/shops/connect/consent"),
        channel: channel("shopee", "Shopee"),
        to: "https://channel.example.test/authorise?state=0123abcd".to_owned(),
    };
    put(all, "shop-consent", consent);
    put(all, "shop-connect-choose", ConnectPage { channel: None, ..page });
    let first = FirstSyncPage {
        locale: locale.clone(),
        frame: frame("/shops/shp_02/first"),
        shop: card("shp_02", "lumbung.resmi"),
        listings: (412, 3),
        orders: 1_204,
        more_orders: true,
        from: NOW - 3 * DAY,
        trouble: None,
    };
    put(all, "shop-first", first.clone());
    let trouble = Some("DMG-0203".to_owned());
    put(all, "shop-first-trouble", FirstSyncPage { trouble, ..first });
}
