//! Orgs are kept apart, by the database and before it.

use super::super::testing::{Fixture, on_both};
use super::super::{AppRole, Backend, Database, Error, Lane, Options};
use super::*;

static EVERY_ITEM: Statement = Statement::directory("item.every", "SELECT count(*) FROM item");

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_of_another_org_is_refused() {
    on_both(&MIGRATIONS, |fixture| async move {
        for org in [None, Some(2)] {
            let written =
                fixture.db.write(Lane::Short, org, |conn| Box::pin(insert(conn, 1, 1, "a"))).await;
            assert!(matches!(written, Err(Error::WrongOrg { .. })), "{written:?}");
        }
        let read = fixture.db.read(Some(2), |conn| Box::pin(count(conn, 1))).await;
        assert!(matches!(read, Err(Error::WrongOrg { .. })), "{read:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_swallowed_failure_commits_nothing() {
    on_both(&MIGRATIONS, |fixture| async move {
        let written = fixture
            .db
            .write(Lane::Short, Some(1), |conn| {
                Box::pin(async move {
                    insert(conn, 1, 1, "a").await?;
                    drop(insert(conn, 1, 1, "b").await);
                    Ok(())
                })
            })
            .await;
        assert!(matches!(written, Err(Error::Conflict(_))), "{written:?}");
        let kept = fixture.db.read(Some(1), |conn| Box::pin(count(conn, 1))).await.unwrap();
        assert_eq!(kept, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_level_security_hides_what_a_statement_forgets() {
    let fixture = Fixture::postgres(&MIGRATIONS, Options::default()).await;
    let db = &fixture.db;
    for org in [1, 2] {
        db.write(Lane::Short, Some(org), move |conn| Box::pin(insert(conn, org, 7, "twin")))
            .await
            .unwrap();
    }
    for (org, visible) in [(Some(1), 1), (Some(3), 0), (None, 0)] {
        let (seen,): (i64,) = db
            .read(org, |conn| Box::pin(async move { conn.one(&EVERY_ITEM, &[]).await }))
            .await
            .unwrap();
        assert_eq!(seen, visible, "{org:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_may_not_serve() {
    let fixture = Fixture::postgres(&MIGRATIONS, Options::default()).await;
    let refused = Database::open(&fixture.url, Options::default()).await;
    let Err(Error::Setup(reason)) = refused else { panic!("a superuser was accepted") };
    assert!(reason.contains("superuser"), "{reason}");
    let server = fixture.server.as_ref().unwrap();
    let name = fixture.options.role.as_ref().unwrap().name();
    server.query(&format!("ALTER ROLE {name} BYPASSRLS")).unwrap();
    let refused = Database::open(&fixture.url, fixture.options.clone()).await;
    assert!(matches!(refused, Err(Error::Setup(reason)) if reason.contains("bypass")));
}

#[test]
fn unknown_addresses_are_refused_with_advice() {
    for url in ["mysql://root:secret@host/x", "dermaga.db", "sqlite:", "sqlite::memory:"] {
        let Err(Error::Setup(advice)) = Backend::from_url(url) else { panic!("{url}") };
        assert!(advice.contains("sqlite:/path/to/dermaga.db"), "{advice}");
        assert!(!advice.contains("secret"), "{advice}");
    }
    assert_eq!(Backend::from_url("sqlite:///a/b.db").unwrap(), Backend::Sqlite("/a/b.db".into()));
}

#[test]
fn the_password_file_is_made_once_and_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("password");
    let first = AppRole::from_file(&path, &mut rand::rng()).unwrap();
    let second = AppRole::from_file(&path, &mut rand::rng()).unwrap();
    assert_eq!(first.password(), second.password());
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!format!("{first:?}").contains(first.password()));
    assert!(AppRole::new("x; DROP", "p").is_err());
    assert!(AppRole::new("x", "p'").is_err());
}
