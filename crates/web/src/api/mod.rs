//! The API: behind a key with scopes, JSON, problems as RFC 9457. It reads, and gives commands for
//! orders; nothing changes on GET.

mod access;
mod acts;
mod buyers;
mod command_shapes;
mod commands;
mod downloads;
mod exchanges;
mod flows;
mod key;
mod more;
mod notices;
mod orders;
mod problem;
mod shapes;
mod shops;
mod stock;
mod stock_shapes;
mod system;

use axum::Json;
use dermaga_domain::access::Permission::{
    ActOnOrders, AnswerBuyers, ChangeStock, Download, RecordPayments, SeeAudit, SeeBuyers, SeeLog,
    SeeOrders, SeeStock, ShipOrders,
};
use utoipa::OpenApi;
use utoipa::openapi::RefOr;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

use crate::routes::{Guard, Routes};
pub(crate) use problem::Problem;

/// The description of the API.
#[derive(OpenApi)]
#[openapi(
    info(title = "Dermaga", description = "Orders, documents, stock and what explains them; commands to channels. A key reads with the scope read, gives commands with the scope act, sees buyers unmasked with the scope buyers, and gives out and erases what is held about one with the scope privacy."),
    paths(
        orders::list,
        orders::one,
        orders::documents,
        orders::tabs,
        acts::list,
        acts::say,
        more::explain,
        more::stock_levels,
        stock::warehouses,
        stock::skus,
        stock::sku,
        stock::movements,
        stock::selling,
        stock::shift,
        stock::opening,
        stock::incidents,
        stock::unmapped,
        stock::map,
        exchanges::exchanges,
        exchanges::again,
        more::flow,
        flows::versions,
        flows::dry_run,
        more::feed,
        commands::one_order,
        commands::of_order,
        commands::offers,
        commands::paper,
        commands::many,
        commands::batch,
        commands::retry,
        downloads::begin,
        downloads::list,
        downloads::one,
        downloads::orders,
        downloads::agree,
        downloads::retry,
        downloads::give_up,
        shops::list,
        shops::one,
        shops::tasks,
        shops::push_preview,
        shops::push,
        shops::pushes,
        notices::list,
        notices::close,
        access::me,
        access::buyer,
        access::audit,
        buyers::export,
        buyers::erase,
        system::system,
    ),
    components(schemas(Problem)),
    modifiers(&Key, &Problems),
    security(("key" = [])),
)]
struct Description;

struct Key;

impl utoipa::Modify for Key {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A key of the API: dmg_…"))
            .build();
        let components = api.components.get_or_insert_default();
        components.add_security_scheme("key", SecurityScheme::Http(bearer));
    }
}

/// What goes wrong is told as RFC 9457 has it, and so is its media type.
struct Problems;

impl utoipa::Modify for Problems {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let items = api.paths.paths.values_mut();
        let operations = items.flat_map(|item| [&mut item.get, &mut item.post]).flatten();
        for operation in operations {
            let default = operation.responses.responses.get_mut("default");
            let Some(RefOr::T(problem)) = default else { continue };
            if let Some(content) = problem.content.shift_remove("application/json") {
                problem.content.insert("application/problem+json".to_owned(), content);
            }
        }
    }
}

pub(crate) fn routes() -> Routes {
    let why = Guard::Open("the description of the API, the same for everybody");
    let give = Guard::any(&[ActOnOrders, ShipOrders]);
    let say = Guard::any(&[ActOnOrders, RecordPayments]);
    Routes::new()
        .get("/openapi.json", why, async || Json(Description::openapi()))
        .get("/me", Guard::Known, access::me)
        .get("/orders", SeeOrders, orders::list)
        .get("/orders/{id}", SeeOrders, orders::one)
        .get("/orders/{id}/documents", SeeOrders, orders::documents)
        .get("/orders/{id}/acts", SeeOrders, acts::list)
        .post("/orders/{id}/acts", say, acts::say)
        .get("/tabs", SeeOrders, orders::tabs)
        .get("/orders/{id}/buyer", SeeBuyers, access::buyer)
        .get("/orders/{id}/explain", SeeOrders, more::explain)
        .get("/orders/{id}/commands", SeeOrders, commands::of_order)
        .post("/orders/{id}/commands", give, commands::one_order)
        .get("/orders/{id}/commands/{command}/paper", ShipOrders, commands::paper)
        .get("/orders/{id}/offers", SeeOrders, commands::offers)
        .post("/commands", give, commands::many)
        .get("/commands/{batch}", SeeOrders, commands::batch)
        .post("/commands/{batch}/retry", give, commands::retry)
        .get("/downloads", SeeOrders, downloads::list)
        .post("/downloads", Download, downloads::begin)
        .get("/downloads/{id}", SeeOrders, downloads::one)
        .get("/downloads/{id}/orders", SeeOrders, downloads::orders)
        .post("/downloads/{id}/agree", Download, downloads::agree)
        .post("/downloads/{id}/retry", Download, downloads::retry)
        .post("/downloads/{id}/drop", Download, downloads::give_up)
        .get("/shops", SeeOrders, shops::list)
        .get("/shops/{id}", SeeOrders, shops::one)
        .get("/shops/{id}/tasks", SeeOrders, shops::tasks)
        .get("/shops/{id}/push", SeeStock, shops::push_preview)
        .post("/shops/{id}/push", ChangeStock, shops::push)
        .get("/shops/{id}/pushes", SeeStock, shops::pushes)
        .get("/stock-levels", SeeStock, more::stock_levels)
        .get("/warehouses", SeeStock, stock::warehouses)
        .get("/skus", SeeStock, stock::skus)
        .get("/skus/{id}", SeeStock, stock::sku)
        .get("/skus/{id}/movements", SeeStock, stock::movements)
        .get("/skus/{id}/listings", SeeStock, stock::selling)
        .post("/skus/{id}/moves", ChangeStock, stock::shift)
        .post("/opening-stock", ChangeStock, stock::opening)
        .get("/incidents", SeeStock, stock::incidents)
        .get("/unmapped-listings", SeeStock, stock::unmapped)
        .post("/listings/{id}/sku", ChangeStock, stock::map)
        .get("/exchanges", SeeLog, exchanges::exchanges)
        .post("/exchanges/{id}/again", ActOnOrders, exchanges::again)
        .get("/flows/{channel}", SeeOrders, more::flow)
        .get("/shops/{id}/flow-versions", SeeOrders, flows::versions)
        .post("/shops/{id}/flow-dry-run", SeeOrders, flows::dry_run)
        .get("/feed", SeeOrders, more::feed)
        .get("/notices", SeeOrders, notices::list)
        .post("/notices/{id}/close", ActOnOrders, notices::close)
        .get("/audit", SeeAudit, access::audit)
        .post("/buyers/export", AnswerBuyers, buyers::export)
        .post("/buyers/erase", AnswerBuyers, buyers::erase)
        .get("/system", SeeLog, system::system)
        .with(|router| {
            router
                .fallback(async || Problem::not_found())
                .method_not_allowed_fallback(async || Problem::method_not_allowed())
        })
}
