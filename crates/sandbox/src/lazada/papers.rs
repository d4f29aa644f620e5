//! Shipping labels: a page with a frame around an address that holds for ten minutes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand::Rng;
use rand::distr::Alphanumeric;
use serde_json::{Value, json};

use super::Lazada;
use super::errors::Error;
use super::routes::{Ask, Reply};
use crate::clock::SECOND_US;
use crate::lock;
use crate::serve::{Answer, Request};

/// How long an address of a document holds.
const DOCUMENT_US: i64 = 10 * 60 * SECOND_US;

impl Lazada {
    /// The label of parcels that were packed.
    pub(super) fn documents(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let body = ask.json("getDocumentReq")?;
        let packages = body["packages"].as_array().cloned().unwrap_or_default();
        let named: Vec<&str> =
            packages.iter().filter_map(|row| row["package_id"].as_str()).collect();
        if named.is_empty() || named.len() > 20 {
            return Err(Error::new("700018", "the number of packages is 1 to 20"));
        }
        let mut lines = Vec::new();
        for package in &named {
            let order = self.order_of_parcel(ask.shop_id, package);
            let order = order.ok_or_else(|| Error::new("600001", "package not found"))?;
            lines.push(format!("{order} {package}"));
        }
        let pdf = match body["doc_type"].as_str() {
            Some("PDF") => true,
            Some("HTML") => false,
            _ => return Err(Error::new("700004", "illegal parameter doc_type")),
        };
        let mut dice = lock(&self.desk.dice);
        let name: String = (0..20).map(|_| char::from(dice.sample(Alphanumeric))).collect();
        drop(dice);
        let host = ask.request.header("host").unwrap_or_default();
        let url = format!("http://{host}/documents/{name}.pdf");
        let until_us = self.desk.clock.now_us() + DOCUMENT_US;
        lock(&self.floor).documents.insert(name, (lines.join("; "), until_us));
        let page = if pdf {
            format!("<iframe src=\"{url}\"></iframe>")
        } else {
            format!("<html><body><pre>{}</pre></body></html>", lines.join("\n"))
        };
        let url = if pdf { Value::from(url) } else { Value::from("") };
        Ok(Reply::result(json!({
            "file": STANDARD.encode(page), "pdf_url": url, "doc_type": if pdf { "PDF" } else { "HTML" },
        })))
    }

    /// Answers for the address of a document; None if the request is for something else.
    pub(super) fn document(&self, request: &Request) -> Option<Answer> {
        let ["documents", file] = *request.segments() else { return None };
        let now_us = self.desk.clock.now_us();
        let floor = lock(&self.floor);
        let found = file.strip_suffix(".pdf").and_then(|name| floor.documents.get(name));
        Some(match found.filter(|(_, until_us)| *until_us > now_us) {
            Some((text, _)) => Answer::new(200, "application/pdf", pdf(text)),
            None => Answer::html(403, "<p>The address has expired.</p>"),
        })
    }
}

/// A page of PDF with one line of text.
fn pdf(text: &str) -> String {
    let drawn = format!("BT /F1 14 Tf 20 100 Td ({text}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 420 200] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{drawn}\nendstream", drawn.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut file = "%PDF-1.4\n".to_owned();
    let mut places = Vec::with_capacity(objects.len());
    for (number, object) in (1..).zip(&objects) {
        places.push(file.len());
        file.push_str(&format!("{number} 0 obj\n{object}\nendobj\n"));
    }
    let table = file.len();
    let rows: String = places.iter().map(|at| format!("{at:010} 00000 n \n")).collect();
    let count = objects.len() + 1;
    file.push_str(&format!("xref\n0 {count}\n0000000000 65535 f \n{rows}"));
    file.push_str(&format!(
        "trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n"
    ));
    file
}
