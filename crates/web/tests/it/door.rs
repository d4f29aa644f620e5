//! The door: guesses, second steps, links, and cookies that were stolen.

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode};
use dermaga_domain::access::Role;
use dermaga_domain::id::AccountId;
use dermaga_domain::time::{Clock as _, Time};
use dermaga_store::access::{BearerToken, Limits, NewMember};
use dermaga_store::audit::{self, act};
use dermaga_store::command::Giver;
use dermaga_store::read::Scope;
use dermaga_web::{Guard, SecondStep, routes};

use crate::hub::{Answer, Hub, Now};

/// Logs in from an address, with whatever cookie the browser has.
async fn log_in(hub: &Hub, from: [u8; 4], (cookie, form): (&str, &str)) -> Answer {
    post_from(hub, from, "/login", (cookie, form)).await
}

async fn post_from(hub: &Hub, from: [u8; 4], path: &str, (cookie, form): (&str, &str)) -> Answer {
    let mut request = Request::post(path)
        .header("cookie", cookie)
        .header("host", "hub.example")
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(form.to_owned()))
        .unwrap();
    let address = std::net::SocketAddr::from((from, 40_000));
    request.extensions_mut().insert(ConnectInfo(address));
    hub.send(request).await
}

async fn get(hub: &Hub, cookie: &str, path: &str) -> Answer {
    let request = Request::get(path).header("cookie", cookie).header("host", "hub.example");
    hub.send(request.body(Body::empty()).unwrap()).await
}

/// The cookie that an answer gives.
fn cookie(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

const RIGHT: &str = "account=pemilik&password=sandi-contoh";
const HOME: [u8; 4] = [192, 0, 2, 1];

/// What was written down of an act.
async fn written(hub: &Hub, act: &str) -> usize {
    let query = audit::Query { act: Some(act.to_owned()), limit: 200, ..audit::Query::default() };
    hub.store.audit(hub.org, &query).await.unwrap().0.len()
}

#[tokio::test]
async fn a_thousand_guesses_get_nowhere() {
    let hub = Hub::start().await;
    let mut tried = 0;
    for n in 0..1_000 {
        let form = format!("account=pemilik&password=tebakan-{n}");
        match log_in(&hub, HOME, ("", &form)).await.status {
            StatusCode::UNAUTHORIZED => tried += 1,
            StatusCode::TOO_MANY_REQUESTS => {}
            other => panic!("guess {n} is answered {other}"),
        }
    }
    assert_eq!(tried, 5, "guesses that were looked at, from one address");
    let right = log_in(&hub, HOME, ("", RIGHT)).await;
    assert_eq!(right.status, StatusCode::TOO_MANY_REQUESTS, "the right one is not told from wrong");
    assert_eq!(written(&hub, act::LOG_IN_REFUSED).await, 5);
    let elsewhere = log_in(&hub, [198, 51, 100, 7], ("", RIGHT)).await;
    assert_eq!(elsewhere.status, StatusCode::SEE_OTHER, "the owner comes in from elsewhere");

    let mut tried = 0;
    for n in 0..1_000_u32 {
        let form = format!("account=pemilik&password=tebakan-{n}");
        let [_, _, high, low] = n.to_be_bytes();
        let answer = log_in(&hub, [203, 0, high, low], ("", &form)).await;
        tried += usize::from(answer.status == StatusCode::UNAUTHORIZED);
    }
    assert!(tried <= 30, "{tried} guesses were looked at, each from an address of its own");
}

#[tokio::test]
async fn a_stolen_cookie_is_dead_after_logging_out() {
    let hub = Hub::start().await;
    let stolen = cookie(&log_in(&hub, HOME, ("", RIGHT)).await);
    assert_eq!(get(&hub, &stolen, "/account").await.status, StatusCode::OK);
    let out = post_from(&hub, HOME, "/logout", (&stolen, "")).await;
    assert!(out.header("set-cookie").contains("Max-Age=0"), "{}", out.header("set-cookie"));
    let mut asked = 0;
    for route in routes().iter().filter(|route| !route.path.starts_with("/api/")) {
        if matches!(route.guard, Guard::Open(_)) {
            continue;
        }
        let answer = if route.method == Method::GET {
            get(&hub, &stolen, &route.path).await
        } else {
            post_from(&hub, HOME, &route.path, (&stolen, "")).await
        };
        let live =
            if route.path == "/live" { StatusCode::UNAUTHORIZED } else { StatusCode::SEE_OTHER };
        assert_eq!(answer.status, live, "{} {}", route.method, route.path);
        asked += 1;
    }
    assert!(asked > 30, "only {asked} were asked");
    assert_eq!(written(&hub, act::LOGGED_OUT).await, 1);
}

#[tokio::test]
async fn sessions_end_with_the_password_by_hand_and_with_the_account() {
    let hub = Hub::start().await;
    let other = cookie(&log_in(&hub, HOME, ("", RIGHT)).await);
    let mine = cookie(&log_in(&hub, HOME, ("", RIGHT)).await);
    let wrong = "old=bukan-ini&new=kapal+tua+berlabuh";
    let wrong = post_from(&hub, HOME, "/account/password", (&mine, wrong)).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let short = "old=sandi-contoh&new=pendek";
    let short = post_from(&hub, HOME, "/account/password", (&mine, short)).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(get(&hub, &other, "/account").await.status, StatusCode::OK, "nothing has ended");
    let new = "old=sandi-contoh&new=kapal+tua+berlabuh";
    let set = post_from(&hub, HOME, "/account/password", (&mine, new)).await;
    assert_eq!(set.header("location"), "/account?told=password", "{}", set.body);
    assert_eq!(get(&hub, &other, "/account").await.status, StatusCode::SEE_OTHER);
    assert_eq!(get(&hub, &mine, "/account").await.status, StatusCode::OK);

    let again = "account=pemilik&password=kapal+tua+berlabuh";
    let second = cookie(&log_in(&hub, HOME, ("", again)).await);
    post_from(&hub, HOME, "/account/sessions", (&mine, "")).await;
    assert_eq!(get(&hub, &second, "/account").await.status, StatusCode::SEE_OTHER);
    assert_eq!(get(&hub, &mine, "/account").await.status, StatusCode::OK);

    let owner = hub.store.members(hub.org, None).await.unwrap()[0].id;
    let kept = hub.store.disable_member(hub.org, owner, Giver::Machine).await;
    assert!(kept.unwrap_err().to_string().contains("last owner"));
    let spare = [9; 32];
    invite(&hub, spare, "kedua", Role::Owner).await;
    hub.store.disable_member(hub.org, owner, Giver::Machine).await.unwrap();
    assert_eq!(get(&hub, &mine, "/account").await.status, StatusCode::SEE_OTHER);
    let gone = log_in(&hub, HOME, ("", again)).await;
    assert_eq!(gone.status, StatusCode::UNAUTHORIZED, "as if there were no such person");
}

async fn invite(hub: &Hub, secret: [u8; 32], login: &str, role: Role) -> (BearerToken, AccountId) {
    let token = BearerToken::new(hub.org, secret);
    let new = NewMember {
        login: login.to_owned(),
        name: login.to_owned(),
        role,
        limits: Limits::default(),
    };
    let account = hub.store.invite(&token, new, Giver::Machine).await.unwrap();
    (token, account)
}

#[tokio::test]
async fn somebody_who_is_invited_sets_a_password_once() {
    let hub = Hub::start().await;
    let owner = cookie(&log_in(&hub, HOME, ("", RIGHT)).await);
    let form = "name=Budi+Contoh&login=budi&role=packer&all_shops=1&all_warehouses=1";
    let invited = post_from(&hub, HOME, "/users", (&owner, form)).await;
    assert_eq!(invited.status, StatusCode::OK, "{}", invited.body);
    let at = invited.body.find("/welcome/dmg_").unwrap();
    let link = invited.body[at..].split(['<', '"']).next().unwrap().to_owned();
    assert!(!get(&hub, &owner, "/users").await.body.contains("/welcome/"), "it is shown once");
    let taken = post_from(&hub, HOME, "/users", (&owner, form)).await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY, "the log-in is taken");

    let empty = log_in(&hub, HOME, ("", "account=budi&password=")).await;
    assert_eq!(empty.status, StatusCode::UNAUTHORIZED, "without a password nobody comes in");
    let page = get(&hub, "", &link).await;
    assert!(page.body.contains("Budi Contoh"), "{}", page.body);
    let weak = post_from(&hub, HOME, &link, ("", "password=rahasia1234")).await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    let set = post_from(&hub, HOME, &link, ("", "password=paket+siap+dikirim")).await;
    assert_eq!(set.header("location"), "/login?told=welcome", "{}", set.body);
    for again in
        [get(&hub, "", &link).await, post_from(&hub, HOME, &link, ("", "password=x")).await]
    {
        assert_eq!(again.status, StatusCode::NOT_FOUND, "the link is worthless");
    }
    let budi = "account=budi&password=paket+siap+dikirim";
    let budi = cookie(&log_in(&hub, HOME, ("", budi)).await);
    assert_eq!(get(&hub, &budi, "/orders").await.status, StatusCode::OK);
    let users = get(&hub, &budi, "/users").await;
    assert_eq!(users.status, StatusCode::FORBIDDEN);
    assert!(users.body.contains("DMG-0605"), "{}", users.body);
    let setup = get(&hub, "", "/setup/none").await;
    assert_eq!(setup.status, StatusCode::NOT_FOUND, "there is somebody");
}

#[tokio::test]
async fn the_second_step_is_asked_for_and_each_code_counts_once() {
    let hub = Hub::start().await;
    let first = log_in(&hub, HOME, ("", RIGHT)).await;
    let mine = cookie(&first);
    post_from(&hub, HOME, "/account/second-step", (&mine, "")).await;
    let owner = hub.store.members(hub.org, None).await.unwrap()[0].id;
    let factor = hub.store.factor(hub.org, owner).await.unwrap().unwrap();
    let step = SecondStep::new(&factor.secret, "pemilik").unwrap();
    let still = log_in(&hub, HOME, ("", RIGHT)).await;
    assert_eq!(still.header("location"), "/orders", "it does not count before it is confirmed");
    let confirm = "/account/second-step/confirm";
    let wrong = post_from(&hub, HOME, confirm, (&mine, "code=000000")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let before = Time(Now.now().0 - 30_000_000);
    let confirmed =
        post_from(&hub, HOME, confirm, (&mine, &format!("code={}", step.code_at(before)))).await;
    assert_eq!(confirmed.status, StatusCode::OK, "{}", confirmed.body);
    let codes: Vec<&str> = confirmed.body.split("<li><code>").skip(1).collect();
    let recovery = codes[0].split('<').next().unwrap();
    assert_eq!(codes.len(), dermaga_web::RECOVERY_CODES);

    let half = log_in(&hub, HOME, ("", RIGHT)).await;
    assert!(half.header("location").starts_with("/login/code?next="), "{}", half.body);
    let pending = cookie(&half);
    for path in ["/orders", "/account", "/users"] {
        let answer = get(&hub, &pending, path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "half a log-in opens {path}");
    }
    let code = format!("code={}&next=%2Fstock", step.code_at(Now.now()));
    let whole = post_from(&hub, HOME, "/login/code", (&pending, &code)).await;
    assert_eq!(whole.header("location"), "/stock", "{}", whole.body);
    assert_ne!(cookie(&whole), pending, "a new cookie");
    assert_eq!(get(&hub, &cookie(&whole), "/account").await.status, StatusCode::OK);
    assert_eq!(get(&hub, &pending, "/login/code").await.status, StatusCode::SEE_OTHER);

    let pending = cookie(&log_in(&hub, HOME, ("", RIGHT)).await);
    let used = post_from(&hub, HOME, "/login/code", (&pending, &code)).await;
    assert_eq!(used.status, StatusCode::UNAUTHORIZED, "a code that was used");
    let form = format!("code={}", recovery.to_uppercase());
    let recovered = post_from(&hub, HOME, "/login/code", (&pending, &form)).await;
    assert_eq!(recovered.header("location"), "/orders", "{}", recovered.body);
    let pending = cookie(&log_in(&hub, HOME, ("", RIGHT)).await);
    let twice = post_from(&hub, HOME, "/login/code", (&pending, &form)).await;
    assert_eq!(twice.status, StatusCode::UNAUTHORIZED, "a recovery code that was used");
    let mut looked_at = 1;
    for n in 0..100 {
        let guess = format!("code={n:06}");
        let answer = post_from(&hub, HOME, "/login/code", (&pending, &guess)).await;
        looked_at += usize::from(answer.status == StatusCode::UNAUTHORIZED);
    }
    assert_eq!(looked_at, 5, "guesses of a code that were looked at");
    assert_eq!(written(&hub, act::RECOVERED).await, 1);

    let off =
        post_from(&hub, HOME, "/account/second-step/off", (&cookie(&whole), "password=x")).await;
    assert_eq!(off.status, StatusCode::UNPROCESSABLE_ENTITY, "it takes the password");
    hub.store.clear_factor(hub.org, owner, Giver::Machine).await.unwrap();
    let alone = log_in(&hub, HOME, ("", RIGHT)).await;
    assert_eq!(alone.header("location"), "/orders");
}

#[tokio::test]
async fn nobody_gives_more_than_they_have() {
    let hub = Hub::start().await;
    let (token, account) = invite(&hub, [8; 32], "wakil", Role::Manager).await;
    let expires = Time(Now.now().0 + 3_600_000_000);
    hub.store.create_session(&token, account, expires).await.unwrap();
    let deputy = format!("dermaga={}", token.reveal());
    let owner = hub.store.members(hub.org, None).await.unwrap()[0].id;
    let above = "name=x&login=x&role=owner&all_shops=1&all_warehouses=1";
    let above = post_from(&hub, HOME, "/users", (&deputy, above)).await;
    assert_eq!(above.status, StatusCode::UNPROCESSABLE_ENTITY);
    for deed in ["", "/link", "/disable", "/enable", "/second-step", "/sessions"] {
        let path = format!("/users/{owner}{deed}");
        let answer = post_from(&hub, HOME, &path, (&deputy, "role=viewer")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    let own = format!("/users/{account}");
    let promoted = post_from(&hub, HOME, &own, (&deputy, "role=owner&all_shops=1")).await;
    assert_eq!(promoted.header("location"), format!("{own}?told=role"));
    let members = hub.store.members(hub.org, None).await.unwrap();
    assert_eq!(members.iter().map(|it| it.role).collect::<Vec<_>>(), [Role::Owner, Role::Manager]);
    let key = "name=kasir&scope=read&scope=act&all_shops=1&all_warehouses=1";
    let made = post_from(&hub, HOME, "/keys", (&deputy, key)).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let at = made.body.find("<code>dmg_").unwrap() + "<code>".len();
    let key = made.body[at..].split('<').next().unwrap().to_owned();
    let me = hub.api(&key, "/me").await.json();
    assert_eq!(
        (&me["name"], &me["scopes"]),
        (&"kasir".into(), &serde_json::json!(["read", "act"]))
    );
    assert!(!get(&hub, &deputy, "/keys").await.body.contains(&key), "it is shown once");
    let id = me["id"].as_str().unwrap();
    post_from(&hub, HOME, &format!("/keys/{id}/revoke"), (&deputy, "")).await;
    assert_eq!(hub.api(&key, "/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn every_look_at_a_buyer_is_written_down() {
    let hub = Hub::start().await;
    let order = hub.store.order(&Scope::all(hub.org), hub.order).await.unwrap().unwrap();
    let mine = cookie(&log_in(&hub, HOME, ("", RIGHT)).await);
    let path = format!("/orders/{}/buyer", order.id);
    let page = get(&hub, &mine, &path).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let query =
        audit::Query { subject: Some(order.id.to_string()), limit: 9, ..Default::default() };
    let (found, _) = hub.store.audit(hub.org, &query).await.unwrap();
    assert_eq!(found[0].act, act::BUYER_SEEN);
    assert!(found[0].by.person().is_some());
    let audit = get(&hub, &mine, &format!("/audit?subject={}", order.id)).await;
    assert!(audit.body.contains(&format!("/orders/{}\"", order.id)), "{}", audit.body);
    assert!(!audit.body.contains('⟦'), "a word is missing");
    for path in ["/account", "/users", "/keys", "/audit"] {
        let page = get(&hub, &mine, path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(!page.body.contains('⟦'), "{path}: a word is missing");
    }
    let key = hub.api(&hub.key, &format!("/orders/{}/buyer", order.id)).await;
    assert_eq!(key.status, StatusCode::FORBIDDEN, "the key only reads");
}
