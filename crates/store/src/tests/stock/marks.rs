//! Marks: nothing that is marked while the work runs is lost.

use dermaga_domain::time::Span;

use super::{done, on_both};
use crate::tests::Org;
use crate::work::{FILL, Mark, Modes};

fn mark(org: &Org, modes: Modes) -> Mark {
    Mark { kind: FILL, scope: 0, subject: "7".to_owned(), modes, due_at: org.store.now() }
}

#[tokio::test]
async fn done_takes_away_only_what_was_taken() {
    on_both(async |org: Org| {
        let (store, id) = (&org.store, org.org);
        let both = vec![mark(&org, Modes::REALTIME), mark(&org, Modes::DOWNLOAD)];
        store.mark(id, both).await.unwrap();
        let first = store.due(id, FILL, 9).await.unwrap();
        assert_eq!((first.len(), first[0].modes), (1, Modes::REALTIME.and(Modes::DOWNLOAD)));

        org.clock.advance(Span(1));
        store.mark(id, vec![mark(&org, Modes::default())]).await.unwrap();
        store.unmark(id, vec![done(FILL, &first[0])]).await.unwrap();
        let second = store.due(id, FILL, 9).await.unwrap();
        assert_eq!(second.len(), 1, "it was marked again meanwhile");
        store.unmark(id, vec![done(FILL, &second[0])]).await.unwrap();
        assert!(store.due(id, FILL, 9).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_mark_that_came_again_is_not_taken_for_the_earlier_one() {
    on_both(async |org: Org| {
        let (store, id) = (&org.store, org.org);
        store.mark(id, vec![mark(&org, Modes::REALTIME)]).await.unwrap();
        let paused = store.due(id, FILL, 9).await.unwrap();
        store.unmark(id, vec![done(FILL, &paused[0])]).await.unwrap();
        org.clock.advance(Span::days(1));
        store.mark(id, vec![mark(&org, Modes::REALTIME)]).await.unwrap();
        store.unmark(id, vec![done(FILL, &paused[0])]).await.unwrap();
        assert_eq!(store.due(id, FILL, 9).await.unwrap().len(), 1);
    })
    .await;
}
