//! Statements, rows and values come out as they went in.

use super::super::testing::on_both;
use super::super::{Dialect, Error, Lane, Rows, Value};
use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn rows_come_back_as_they_went_in() {
    on_both(&MIGRATIONS, |fixture| async move {
        let strange = Item {
            id: i64::MAX,
            name: "\"quoted\" \\ ünï 🛳 \u{1f}\n'".to_owned(),
            flag: true,
            hash: Some(Vec::new()),
            at: None,
        };
        let none = Item { hash: None, flag: false, ..item(i64::MIN, "none") };
        let none = Item { at: Some(i64::MAX), ..none };
        let items = vec![none, item(2, "two"), strange];
        let written: Vec<Item> = fixture
            .db
            .write_with(Lane::Bulk, Some(1), items.clone(), |conn, items| {
                Box::pin(async move {
                    let mut written: Vec<Item> =
                        conn.all(&UPSERT, &[1_i64.into(), rows(items).into()]).await?;
                    written.sort_by_key(|item| item.id);
                    Ok(written)
                })
            })
            .await
            .unwrap();
        assert_eq!(written, items);
        let read: Vec<Item> = fixture
            .db
            .read(Some(1), |conn| {
                Box::pin(async move {
                    let mut ids = Rows::default();
                    for id in [2, i64::MIN, i64::MAX, 77] {
                        ids.push(&[&id]);
                    }
                    conn.all(&LIST, &[1_i64.into(), ids.into()]).await
                })
            })
            .await
            .unwrap();
        assert_eq!(read, items);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_row_takes_the_greater_time_and_nul_is_replaced() {
    on_both(&MIGRATIONS, |fixture| async move {
        for (at, expected) in [(5, 5), (9, 9), (3, 9)] {
            let given = Item { at: Some(at), ..item(1, "nul\0") };
            let written: Item = fixture
                .db
                .write_with(Lane::Short, Some(1), given, |conn, given| {
                    Box::pin(async move {
                        conn.one(&UPSERT, &[1_i64.into(), rows(std::slice::from_ref(given)).into()])
                            .await
                    })
                })
                .await
                .unwrap();
            assert_eq!(written.at, Some(expected));
            assert_eq!(written.name, "nul\u{fffd}");
        }
        assert_eq!(Value::from("a\0"), Value::from("a\u{fffd}"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_rows_are_no_rows() {
    on_both(&MIGRATIONS, |fixture| async move {
        let written: Vec<Item> = fixture
            .db
            .write(Lane::Short, Some(1), |conn| {
                Box::pin(
                    async move { conn.all(&UPSERT, &[1_i64.into(), Rows::default().into()]).await },
                )
            })
            .await
            .unwrap();
        assert_eq!(written, []);
        let found: Option<Item> = fixture
            .db
            .read(Some(1), |conn| {
                Box::pin(
                    async move { conn.optional(&FIND_PLAIN, &[1_i64.into(), 1_i64.into()]).await },
                )
            })
            .await
            .unwrap();
        assert_eq!(found, None);
    })
    .await;
}

static FIND_PLAIN: Statement = Statement::org(
    "item.find_plain",
    "SELECT id, name, flag, hash, at FROM item WHERE org_id = $1 AND id = $2",
);

#[tokio::test(flavor = "multi_thread")]
async fn constraints_have_names() {
    on_both(&MIGRATIONS, |fixture| async move {
        let db = &fixture.db;
        let twice = db
            .write(Lane::Short, Some(1), |conn| {
                Box::pin(async move {
                    insert(conn, 1, 1, "a").await?;
                    insert(conn, 1, 2, "a").await
                })
            })
            .await;
        let Err(Error::Conflict(name)) = twice else { panic!("{twice:?}") };
        assert!(
            ["item_org_id_name_key", "item.org_id, item.name"].contains(&name.as_str()),
            "{name}"
        );
        let orphan = db
            .write(Lane::Short, Some(1), |conn| {
                Box::pin(async move {
                    conn.execute(&ADD_PART, &[1_i64.into(), 5_i64.into(), 1_i64.into()]).await
                })
            })
            .await;
        assert!(matches!(orphan, Err(Error::Conflict(_))), "{orphan:?}");
        let negative = Item { at: Some(-1), ..item(1, "a") };
        let negative = db
            .write_with(Lane::Short, Some(1), negative, |conn, negative| {
                Box::pin(async move {
                    let rows = rows(std::slice::from_ref(negative));
                    conn.execute(&UPSERT, &[1_i64.into(), rows.into()]).await
                })
            })
            .await;
        assert!(
            matches!(&negative, Err(Error::Conflict(name)) if name == "item_at"),
            "{negative:?}"
        );
        let kept = db.read(Some(1), |conn| Box::pin(count(conn, 1))).await.unwrap();
        assert_eq!(kept, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_one_statement_whatever_its_size() {
    on_both(&MIGRATIONS, |fixture| async move {
        for size in [1, 300] {
            let items: Vec<_> = (0..size).map(|id| item(id, &format!("n{id}"))).collect();
            let statements = fixture
                .db
                .write_with(Lane::Bulk, Some(1), items, |conn, items| {
                    Box::pin(async move {
                        conn.execute(&UPSERT, &[1_i64.into(), rows(items).into()]).await?;
                        Ok(conn.statements())
                    })
                })
                .await
                .unwrap();
            assert_eq!(statements, 1);
        }
    })
    .await;
}

#[test]
fn macros_expand_for_each_database() {
    let both = |template| {
        [Dialect::Sqlite, Dialect::Postgres].map(|it| super::super::dialect::expand(template, it))
    };
    assert_eq!(both("a {for update skip locked}"), ["a ", "a FOR UPDATE SKIP LOCKED"]);
    assert_eq!(both("{max a, {min b, c}}"), ["MAX(a, MIN(b, c))", "GREATEST(a, LEAST(b, c))"]);
    assert_eq!(both("'{}' {json $2} {nope 1}"), ["'{}' $2 {nope 1}", "'{}' $2::jsonb {nope 1}"]);
    assert_eq!(
        both("{rows $2: id bigint, h blob, j json}"),
        [
            "SELECT value->>0 AS id, unhex(value->>1) AS h, value->2 AS j FROM jsonb_each($2)",
            "SELECT (r->>0)::bigint AS id, decode(r->>1, 'hex') AS h, r->2 AS j \
             FROM jsonb_array_elements($2::jsonb) AS r",
        ]
    );
    assert_eq!(
        both("{rows $2+$3: b blob, n text}"),
        [
            "SELECT substr($3, 1 + (value->>0), value->>1) AS b, value->>2 AS n FROM jsonb_each($2)",
            "SELECT substr($3::bytea, 1 + (r->>0)::int, (r->>1)::int) AS b, r->>2 AS n \
             FROM jsonb_array_elements($2::jsonb) AS r",
        ]
    );
    assert_eq!(both("{rows $2: id float}"), ["{rows $2: id float}"; 2], "unknown types stay");
}
