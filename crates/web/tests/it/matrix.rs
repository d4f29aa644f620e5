//! Every route, with every id, for whoever must not see it: the same answer as for an id that is none,
//! and nothing of what is behind it. The routes come from the server's own table: one that is new fails
//! here until its ids are known.

use axum::http::{Method, StatusCode};
use dermaga_web::{Guard, Route, routes};

use crate::world::{Actor, OF_FIRST, OF_ORG, On, World};

/// The ids of a path, real ones or ones that nothing has.
fn filled(route: &Route, world: &World, real: bool) -> String {
    let of = |prefix: &str, id: String| if real { id } else { format!("{prefix}_0000000000001") };
    let segments = route.path.split('/').map(|segment| {
        let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
            return segment.to_owned();
        };
        match name {
            "id" if route.path.contains("/orders/") => of("ord", world.orders[0].to_string()),
            "id" if route.path.starts_with("/log/") || route.path.contains("/exchanges/") => {
                of("exc", world.exchange.to_string())
            }
            "id" if route.path.starts_with("/attention/") || route.path.contains("/notices/") => {
                of("ntc", world.notice.to_string())
            }
            "id" if of_sku(route) => of("sku", world.sku.to_string()),
            "id" if route.path.contains("/listings/") => of("lst", world.listing.to_string()),
            "id" if route.path.contains("/shops/") => of("shp", world.shops[0].to_string()),
            "id" if route.path.contains("/downloads/") => of("dwn", world.download.to_string()),
            "command" => of("cmd", world.command.to_string()),
            "batch" => of("bat", world.batch.to_string()),
            "account" => of("acc", world.account.to_string()),
            "key" => of("key", world.key.to_string()),
            // No ids of a business.
            "channel" => "toy".to_owned(),
            "code" => "DMG-0605".to_owned(),
            "name" | "link" | "route" | "kind" | "state" => "none".to_owned(),
            other => panic!("say what {{{other}}} of {} is", route.path),
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

/// What is sent to a route that changes something: what it asks for, about the first order.
fn body(route: &Route, world: &World, real: bool) -> String {
    let order = if real { world.orders[0].to_string() } else { "ord_0000000000001".to_owned() };
    if route.path == "/api/v1/commands" {
        return format!("{{\"orders\":[\"{order}\"],\"command\":\"label\"}}");
    }
    if route.path.ends_with("/acts") {
        return "{\"act\":\"void\"}".to_owned();
    }
    if route.path.starts_with("/api/") {
        return "{\"command\":\"label\"}".to_owned();
    }
    format!("order={order}&command=label&verb=void&revision=1&role=viewer&all_shops=1&sku=GAYO")
}

/// An answer without what differs between two answers to the same: ids and references.
fn told(text: &str) -> String {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let (bytes, mut told, mut at) = (text.as_bytes(), String::new(), 0);
    while let Some(&byte) = bytes.get(at) {
        let id = at >= 3
            && byte == b'_'
            && bytes[at - 3..at].iter().all(u8::is_ascii_lowercase)
            && bytes.get(at + 1..at + 14).is_some_and(|id| id.iter().all(|it| letter(*it)));
        if id {
            told.push_str("_ID");
            at += 1;
            while bytes.get(at).is_some_and(|byte| letter(*byte)) {
                at += 1;
            }
        } else {
            told.push(char::from(byte));
            at += 1;
        }
    }
    told
}

fn is_api(route: &Route) -> bool {
    route.path.starts_with("/api/")
}

/// Whether it has ids of a business.
fn has_ids(route: &Route) -> bool {
    ["{id}", "{command}", "{batch}", "{account}", "{key}"].iter().any(|id| route.path.contains(id))
}

/// Whether its id is of goods: they belong to the business and to no shop.
fn of_sku(route: &Route) -> bool {
    route.path.starts_with("/stock/{id}") || route.path.contains("/skus/{id}")
}

struct Asked {
    status: StatusCode,
    told: String,
}

async fn ask(world: &World, actor: Option<&Actor>, route: &Route, real: bool) -> Asked {
    let path = filled(route, world, real);
    let sent = if route.method == Method::POST { body(route, world, real) } else { String::new() };
    let answer = world.ask(actor, (&route.method, &path), "same-origin", &sent).await;
    let to = answer.header("location").to_owned();
    Asked { status: answer.status, told: told(&format!("{to} {}", answer.body)) }
}

fn none_of(secrets: &[&str], text: &str, what: &str) {
    for secret in secrets {
        assert!(!text.contains(secret), "{what} shows {secret}: {text}");
    }
}

/// Somebody who must not see the first shop: the same answer as for what is not there.
async fn sees_nothing(world: &World, actor: Option<&Actor>, secrets: &[&str]) -> usize {
    let name = actor.map_or("nobody", |actor| actor.name.as_str());
    let program = actor.is_some_and(|actor| actor.header.0 == "authorization");
    let mut asked = 0;
    for route in routes().iter().filter(|route| !matches!(route.guard, Guard::Open(_))) {
        if actor.is_some() && is_api(route) != program {
            continue;
        }
        let what = format!("{} {} to {name}", route.method, route.path);
        let sends_ids = route.method == Method::POST && route.path.ends_with("/commands");
        if actor.is_some() && route.method == Method::POST && !has_ids(route) && !sends_ids {
            // It changes what is their own.
            continue;
        }
        let real = ask(world, actor, route, true).await;
        none_of(secrets, &real.told, &what);
        if of_sku(route) && actor.is_some() && secrets.len() == OF_FIRST.len() {
            continue;
        }
        let missing = ask(world, actor, route, false).await;
        assert_eq!((real.status, &real.told), (missing.status, &missing.told), "{what}");
        let expected: &[u16] = match (actor, is_api(route), has_ids(route)) {
            (None, true, _) => &[401],
            (None, false, _) if route.path == "/live" => &[401],
            (None, false, _) => &[303],
            // A form or JSON that lacks something is refused before anything is looked up.
            (Some(_), _, true) if route.method == Method::POST => &[303, 400, 403, 404, 422],
            (Some(_), _, true) => &[403, 404],
            // What nobody asked for.
            (Some(_), _, false) if route.path.starts_with("/consent") => &[403, 404],
            (Some(_), _, false) => &[200, 202, 303, 403],
        };
        assert!(expected.contains(&real.status.as_u16()), "{what}: {}", real.status);
        asked += 1;
    }
    asked
}

/// What is found by other ways than by a path.
async fn searches_nothing(world: &World, actor: &Actor, secrets: &[&str]) {
    let (shop, order) = (world.shops[0], world.orders[0]);
    let paths = if actor.header.0 == "cookie" {
        vec![
            "/orders?tab=all&q=70010001".to_owned(),
            format!("/orders?tab=all&shop={shop}"),
            format!("/bin?shop={shop}"),
            format!("/flows/toy?shop={shop}"),
            format!("/flows/toy/edit?shop={shop}"),
            "/stock".to_owned(),
            "/log".to_owned(),
            "/log?only=wrong".to_owned(),
            "/attention".to_owned(),
            "/activity".to_owned(),
            format!("/audit?subject={order}"),
        ]
    } else {
        vec![
            "/api/v1/orders?q=70010001".to_owned(),
            "/api/v1/orders?channel_order_id=70010001".to_owned(),
            format!("/api/v1/orders?shop={shop}"),
            format!("/api/v1/flows/toy?shop={shop}"),
            "/api/v1/stock-levels".to_owned(),
            "/api/v1/exchanges".to_owned(),
            "/api/v1/feed?after=0".to_owned(),
            format!("/api/v1/audit?subject={order}"),
        ]
    };
    for path in paths {
        let answer = world.ask(Some(actor), (&Method::GET, &path), "same-origin", "").await;
        let what = format!("{path} to {}", actor.name);
        let hidden: Vec<&str> =
            secrets.iter().copied().filter(|secret| !path.contains(secret)).collect();
        // What was asked for stands in the form again, and says nothing.
        none_of(&hidden, &answer.body, &what);
        assert!(!answer.body.contains(&format!("/orders/{order}")), "{what} leads to the order");
        assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{what}");
    }
}

/// Each role comes as far as its permissions, and no further.
async fn every_role_has_its_own(world: &World) {
    for actor in &world.people {
        for route in routes().iter().filter(|route| !is_api(route)) {
            let Guard::Any(_) = route.guard else { continue };
            let what = format!("{} {} to {}", route.method, route.path, actor.name);
            if route.guard.lets(actor.role.permissions()) {
                if route.method == Method::GET && !ASK_A_CHANNEL.contains(&route.path.as_str()) {
                    let real = ask(world, Some(actor), route, true).await;
                    let refused = [303, 401, 403, 500].contains(&real.status.as_u16());
                    let found = !has_ids(route) || real.status != StatusCode::NOT_FOUND;
                    assert!(!refused && found, "{what}: {} {}", real.status, real.told);
                }
                continue;
            }
            let real = ask(world, Some(actor), route, true).await;
            let missing = ask(world, Some(actor), route, false).await;
            assert_eq!((real.status, &real.told), (missing.status, &missing.told), "{what}");
            assert_eq!(real.status, StatusCode::FORBIDDEN, "{what}");
            assert!(real.told.contains("DMG-0605"), "{what}: {}", real.told);
        }
    }
    let [whole, reading] = &world.programs[..] else { panic!("two programs") };
    for route in routes().iter().filter(|route| is_api(route)) {
        let Guard::Any(any) = route.guard else { continue };
        let what = format!("{} {}", route.method, route.path);
        if route.method == Method::GET {
            let real = ask(world, Some(whole), route, true).await;
            assert!(real.status.is_success(), "{what}: {} {}", real.status, real.told);
        }
        let read = dermaga_domain::access::KeyScope::Read.permissions();
        if any.and(read) == dermaga_domain::access::Permissions::NONE {
            let refused = ask(world, Some(reading), route, true).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{what}: {}", refused.told);
        }
    }
}

async fn matrix(on: On) {
    let world = World::start(on).await;
    let all: Vec<&str> = OF_FIRST.iter().chain(&OF_ORG).copied().collect();
    let before = world.kept().await;
    let mut asked = sees_nothing(&world, None, &all).await;
    for actor in &world.strangers {
        searches_nothing(&world, actor, &all).await;
    }
    for actor in &world.limited {
        asked += sees_nothing(&world, Some(actor), &OF_FIRST).await;
        searches_nothing(&world, actor, &OF_FIRST).await;
    }
    every_role_has_its_own(&world).await;
    let after = world.kept().await;
    assert!(before == after, "{on:?}: changed: {}", difference(&before, &after));
    // Last: what they give about orders that are none of theirs is kept as a batch of their own.
    for actor in &world.strangers {
        asked += sees_nothing(&world, Some(actor), &all).await;
    }
    assert!(asked > 150, "only {asked} were asked");
}

#[tokio::test]
async fn nobody_sees_or_changes_what_is_not_theirs_on_sqlite() {
    matrix(On::Sqlite).await;
}

#[tokio::test]
async fn nobody_sees_or_changes_what_is_not_theirs_on_postgres() {
    matrix(On::Postgres).await;
}

#[tokio::test]
async fn row_level_security_alone_keeps_businesses_apart() {
    matrix(On::Bare).await;
}

#[tokio::test]
async fn every_change_from_another_site_is_refused() {
    let world = World::start(On::Sqlite).await;
    let owner = world.people.first().unwrap();
    let before = (world.kept().await, world.store.row_counts(world.org).await.unwrap());
    let mut refused = 0;
    for route in routes().iter().filter(|route| route.method != Method::GET) {
        let path = filled(route, &world, true);
        for from in ["cross-site", "same-site"] {
            let sent = body(route, &world, true);
            let answer = world.ask(Some(owner), (&route.method, &path), from, &sent).await;
            let status = answer.status.as_u16();
            // Programs and channels show no cookie, so a browser of somebody who is logged in is nobody.
            let expected = if is_api(route) {
                401
            } else if route.path.starts_with("/webhooks/") {
                404
            } else {
                403
            };
            assert_eq!(status, expected, "{} {} from {from}", route.method, route.path);
            refused += 1;
        }
    }
    assert!(refused > 40, "only {refused} were asked");
    let after = (world.kept().await, world.store.row_counts(world.org).await.unwrap());
    assert!(before == after, "something was changed from another site");
}

/// Pages that ask a channel: its token may be renewed, and the transmit log gets its line.
const ASK_A_CHANNEL: [&str; 1] = ["/shops/{id}/first"];

/// The first line that differs.
fn difference(before: &str, after: &str) -> String {
    let mut pairs = before.lines().zip(after.lines());
    let found = pairs.find(|(one, other)| one != other);
    found.map(|(one, other)| format!("{one:.400}\n{other:.400}")).unwrap_or_default()
}

#[tokio::test]
async fn looking_changes_nothing_but_who_looked_and_when() {
    for on in [On::Sqlite, On::Postgres] {
        let world = World::start(on).await;
        let before = world.kept().await;
        let actors = [world.people.first().unwrap(), world.programs.first().unwrap()];
        for route in routes().iter().filter(|route| route.method == Method::GET) {
            if ASK_A_CHANNEL.contains(&route.path.as_str()) {
                continue;
            }
            for actor in actors {
                for real in [true, false] {
                    ask(&world, Some(actor), route, real).await;
                }
            }
        }
        let after = world.kept().await;
        assert!(before == after, "{on:?}: changed on GET: {}", difference(&before, &after));
    }
}

#[test]
fn every_route_is_made_in_the_table() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![folder];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name != "routes.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                assert!(
                    !text.contains(".route("),
                    "{} makes a route beside the table",
                    path.display()
                );
                files += 1;
            }
        }
    }
    assert!(files > 30, "only {files} files were read");
    let open = routes().into_iter().filter(|route| matches!(route.guard, Guard::Open(_)));
    let open: Vec<String> = open.map(|route| format!("{} {}", route.method, route.path)).collect();
    let expected = [
        "POST /webhooks/{route}/{kind}",
        "GET /healthz",
        "GET /readyz",
        "GET /metrics",
        "GET /api/v1/openapi.json",
        "GET /",
        "GET /assets/{name}",
        "GET /login",
        "POST /login",
        "GET /login/code",
        "POST /login/code",
        "POST /language",
        "GET /welcome/{link}",
        "POST /welcome/{link}",
        "GET /setup/{link}",
        "POST /setup/{link}",
    ];
    assert_eq!(open, expected, "whoever opens a route says so here");
}
