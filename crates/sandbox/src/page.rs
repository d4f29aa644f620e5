//! The page at the control port: buyer, courier and seller centre in plain forms, without scripts.

use std::fmt::Write as _;
use std::sync::Arc;

use http::Method;

use crate::books::{Books, Order, Shop};
use crate::channel::{Channel, Wish, WishBuyer, WishLine};
use crate::control::Control;
use crate::faults::{EVERY_SHOP, Fault, Profile};
use crate::lock;
use crate::serve::{Answer, Request, pairs};
use crate::stream::Pace;

/// Orders shown per shop, newest first.
const ORDERS_SHOWN: usize = 50;

/// The chances a fault can be switched to on the page.
const CHANCES: [(&str, f64); 5] =
    [("off", 0.0), ("5 %", 0.05), ("20 %", 0.2), ("50 %", 0.5), ("always", 1.0)];

/// Fields of a sent form.
type Form = Vec<(String, String)>;

/// Answers everything on the control port that is not the control API.
pub(crate) fn answer(control: &Control, request: &Request) -> Answer {
    let segments = request.segments();
    match (request.method == Method::POST, segments.as_slice()) {
        (false, []) => Answer::html(200, render(control, "")),
        (true, words @ (["clock"] | [_, ..])) => {
            let form = pairs(&request.body);
            match act(control, words, &form) {
                Ok(()) => Answer::html(303, "").with_header("location", "/"),
                Err(message) => Answer::html(400, render(control, &message)),
            }
        }
        _ => Answer::html(404, "<p>Not found. <a href=\"/\">Sandbox</a></p>"),
    }
}

fn field<'a>(form: &'a Form, name: &str) -> &'a str {
    form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
}

fn act(control: &Control, words: &[&str], form: &Form) -> Result<(), String> {
    if let ["clock"] = words {
        let seconds = field(form, "seconds").parse().map_err(|_| "seconds: a whole number")?;
        control.clock.advance(seconds);
        return Ok(());
    }
    let named = |name: &str| control.channels().find(|channel| channel.desk().name == name);
    let [name, rest @ ..] = words else { return Err("no such form".to_owned()) };
    let channel = named(name).ok_or("no such channel")?;
    match *rest {
        ["orders"] => place(&**channel, form),
        ["orders", id, word] => press(&**channel, id, word),
        ["faults"] => switch(&**channel, form),
        ["stream"] => {
            let number = |name| field(form, name).parse().unwrap_or(0);
            let pace = Pace {
                orders_per_minute: number("orders_per_minute"),
                lifecycle_seconds: number("lifecycle_seconds"),
                stop: field(form, "stop") == "yes",
            };
            control.stream(channel, pace);
            Ok(())
        }
        _ => Err("no such form".to_owned()),
    }
}

fn place(channel: &dyn Channel, form: &Form) -> Result<(), String> {
    let quantity = field(form, "quantity").parse().map_err(|_| "quantity: a whole number")?;
    let (shop, sku) = field(form, "product").split_once('/').ok_or("choose a product")?;
    let wish = Wish {
        shop_id: Some(shop.parse().map_err(|_| "choose a product")?),
        lines: vec![WishLine {
            sku: sku.to_owned(),
            quantity,
            note: field(form, "note").to_owned(),
        }],
        paid: field(form, "paid") == "yes",
        count: 1,
        seconds_ago: 0,
        check_stock: false,
        fulfilled_by_channel: false,
        buyer: WishBuyer::default(),
    };
    channel.place(&wish).map(|_| ()).map_err(|refusal| refusal.to_string())
}

fn press(channel: &dyn Channel, id: &str, word: &str) -> Result<(), String> {
    let order = lock(&channel.desk().books).find_order(id).cloned();
    let order = order.ok_or_else(|| format!("there is no order {id}"))?;
    let offered = channel.acts(&order).into_iter().find(|(name, _)| *name == word);
    let (_, act) = offered.ok_or_else(|| format!("order {id} can not {word} now"))?;
    channel.act(id, act).map_err(|refusal| refusal.to_string())
}

fn switch(channel: &dyn Channel, form: &Form) -> Result<(), String> {
    let shop_id = field(form, "shop_id").parse().unwrap_or(EVERY_SHOP);
    let mut profile = Profile { timeout_ms: 2_000, ..Profile::default() };
    for fault in Fault::ALL {
        let chance = CHANCES.iter().find(|(name, _)| *name == field(form, fault.name()));
        if let Some((_, chance)) = chance.filter(|(name, _)| *name != "off") {
            profile.probability.insert(fault, *chance);
        }
    }
    let skew = field(form, "clock_skew_seconds");
    if !skew.is_empty() {
        profile.clock_skew_seconds = skew.parse().map_err(|_| "clock skew: a whole number")?;
    }
    channel.desk().faults.set(shop_id, profile);
    Ok(())
}

/// Text made safe between tags and in quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

const STYLE: &str = "body{font:15px/1.4 system-ui,sans-serif;max-width:75rem;margin:1rem auto;\
    padding:0 1rem;color:#222}table{border-collapse:collapse;width:100%}td,th{padding:.3rem .5rem;\
    border-bottom:1px solid #ddd;text-align:left;vertical-align:top}form{display:inline}\
    button{cursor:pointer}.error{background:#fdd;padding:.5rem}fieldset{margin:.8rem 0}\
    label{margin-right:1rem;white-space:nowrap}";

fn render(control: &Control, error: &str) -> String {
    let mut page = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Sandbox</title>\
         <style>{STYLE}</style></head><body><h1>Sandbox</h1>"
    );
    if !error.is_empty() {
        push(&mut page, format_args!("<p class=\"error\" role=\"alert\">{}</p>", escape(error)));
    }
    clock(&mut page, control);
    for channel in control.channels() {
        render_channel(&mut page, control, channel);
    }
    page.push_str("</body></html>");
    page
}

/// Adds to a page; writing to a String can not fail.
fn push(page: &mut String, text: std::fmt::Arguments<'_>) {
    if page.write_fmt(text).is_err() {
        tracing::error!("a page could not be written");
    }
}

fn moment(at_us: i64) -> String {
    let moment = jiff::Timestamp::from_microsecond(at_us).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    moment.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn clock(page: &mut String, control: &Control) {
    push(
        page,
        format_args!(
            "<fieldset><legend>Clock</legend><p>{} UTC, {} times as fast as real time</p>",
            moment(control.clock.now_us()),
            control.clock.speed()
        ),
    );
    for (label, seconds) in [("1 minute", 60), ("1 hour", 3_600), ("1 day", 86_400)] {
        push(
            page,
            format_args!(
                "<form method=\"post\" action=\"/clock\">\
                 <button name=\"seconds\" value=\"{seconds}\">Advance {label}</button></form> "
            ),
        );
    }
    page.push_str("</fieldset>");
}

fn render_channel(page: &mut String, control: &Control, channel: &Arc<dyn Channel>) {
    let desk = channel.desk();
    let name = desk.name;
    push(page, format_args!("<h2>{name}</h2><p>Base URL: <code>{}</code></p>", control.url(name)));
    {
        let books = lock(&desk.books);
        buyer(page, name, &books);
        for shop in books.shops.values().filter(|shop| shop.linked) {
            seller(page, &**channel, &books, shop);
        }
        faults(page, &**channel, &books);
    }
    push(
        page,
        format_args!(
            "<fieldset><legend>Stream</legend><form method=\"post\" action=\"/{name}/stream\">\
             <label>Orders a minute <input name=\"orders_per_minute\" value=\"30\" size=\"5\"></label>\
             <label>Life in seconds <input name=\"lifecycle_seconds\" value=\"60\" size=\"5\"></label>\
             <button>Start</button> <button name=\"stop\" value=\"yes\">Stop</button></form></fieldset>"
        ),
    );
}

fn buyer(page: &mut String, name: &str, books: &Books) {
    push(
        page,
        format_args!(
            "<fieldset><legend>Buyer: place an order</legend>\
             <form method=\"post\" action=\"/{name}/orders\"><label>Product <select name=\"product\">"
        ),
    );
    let linked = |id: &i64| books.shops.get(id).is_some_and(|shop| shop.linked);
    for product in books.products.values().filter(|product| linked(&product.shop_id)) {
        push(
            page,
            format_args!(
                "<option value=\"{}/{}\">{} · {} ({} left)</option>",
                product.shop_id,
                escape(&product.sku),
                product.shop_id,
                escape(&product.name),
                product.stock
            ),
        );
    }
    page.push_str(
        "</select></label><label>Quantity <input name=\"quantity\" value=\"1\" size=\"3\"></label>\
         <label>Note <input name=\"note\"></label><label><input type=\"checkbox\" name=\"paid\" \
         value=\"yes\" checked> paid</label><button>Place</button></form></fieldset>",
    );
}

fn seller(page: &mut String, channel: &dyn Channel, books: &Books, shop: &Shop) {
    push(
        page,
        format_args!(
            "<h3>{} ({})</h3><table><thead><tr><th>Order</th><th>Status</th><th>Lines</th>\
             <th>AWB</th><th>Acts</th></tr></thead><tbody>",
            escape(shop.name),
            shop.id
        ),
    );
    for order in books.created_in(shop.id, i64::MIN, i64::MAX).take(ORDERS_SHOWN) {
        row(page, channel, order);
    }
    page.push_str("</tbody></table>");
}

fn row(page: &mut String, channel: &dyn Channel, order: &Order) {
    push(
        page,
        format_args!(
            "<tr><td>{}<br><small>{}<br>{}</small></td><td>{}{}</td><td>",
            escape(&order.id),
            escape(&order.invoice),
            moment(order.created_us),
            escape(order.status()),
            if order.cancel_request.as_ref().is_some_and(|request| request.open) {
                "<br><small>asked to cancel</small>"
            } else {
                ""
            }
        ),
    );
    for line in &order.lines {
        push(page, format_args!("{} × {}<br>", line.quantity_deliver(), escape(&line.sku)));
    }
    push(page, format_args!("</td><td>{}</td><td>", escape(&order.awb)));
    for (word, _) in channel.acts(order) {
        push(
            page,
            format_args!(
                "<form method=\"post\" action=\"/{}/orders/{}/{word}\"><button>{word}</button></form> ",
                channel.desk().name,
                escape(&order.id)
            ),
        );
    }
    page.push_str("</td></tr>");
}

fn faults(page: &mut String, channel: &dyn Channel, books: &Books) {
    let desk = channel.desk();
    let (profile, fired) = (desk.faults.profile(EVERY_SHOP), desk.faults.fired());
    push(
        page,
        format_args!(
            "<fieldset><legend>Faults</legend><form method=\"post\" action=\"/{}/faults\"><p>\
             <label>Shop <select name=\"shop_id\"><option value=\"0\">every shop</option>",
            desk.name
        ),
    );
    for shop in books.shops.values().filter(|shop| shop.linked) {
        push(page, format_args!("<option value=\"{}\">{}</option>", shop.id, escape(shop.name)));
    }
    page.push_str("</select></label></p><p>");
    for fault in Fault::ALL.into_iter().filter(|fault| *fault != Fault::ClockSkew) {
        let set = profile.probability.get(&fault).copied().unwrap_or(0.0);
        let times = fired.get(fault.name()).copied().unwrap_or(0);
        push(page, format_args!("<label>{0} <select name=\"{0}\">", fault.name()));
        for (name, chance) in CHANCES {
            let chosen = if chance.total_cmp(&set).is_eq() { " selected" } else { "" };
            push(page, format_args!("<option{chosen}>{name}</option>"));
        }
        push(page, format_args!("</select> <small>fired {times}</small></label> "));
    }
    push(
        page,
        format_args!(
            "<label>clock_skew_seconds <input name=\"clock_skew_seconds\" value=\"{}\" size=\"5\">\
             </label></p><button>Set</button></form></fieldset>",
            profile.clock_skew_seconds
        ),
    );
}
