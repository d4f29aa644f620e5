//! The shipping label.
//!
//! It is asked for as PDF: the answer's `file` is then only a page with a frame around an address that
//! holds for ten minutes, so that the address is read at once. Where there is none, `file` is the label.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use dermaga_channel::{Done, Error, Paper};
use http::{Method, header};
use serde::Deserialize;
use serde_json::json;

use super::client::{Client, harmless};
use super::commands::{named, not_needed, parcels};
use super::orders::Item;
use super::wire::{Text, read_object};

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    file: Text,
    #[serde(default)]
    pdf_url: Text,
}

/// Fetches one paper for all parcels of an order, or for the one that is named.
pub(super) async fn fetch(
    client: &Client<'_>,
    package: Option<&str>,
    units: &[Item],
) -> Result<Done, Error> {
    let parcels = parcels(units, &["packed", "ready_to_ship"], package)?;
    if parcels.is_empty() {
        return not_needed(units, &[]);
    }
    let request = json!({
        "doc_type": "PDF", "print_item_list": false, "packages": named(&parcels),
    });
    let said = [("getDocumentReq", &*request.to_string())];
    let answer = client.get("label", "/order/package/document/get", &said).await?;
    let document: Document = read_object("label", answer.get().as_bytes())?;
    let paper = match document.pdf_url.0.as_str() {
        "" => page(&document.file.0)?,
        url => client.paper_at(url).await?,
    };
    Ok(Done { answer: "label".to_owned(), paper: Some(paper), ..Done::default() })
}

/// The page in an answer.
fn page(file: &str) -> Result<Paper, Error> {
    let body = STANDARD.decode(file).ok().filter(|body| !body.is_empty());
    let body = body.ok_or_else(|| Error::Malformed("the label is not there".to_owned()))?;
    Ok(Paper { media_type: "text/html".to_owned(), body: Bytes::from(body) })
}

impl Client<'_> {
    /// Reads a paper at an address that the channel gave. It must lead to a public place, like one that
    /// was entered.
    async fn paper_at(&self, url: &str) -> Result<Paper, Error> {
        let request = self.call.http.request_entered("", Method::GET, url)?;
        let answer = self.call.http.send("label_file", request).await.map_err(harmless)?;
        if !answer.status.is_success() || answer.body.is_empty() {
            let said = format!("HTTP {}, the label is not there", answer.status.as_u16());
            return Err(Error::Temporary(said));
        }
        let kind = answer.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let media_type = kind.unwrap_or("application/pdf").to_owned();
        Ok(Paper { media_type, body: answer.body })
    }
}
