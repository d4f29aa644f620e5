//! What is removed by its age alone: ids follow the time at which they were made.

use dermaga_domain::id::{OrgId, first_at};
use dermaga_domain::time::Time;

use super::{IdRow, Removed, STEP, overwrite};
use crate::db::{Lane, Rows, Statement, Value, statements};
use crate::error::Result;
use crate::open::Store;

static OLD_BODIES: Statement = Statement::org(
    "retention.old_bodies",
    "SELECT id FROM message WHERE org_id = $1 AND id > $2 AND id < $3
        AND state NOT IN ('pending', 'dead') ORDER BY id LIMIT $4",
);

static DELETE_BODIES: Statement = Statement::org(
    "retention.delete_bodies",
    "WITH v AS MATERIALIZED ({rows $2: id bigint})
     DELETE FROM message WHERE org_id = $1 AND id IN (SELECT id FROM v) AND state <> 'pending'",
);

/// Nothing can be done about a dead letter of which the body is gone, but that it came is still told.
static EMPTY_DEAD: Statement = Statement::org(
    "retention.empty_dead",
    "UPDATE message SET body = $2
     WHERE org_id = $1 AND state = 'dead' AND id < $3 AND length(body) > 0",
);

static DELETE_DEAD: Statement = Statement::org(
    "retention.delete_dead",
    "DELETE FROM message WHERE org_id = $1 AND state = 'dead' AND id < $2",
);

static OLD_ANSWERS: Statement = Statement::org(
    "retention.old_answers",
    "SELECT id FROM exchange WHERE org_id = $1 AND id > $2 AND id < $3 AND answer IS NOT NULL
     ORDER BY id LIMIT $4",
);

static FORGET_ANSWERS: Statement = Statement::org(
    "retention.forget_answers",
    "WITH v AS MATERIALIZED ({rows $2: id bigint})
     UPDATE exchange SET answer = NULL WHERE org_id = $1 AND id IN (SELECT id FROM v)",
);

static OLD_EXCHANGES: Statement = Statement::org(
    "retention.old_exchanges",
    "SELECT id FROM exchange WHERE org_id = $1 AND id > $2 AND id < $3 ORDER BY id LIMIT $4",
);

static DELETE_EXCHANGES: Statement = Statement::org(
    "retention.delete_exchanges",
    "WITH v AS MATERIALIZED ({rows $2: id bigint})
     DELETE FROM exchange WHERE org_id = $1 AND id IN (SELECT id FROM v)",
);

/// A label is at most as old as the command that fetched it.
static OLD_LABELS: Statement = Statement::org(
    "retention.old_labels",
    "SELECT command_id AS id FROM paper WHERE org_id = $1 AND command_id > $2 AND command_id < $3
     ORDER BY command_id LIMIT $4",
);

static DELETE_LABELS: Statement = Statement::org(
    "retention.delete_labels",
    "WITH v AS MATERIALIZED ({rows $2: id bigint})
     DELETE FROM paper WHERE org_id = $1 AND command_id IN (SELECT id FROM v)",
);

static DELETE_REQUESTS: Statement = Statement::org(
    "retention.delete_requests",
    "DELETE FROM idempotency WHERE org_id = $1 AND at < $2",
);

statements![
    OLD_BODIES,
    DELETE_BODIES,
    EMPTY_DEAD,
    DELETE_DEAD,
    OLD_ANSWERS,
    FORGET_ANSWERS,
    OLD_EXCHANGES,
    DELETE_EXCHANGES,
    OLD_LABELS,
    DELETE_LABELS,
    DELETE_REQUESTS,
];

pub(super) async fn bodies(store: &Store, org: OrgId, after: i64, end: Time) -> Result<Removed> {
    step(store, org, (&OLD_BODIES, &DELETE_BODIES), after, end).await
}

pub(super) async fn answers(store: &Store, org: OrgId, after: i64, end: Time) -> Result<Removed> {
    step(store, org, (&OLD_ANSWERS, &FORGET_ANSWERS), after, end).await
}

pub(super) async fn exchanges(store: &Store, org: OrgId, after: i64, end: Time) -> Result<Removed> {
    step(store, org, (&OLD_EXCHANGES, &DELETE_EXCHANGES), after, end).await
}

pub(super) async fn labels(store: &Store, org: OrgId, after: i64, end: Time) -> Result<Removed> {
    step(store, org, (&OLD_LABELS, &DELETE_LABELS), after, end).await
}

/// One step over what is older than `end`.
async fn step(
    store: &Store,
    org: OrgId,
    (list, remove): (&'static Statement, &'static Statement),
    after: i64,
    end: Time,
) -> Result<Removed> {
    let before = first_at(end);
    let removed = store
        .db
        .write(Lane::Bulk, Some(org.0), move |conn| {
            Box::pin(async move {
                let values = [org.0.into(), after.into(), before.into(), STEP.into()];
                let old: Vec<IdRow> = conn.all(list, &values).await?;
                let Some(last) = old.last() else { return Ok(Removed { count: 0, next: None }) };
                overwrite(conn).await?;
                let mut rows = Rows::default();
                old.iter().for_each(|row| rows.push(&[&row.id]));
                let count = conn.execute(remove, &[org.0.into(), rows.into()]).await?;
                Ok(Removed { count, next: Some(last.id) })
            })
        })
        .await?;
    Ok(removed)
}

/// Dead letters are few: their bodies first, later what is left of them.
pub(super) async fn dead(
    store: &Store,
    org: OrgId,
    emptied: Time,
    deleted: Time,
) -> Result<Removed> {
    let count = store
        .db
        .write(Lane::Bulk, Some(org.0), move |conn| {
            Box::pin(async move {
                overwrite(conn).await?;
                let nothing = Value::Blob(Some(Vec::new().into()));
                let values = [org.0.into(), nothing, first_at(emptied).into()];
                let count = conn.execute(&EMPTY_DEAD, &values).await?;
                let values = [org.0.into(), first_at(deleted).into()];
                Ok(count + conn.execute(&DELETE_DEAD, &values).await?)
            })
        })
        .await?;
    Ok(Removed { count, next: None })
}

pub(super) async fn requests(store: &Store, org: OrgId, end: Time) -> Result<Removed> {
    let count = store
        .db
        .write(Lane::Bulk, Some(org.0), move |conn| {
            Box::pin(
                async move { conn.execute(&DELETE_REQUESTS, &[org.0.into(), end.0.into()]).await },
            )
        })
        .await?;
    Ok(Removed { count, next: None })
}
