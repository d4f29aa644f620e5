//! People, keys, who did what and one's own account, in every state.

use super::{DAY, HOUR, MINUTE, NOW, Sample, add as put, frame};
use crate::keys::{KeyScope, Role, UserState};
use crate::locale::Locale;
use crate::pages::{
    AccountPage, AuditPage, AuditRow, BuyerPage, Choice, KeyRow, KeysPage, LimitsForm, RoleChoice,
    SecondPage, SecondStepView, SessionRow, SetupPage, Tick, UserPage, UserRow, UsersPage,
    WelcomePage,
};
use crate::sentence::Sentence;

const LINK: &str = "hub.example/welcome/dmg_0000000000001_5f2c";

fn user(id: &str, name: &str, role: Role, state: UserState) -> UserRow {
    UserRow {
        id: id.to_owned(),
        name: name.to_owned(),
        login: format!("{}@contoh.test", name.split(' ').next().unwrap_or_default().to_lowercase()),
        role,
        state,
        limits: String::new(),
        second_step: false,
        seen_at: Some(NOW - 3 * MINUTE),
    }
}

fn limits() -> LimitsForm {
    let tick = |value: &str, label: &str, on| Tick {
        value: value.to_owned(),
        label: label.to_owned(),
        on,
    };
    LimitsForm {
        all_shops: false,
        shops: vec![
            tick("shp_01", "sari lumbung · Tokopedia", true),
            tick("shp_02", "lumbung.resmi · Shopee", false),
        ],
        all_warehouses: true,
        warehouses: vec![tick("whs_01", "Gudang Bandung", false)],
    }
}

fn roles() -> Vec<RoleChoice> {
    Role::ALL.iter().map(|role| RoleChoice { role: *role, on: *role == Role::Packer }).collect()
}

fn sessions() -> Vec<SessionRow> {
    let row = |id: &str, this, agent: &str| SessionRow {
        id: id.to_owned(),
        this,
        agent: agent.to_owned(),
        address: "192.0.2.17".to_owned(),
        began_at: NOW - 2 * DAY,
        seen_at: NOW - 4 * MINUTE,
    };
    vec![row("ses_02", true, "Firefox, Linux"), row("ses_01", false, "")]
}

impl UsersPage {
    /// Four people.
    pub fn sample(locale: &Locale) -> Self {
        let packer = UserRow {
            limits: "sari lumbung; Gudang Bandung".to_owned(),
            seen_at: None,
            ..user("acc_02", "Budi Contoh", Role::Packer, UserState::Invited)
        };
        let mut owner = user("acc_01", "Dewi Wulandari", Role::Owner, UserState::Ready);
        owner.second_step = true;
        Self {
            locale: locale.clone(),
            frame: frame("/users"),
            notice: None,
            error: None,
            link: None,
            rows: vec![
                owner,
                packer,
                user("acc_03", "Citra Contoh", Role::Finance, UserState::Ready),
                user("acc_04", "Eko Contoh", Role::Operator, UserState::Disabled),
            ],
            name: String::new(),
            login: String::new(),
            roles: roles(),
            limits: LimitsForm { all_shops: true, ..limits() },
        }
    }
}

impl UserPage {
    /// A packer.
    pub fn sample(locale: &Locale) -> Self {
        let mut row = user("acc_02", "Budi Contoh", Role::Packer, UserState::Ready);
        row.second_step = true;
        Self {
            locale: locale.clone(),
            frame: frame("/users/acc_02"),
            notice: None,
            error: None,
            link: None,
            row,
            since: NOW - 40 * DAY,
            may_change: true,
            roles: roles(),
            limits: limits(),
            sessions: sessions(),
        }
    }
}

impl KeysPage {
    /// Two keys, one revoked.
    pub fn sample(locale: &Locale) -> Self {
        let key = |id: &str, name: &str| KeyRow {
            id: id.to_owned(),
            name: name.to_owned(),
            scopes: vec![KeyScope::Read, KeyScope::Act],
            limits: String::new(),
            made_at: NOW - 9 * DAY,
            made_by: "Dewi Wulandari".to_owned(),
            seen_at: Some(NOW - HOUR),
            revoked_at: None,
        };
        Self {
            locale: locale.clone(),
            frame: frame("/keys"),
            notice: None,
            error: None,
            made: None,
            rows: vec![
                key("key_02", "Akuntansi"),
                KeyRow { revoked_at: Some(NOW - DAY), seen_at: None, ..key("key_01", "Uji coba") },
            ],
            name: String::new(),
            scopes: KeyScope::ALL.iter().map(|scope| (*scope, *scope == KeyScope::Read)).collect(),
            limits: LimitsForm { all_shops: true, ..limits() },
        }
    }
}

impl AuditPage {
    /// An afternoon.
    pub fn sample(locale: &Locale) -> Self {
        let row = |id: &str, minutes: i64, act: &str, subject: &str, detail: &str| AuditRow {
            id: id.to_owned(),
            at: NOW - minutes * MINUTE,
            who: "Dewi Wulandari".to_owned(),
            act: act.to_owned(),
            subject: subject.to_owned(),
            href: subject.starts_with("ord_").then(|| format!("/orders/{subject}")),
            detail: detail.to_owned(),
        };
        let choice =
            |value: &str, label: &str| Choice { value: value.to_owned(), label: label.to_owned() };
        Self {
            locale: locale.clone(),
            frame: frame("/audit"),
            person: "acc_01".to_owned(),
            people: vec![choice("acc_01", "Dewi Wulandari"), choice("acc_02", "Budi Contoh")],
            act: String::new(),
            acts: vec![choice("buyer.seen", &locale.word("audit-act-buyer-seen"))],
            subject: String::new(),
            rows: vec![
                row("aud_03", 2, &locale.word("audit-act-buyer-seen"), "ord_01", ""),
                row(
                    "aud_02",
                    9,
                    &locale.word("audit-act-user-changed"),
                    "acc_02",
                    "packer; shops shp_01; warehouses all",
                ),
                row("aud_01", 61, &locale.word("audit-act-session-began"), "ses_02", "192.0.2.17"),
            ],
            newer: None,
            older: Some("/audit?person=acc_01&after=aud_01".to_owned()),
        }
    }
}

impl AccountPage {
    /// Without a second step.
    pub fn sample(locale: &Locale) -> Self {
        Self {
            locale: locale.clone(),
            frame: frame("/account"),
            notice: None,
            error: None,
            codes: Vec::new(),
            login: "dewi@contoh.test".to_owned(),
            role: Role::Owner,
            limits: String::new(),
            password_min: 10,
            second_step: SecondStepView::Off,
            sessions: sessions(),
        }
    }
}

impl BuyerPage {
    /// A buyer who is known.
    pub fn sample(locale: &Locale) -> Self {
        let parts = [
            ("buyer-name", "Rani Contoh"),
            ("buyer-phone", "6281200000001"),
            ("buyer-address", "Jl. Contoh 1"),
            ("buyer-city", "Bandung"),
        ];
        Self {
            locale: locale.clone(),
            frame: frame("/orders/ord_01/buyer"),
            id: "ord_01".to_owned(),
            number: "1234567890".to_owned(),
            parts: Some(parts.map(|(key, text)| (key, text.to_owned())).to_vec()),
        }
    }
}

pub(super) fn add(locale: &Locale, all: &mut Vec<Sample>) {
    put(all, "users", UsersPage::sample(locale));
    let link = Some(("Budi Contoh".to_owned(), LINK.to_owned()));
    let error = Some(Sentence::new("access-error-taken"));
    put(all, "users-link", UsersPage { link: link.clone(), ..UsersPage::sample(locale) });
    put(all, "users-taken", UsersPage { error, ..UsersPage::sample(locale) });
    put(all, "user", UserPage { link, ..UserPage::sample(locale) });
    let notice = Some(Sentence::new("notice-user-changed"));
    let above =
        UserPage { notice, may_change: false, sessions: Vec::new(), ..UserPage::sample(locale) };
    put(all, "user-above", above);
    put(all, "keys", KeysPage::sample(locale));
    let made = Some("dmg_0000000000001_5f2c".to_owned());
    put(all, "keys-made", KeysPage { made, rows: Vec::new(), ..KeysPage::sample(locale) });
    put(all, "audit", AuditPage::sample(locale));
    let nothing = AuditPage { rows: Vec::new(), older: None, ..AuditPage::sample(locale) };
    put(all, "audit-empty", nothing);
    put(all, "buyer", BuyerPage::sample(locale));
    put(all, "buyer-none", BuyerPage { parts: None, ..BuyerPage::sample(locale) });
    account(locale, all);
    doors(locale, all);
}

fn account(locale: &Locale, all: &mut Vec<Sample>) {
    put(all, "account", AccountPage::sample(locale));
    let pending = SecondStepView::Pending {
        uri: "otpauth:Dermaga?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP".to_owned(),
        secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP".to_owned(),
    };
    let error = Some(Sentence::new("access-error-code"));
    put(
        all,
        "account-pending",
        AccountPage { second_step: pending, error, ..AccountPage::sample(locale) },
    );
    put(
        all,
        "account-codes",
        AccountPage {
            second_step: SecondStepView::On { since: NOW - MINUTE, codes: 10 },
            codes: (1..=10).map(|n| format!("k7w2-{n:04}")).collect(),
            notice: Some(Sentence::new("notice-second-step-on")),
            ..AccountPage::sample(locale)
        },
    );
}

fn doors(locale: &Locale, all: &mut Vec<Sample>) {
    let next = "/orders".to_owned();
    put(all, "login-second", SecondPage { locale: locale.clone(), next, error: None });
    put(
        all,
        "login-second-wrong",
        SecondPage {
            locale: locale.clone(),
            next: "/orders".to_owned(),
            error: Some(Sentence::new("login-error-code")),
        },
    );
    put(
        all,
        "welcome",
        WelcomePage {
            locale: locale.clone(),
            href: "/welcome/dmg_0000000000001_5f2c".to_owned(),
            org: "Sari Lumbung".to_owned(),
            name: "Budi Contoh".to_owned(),
            login: "budi@contoh.test".to_owned(),
            password_min: 10,
            error: Some(Sentence::new("access-error-short").with("n", 10)),
        },
    );
    put(
        all,
        "setup",
        SetupPage {
            locale: locale.clone(),
            href: "/setup/5f2c".to_owned(),
            business: String::new(),
            name: String::new(),
            login: String::new(),
            password_min: 10,
            error: None,
        },
    );
}
