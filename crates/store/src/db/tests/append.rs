//! The inbox coalescer answers every caller with what became of its row.

use super::super::testing::on_both;
use super::super::{Appended, Appender, Entry};
use super::*;

static MESSAGES: Statement = Statement::org(
    "message.list",
    "SELECT id, shop_id, kind, body, repeats FROM message WHERE org_id = $1 AND id > $2 ORDER BY id",
);

#[derive(Debug, PartialEq, Eq, sqlx::FromRow)]
struct Message {
    id: i64,
    shop_id: Option<i64>,
    kind: String,
    body: Vec<u8>,
    repeats: i64,
}

fn entry(org_id: i64, id: i64, dedupe: u8) -> Entry {
    Entry {
        org_id,
        id,
        connection_id: 1,
        shop_id: (id % 2 == 0).then_some(4),
        kind: format!("kind {dedupe}"),
        dedupe: [dedupe; 32],
        received_at: 9,
        body: vec![dedupe; usize::from(dedupe)],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_rows_are_kept_and_repeats_counted() {
    on_both(&MIGRATIONS, |fixture| async move {
        let appender = Appender::start(&fixture.db, &APPEND);
        // Two orgs with the same ids and bodies; every body comes twice at about the same time.
        let calls = (1..=100_i64).flat_map(|n| {
            let dedupe = u8::try_from(n).unwrap();
            [entry(1, n, dedupe), entry(2, n, dedupe), entry(1, 1_000 + n, dedupe)]
        });
        let calls: Vec<_> = calls.collect();
        let answers = futures_util::future::join_all(
            calls.iter().map(|entry| appender.append(entry.clone())),
        )
        .await;
        // Which of two copies comes first is open; exactly one is new and the other names it.
        let answers: Vec<Appended> = answers.into_iter().map(Result::unwrap).collect();
        let answered = |org: i64, id: i64| {
            let at = calls.iter().position(|entry| (entry.org_id, entry.id) == (org, id)).unwrap();
            answers[at]
        };
        let mut stored = Vec::new();
        for n in 1..=100 {
            assert_eq!(answered(2, n), Appended::Inserted);
            stored.push(match (answered(1, n), answered(1, 1_000 + n)) {
                (Appended::Inserted, Appended::Repeated(id)) if id == n => n,
                (Appended::Repeated(id), Appended::Inserted) if id == 1_000 + n => id,
                other => panic!("{n}: {other:?}"),
            });
        }
        for (org, repeats) in [(1_i64, 1), (2, 0)] {
            let kept: Vec<Message> = fixture
                .db
                .read(Some(org), move |conn| {
                    Box::pin(async move { conn.all(&MESSAGES, &[org.into(), 0_i64.into()]).await })
                })
                .await
                .unwrap();
            assert_eq!(kept.len(), 100);
            for message in kept {
                let id = message.id;
                assert!(org == 2 || stored.contains(&id));
                let given = entry(org, id, u8::try_from(id % 1_000).unwrap());
                let expected = Message {
                    id,
                    shop_id: given.shop_id,
                    kind: given.kind,
                    body: given.body,
                    repeats,
                };
                assert_eq!(message, expected);
            }
        }
        let again = appender.append(entry(1, 5_000, 3)).await.unwrap();
        assert_eq!(again, Appended::Repeated(stored[2]));
    })
    .await;
}
