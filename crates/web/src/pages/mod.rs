//! The pages: each reads, fills its context, and shows it.

mod account;
mod act;
mod activity;
mod assets;
mod attention;
mod audit;
mod bin;
mod buyer;
mod codes;
mod command_forms;
mod command_rows;
mod commands;
mod downloads;
mod flow;
mod flow_edit;
mod keys;
mod limits;
mod lists;
mod live;
mod log;
mod moves;
mod opening;
mod order;
mod shops;
mod sku;
mod stock;
mod system;
mod timeline;
mod users;

use axum::extract::DefaultBodyLimit;
use axum::handler::Handler as _;
use axum::response::Redirect;
use dermaga_domain::access::Permission::{
    ActOnOrders, ChangeStock, Download, EditFlows, ManageShops, Operate, RecordPayments, SeeBuyers,
    SeeLog, SeeOrders, SeeRaw, SeeStock, ShipOrders,
};

use crate::routes::{Guard, Routes};

pub(crate) fn routes() -> Routes {
    let give = Guard::any(&[ActOnOrders, ShipOrders]);
    let act_on = Guard::any(&[ActOnOrders, RecordPayments]);
    let everybody = Guard::Open("leads to a page that has a guard of its own");
    Routes::new()
        .get("/", everybody, async || Redirect::to("/orders"))
        .get("/orders", SeeOrders, lists::orders)
        .get("/orders/{id}", SeeOrders, order::show)
        .get("/orders/{id}/buyer", SeeBuyers, buyer::show)
        .post("/orders/{id}/act", act_on, act::act)
        .post("/orders/{id}/commands", give, commands::give)
        .post("/orders/{id}/commands/{command}/retry", give, commands::again)
        .get("/orders/{id}/commands/{command}/paper", ShipOrders, commands::print)
        .post("/commands", give, commands::give_many)
        .get("/commands/{batch}", SeeOrders, commands::batch)
        .post("/commands/{batch}/retry", give, commands::retry)
        .get("/downloads", Download, downloads::list)
        .post("/downloads", Download, downloads::begin)
        .get("/downloads/{id}", Download, downloads::one)
        .post("/downloads/{id}/agree", Download, downloads::agree)
        .post("/downloads/{id}/drop", Download, downloads::give_up)
        .post("/downloads/{id}/retry", Download, downloads::retry)
        .merge(shop_routes())
        .get("/errors/{code}", Guard::Known, codes::show)
        .get("/bin", SeeOrders, bin::show)
        .get("/stock", SeeStock, stock::show)
        .get("/stock/opening", ChangeStock, opening::show)
        .post("/stock/opening", ChangeStock, opening::look.layer(opening_max()))
        .post("/stock/opening/write", ChangeStock, opening::write.layer(opening_max()))
        .post("/stock/listings/{id}", ChangeStock, stock::map)
        .get("/stock/{id}", SeeStock, sku::show)
        .post("/stock/{id}/move", ChangeStock, moves::write)
        .get("/flows/{channel}", SeeOrders, flow::show)
        .get("/flows/{channel}/edit", EditFlows, flow_edit::form)
        .post("/flows/{channel}/try", EditFlows, flow_edit::look)
        .post("/flows/{channel}/keep", EditFlows, flow_edit::keep)
        .get("/attention", SeeOrders, attention::show)
        .post("/attention/{id}/close", ManageShops, attention::close)
        .get("/activity", SeeOrders, activity::show)
        .get("/log", SeeLog, log::show)
        .get("/system", SeeLog, system::show)
        .get("/log/{id}/answer", SeeRaw, log::answer)
        .post("/log/{id}/again", ActOnOrders, log::again)
        .get("/live", SeeOrders, live::stream)
        .get("/assets/{name}", Guard::Open("style, script and signs"), assets::one)
        .merge(account::routes())
        .merge(users::routes())
        .merge(keys::routes())
        .merge(audit::routes())
}

/// Shops and their tasks.
fn shop_routes() -> Routes {
    Routes::new()
        .get("/shops", SeeOrders, shops::list)
        .get("/shops/connect", ManageShops, shops::connecting)
        .post("/shops/connect", ManageShops, shops::connect)
        .post("/shops/connect/consent", ManageShops, shops::ask)
        .get("/consent", ManageShops, shops::back_with_query)
        .get("/consent/{state}", ManageShops, shops::back_with_path)
        .get("/shops/{id}", SeeOrders, shops::one)
        .get("/shops/{id}/first", ManageShops, shops::first)
        .post("/shops/{id}/pause", ManageShops, shops::pause)
        .post("/shops/{id}/resume", ManageShops, shops::resume)
        .post("/shops/{id}/orders", ManageShops, shops::orders)
        .post("/shops/{id}/test", ManageShops, shops::test)
        .get("/shops/{id}/settings", ManageShops, shops::settings)
        .post("/shops/{id}/settings", ManageShops, shops::keep_settings)
        .post("/shops/{id}/credentials", ManageShops, shops::credentials)
        .post("/shops/{id}/consent", ManageShops, shops::ask_again)
        .post("/shops/{id}/disconnect", ManageShops, shops::disconnect)
        .get("/shops/{id}/stock", SeeStock, shops::stock)
        .post("/shops/{id}/push", ChangeStock, shops::push)
        .get("/tasks", Operate, shops::tasks)
        .post("/tasks", Operate, shops::steer)
}

/// A file of opening stock is larger than what other forms send.
fn opening_max() -> DefaultBodyLimit {
    DefaultBodyLimit::max(opening::BODY_BYTES_MAX)
}

/// A query string of the pairs that say something.
fn query_of(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut text = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        text.append_pair(name, value);
    }
    let text = text.finish();
    if text.is_empty() { path.to_owned() } else { format!("{path}?{text}") }
}
