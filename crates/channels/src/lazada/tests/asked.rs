//! What is read of the channel: pages of what changed, details, tokens.

use dermaga_channel::{Asked, Channel, Error, Returned, What};
use dermaga_domain::time::Span;
use secrecy::ExposeSecret as _;

use super::stage::{NOW, Stage, data, refused};
use super::{ITEMS, ORDER};
use crate::lazada::Lazada;
use crate::lazada::capabilities::ORDERS_PAGE_MAX;

fn page(ids: std::ops::RangeInclusive<u32>, clock: &str) -> String {
    let row = |id| format!(r#"{{"order_id":{id},"updated_at":"2026-11-20 09:{clock} +0700"}}"#);
    let rows: Vec<String> = ids.map(row).collect();
    data(&format!(r#"{{"count":1,"countTotal":1,"orders":[{}]}}"#, rows.join(",")))
}

#[tokio::test]
async fn a_window_is_walked_by_the_second_of_the_last_row_with_the_units_of_each_page() {
    let full = ORDERS_PAGE_MAX;
    let answers = [
        page(1..=full, "10:00"),
        data("[]"),
        page(1..=full, "10:00"),
        data("[]"),
        page(full + 1..=full + 2, "20:00"),
        data(&format!(r#"[{{"order_id":{},"order_items":{ITEMS}}}]"#, full + 1)),
    ];
    let stage = Stage::with(answers).await;
    let (mut next, mut bodies) = (None::<String>, Vec::new());
    for _ in 0..3 {
        let fetched = stage.list(What::Orders, next.as_deref()).await.unwrap();
        bodies.extend(fetched.messages.into_iter().map(|raw| raw.body));
        next = fetched.next;
    }
    assert_eq!(next, None);
    let lines = stage.lines();
    let asked: Vec<&String> = lines.iter().step_by(2).collect();
    let list = |from: &str, offset: u32| {
        format!(
            "GET /orders/get limit=50&offset={offset}&sort_by=updated_at&sort_direction=ASC\
             &update_after=2026-11-20T{from}%2B00:00&update_before=2026-11-20T02:40:01%2B00:00"
        )
    };
    // Asked from the second before; a page of one second is followed by number.
    assert_eq!(asked, [&list("01:39:59", 0), &list("02:09:59", 0), &list("02:09:59", full)]);
    assert!(lines[1].starts_with("GET /orders/items/get order_ids=[1,2,3,"), "{}", lines[1]);
    let last = String::from_utf8(bodies[2].to_vec()).unwrap();
    assert!(last.contains(r#""order_item_id":330044550111"#));
    assert!(last.ends_with(r#""items":[]}]"#), "one without units is looked at again");
}

#[tokio::test]
async fn details_are_asked_one_by_one_and_their_units_together() {
    let units = format!(r#"[{{"order_id":330044550011,"order_items":{ITEMS}}}]"#);
    let stage = Stage::with([data(ORDER), refused("16"), data(&units)]).await;
    let ids = ["330044550011", "330044550099", "x"].map(str::to_owned);
    let fetched = Lazada.fetch_orders(&stage.call(), &ids).await.unwrap();
    assert_eq!(fetched.messages.len(), 1);
    assert_eq!(fetched.not_found, ["330044550099", "x"]);
    assert_eq!(
        stage.lines(),
        [
            "GET /order/get order_id=330044550011",
            "GET /order/get order_id=330044550099",
            "GET /orders/items/get order_ids=[330044550011]",
        ]
    );
    let every = stage.every();
    let names: Vec<&str> = every.iter().map(|pair| pair.split_once('=').unwrap().0).collect();
    assert_eq!(names, ["access_token", "app_key", "sign", "sign_method", "timestamp"]);
    assert!(every.contains(&"timestamp=1795142400000".to_owned()));
    let shown = format!("{:?}", stage.http.take_exchanges());
    assert!(!shown.contains("demo-token") && !shown.contains("demoSecret"), "{shown}");
}

#[tokio::test]
async fn each_country_has_its_host_and_without_one_the_seller_is_asked() {
    let mut stage = Stage::with([data("[]"), data("[]")]).await;
    for (country, host) in [("sg", "api.lazada.sg"), ("my", "api.lazada.com.my")] {
        stage.country = country;
        let answered = stage.list(What::Returns, None).await;
        assert_eq!(answered.unwrap_err().name(), "malformed");
        let asked = stage.lines().pop().unwrap();
        assert!(asked.starts_with(&format!("GET /{host}/rest/reverse/")), "{asked}");
    }
    stage.country = "";
    let refused = stage.list(What::Orders, None).await.unwrap_err();
    assert!(matches!(refused, Error::ConsentNeeded { .. }), "{refused}");
}

const TOKEN: &str = r#"{"access_token":"a2","refresh_token":"r2","expires_in":2592000,
    "refresh_expires_in":15552000,"country":"id","account":"toko@example.test","code":"0",
    "country_user_info_list":[{"country":"id","seller_id":"1009990001","short_code":"ID1DEMO0"}]}"#;

#[tokio::test]
async fn consent_is_a_page_and_a_code_that_is_exchanged() {
    let stage = Stage::with([TOKEN.to_owned(), refused("InvalidCode")]).await;
    let consent = Lazada.consent().unwrap();
    let back = "https://hub.example.test/consent";
    let asked = Asked { back, state: "Sr7k", now: NOW };
    let page = consent.page(&stage.credentials, &asked).unwrap();
    let wanted = format!(
        "{}/auth.lazada.com/oauth/authorize?client_id=109999&force_auth=true\
         &redirect_uri=https%3A%2F%2Fhub.example.test%2Fconsent&response_type=code&state=Sr7k",
        stage.url
    );
    assert_eq!(page, wanted);

    let returned: Returned = [("code".to_owned(), "0_109999_Demo".to_owned())].into();
    let grant = consent.exchange(&stage.call(), &returned).await.unwrap();
    let [shop] = &grant.shops[..] else { panic!("not one shop") };
    assert_eq!((&*shop.channel_shop_id, &*shop.name), ("1009990001", "ID1DEMO0"));
    assert_eq!(shop.token.as_ref().unwrap().renewable_until, Some(NOW.plus(Span::days(180))));
    assert!(grant.token.is_none(), "a token speaks for one seller's account");
    let again = consent.exchange(&stage.call(), &returned).await.unwrap_err();
    assert!(matches!(again, Error::ConsentNeeded { .. }));
    let refused: Returned = [("error".to_owned(), "access_denied".to_owned())].into();
    let refused = consent.exchange(&stage.call(), &refused).await.unwrap_err();
    assert!(matches!(refused, Error::ConsentNeeded { code, .. } if code == "access_denied"));
    let lines = stage.lines();
    assert_eq!(lines.len(), 2, "a refusal asks nothing");
    assert_eq!(lines[0], "POST /auth.lazada.com/rest/auth/token/create code=0_109999_Demo");
    let shown = format!("{:?}", stage.http.take_exchanges());
    assert!(!shown.contains("a2") && !shown.contains("r2"), "{shown}");
}

#[tokio::test]
async fn a_renewal_keeps_its_own_end_and_one_that_is_refused_asks_the_seller() {
    let answers =
        [TOKEN.to_owned(), refused("IllegalRefreshToken"), refused("IncompleteSignature")];
    let mut stage = Stage::with(answers).await;
    let token = Lazada.authorise(&stage.call()).await.unwrap();
    assert_eq!(token.access.expose_secret(), "a2");
    assert_eq!(token.refresh.unwrap().expose_secret(), "r2");
    assert_eq!(token.expires_at, NOW.plus(Span::days(30)));
    assert_eq!(token.renewable_until, stage.token.renewable_until);
    assert_eq!(
        stage.lines(),
        ["POST /auth.lazada.com/rest/auth/token/refresh refresh_token=demo-refresh"]
    );
    for wanted in ["consent_needed", "auth_refused"] {
        assert_eq!(Lazada.authorise(&stage.call()).await.unwrap_err().name(), wanted);
    }
    stage.token.refresh = None;
    assert_eq!(Lazada.authorise(&stage.call()).await.unwrap_err().name(), "consent_needed");
}
