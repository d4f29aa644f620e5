//! A buyer, unmasked: written down first, shown then.

use axum::extract::{Path, State};
use axum::response::Response;
use dermaga_domain::id::OrderId;
use dermaga_store::audit::act;
use dermaga_ui::BuyerPage;

use crate::App;
use crate::person::Person;
use crate::refusal::{Refusal, shown};

pub(super) async fn show(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let failed = |error| Refusal::of_store(&error, person.locale.clone(), person.here.clone());
    let not_found = || Refusal::not_found(person.locale.clone(), person.here.clone());
    let id: OrderId = id.parse().map_err(|_| not_found())?;
    let order = app.store().order(&person.scope, id).await.map_err(failed)?;
    let order = order.ok_or_else(not_found)?;
    let buyer = app.store().buyers(&person.scope, &[id]).await.map_err(failed)?.remove(&id);
    let frame = person.frame(&app, "").await.map_err(failed)?;
    let subject = id.to_string();
    let (org, told) = (person.scope.org, (subject.as_str(), ""));
    app.store().write_down(org, person.by(), act::BUYER_SEEN, told).await.map_err(failed)?;
    let parts = buyer.map(|buyer| {
        let all = [
            ("buyer-name", buyer.name),
            ("buyer-phone", buyer.phone),
            ("buyer-email", buyer.email),
            ("buyer-address", buyer.address),
            ("buyer-district", buyer.district),
            ("buyer-city", buyer.city),
            ("buyer-province", buyer.province),
            ("buyer-postal_code", buyer.postal_code),
            ("buyer-note", buyer.note),
        ];
        all.into_iter().filter(|(_, text)| !text.is_empty()).collect()
    });
    Ok(shown(&BuyerPage {
        locale: person.locale.clone(),
        frame,
        id: subject,
        number: order.channel_order_id,
        parts,
    }))
}
