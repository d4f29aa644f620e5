//! Long work: commands for several orders, and downloads.

use axum::extract::State;
use axum::response::Response;
use dermaga_domain::access::Permission;
use dermaga_domain::id::DownloadId;
use dermaga_domain::time::{Span, Time};
use dermaga_store::command::Together;
use dermaga_store::download::Counts;
use dermaga_ui::{ActivityPage, ActivityRow, Command};

use super::downloads;
use crate::App;
use crate::explain::keyed;
use crate::givers::Givers;
use crate::person::Person;
use crate::refusal::{Refusal, shown};

/// How far back it looks.
const BACK: Span = Span::days(7);
/// Rows of each kind.
const ROWS: i64 = 50;

pub(super) async fn show(State(app): State<App>, person: Person) -> Result<Response, Refusal> {
    let failed = |error| Refusal::of_store(&error, person.locale.clone(), person.here.clone());
    let frame = person.frame(&app, "").await.map_err(failed)?;
    let since = Time(person.locale.now).minus(BACK);
    let store = app.store();
    let batches = store.batches(&person.scope, since, ROWS).await.map_err(failed)?;
    let loads = if person.may(Permission::Download) {
        store.downloads(&person.scope, None, ROWS).await.map_err(failed)?.0
    } else {
        Vec::new()
    };
    let loads: Vec<_> = loads.into_iter().filter(|it| it.asked_at >= since).collect();
    let ids: Vec<DownloadId> = loads.iter().map(|it| it.id).collect();
    let counts = store.count_downloads(&person.scope, &ids).await.map_err(failed)?;
    let askers = batches.iter().map(|it| it.asked_by).chain(loads.iter().map(|it| it.asked_by));
    let givers = Givers::of(&app, person.reads(), askers).await.map_err(failed)?;
    let nothing = Counts::default();
    let counts_of = |id: &DownloadId| counts.get(id).unwrap_or(&nothing);
    let rows = loads
        .iter()
        .map(|it| downloads::row(&app, it, counts_of(&it.id), (&frame, &givers)))
        .collect();
    Ok(shown(&ActivityPage {
        locale: person.locale.clone(),
        batches: batches.iter().map(|it| batch(it, &givers)).collect(),
        downloads: rows,
        frame,
    }))
}

fn batch(together: &Together, givers: &Givers) -> ActivityRow {
    ActivityRow {
        id: together.batch.to_string(),
        command: keyed(together.kind.as_str(), Command::ALL).unwrap_or(Command::Accept),
        total: together.commands,
        ended: together.commands - together.open,
        failed: together.failed,
        by: givers.name(together.asked_by),
        at: together.asked_at.0,
    }
}
