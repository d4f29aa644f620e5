//! A channel that exists only here: it signs with HMAC and names the shop in the body.

use async_trait::async_trait;
use dermaga_channel::sign::is_hmac_sha256_hex;
use dermaga_channel::{
    Call, Capabilities, Changes, Channel, Command, CredentialField, Credentials, Done, Error,
    Fetched, Interpretation, Listing, ListingPage, Message, Paper, Rate, Scope, ShopNamed,
    SubPlatformName, Token, Webhook, Wording,
};
use dermaga_domain::command::{Field, FieldKind, Offer, Reason, Shown};
use dermaga_domain::term::{ChannelKind, CommandKind, Retry};
use dermaga_domain::time::Span;

pub(crate) const FLOW: &str = include_str!("toy.toml");
pub(crate) const SECRET: &str = "rahasia-toy";

const TEXT: Field = Field { name: "reason_text", kind: FieldKind::Text(20), required: true };
const GONE: Field = Field { name: "empty_lines", kind: FieldKind::Lines, required: true };
const ACCEPT: Offer = Offer {
    kind: CommandKind::Accept,
    retry: Retry::Guarded,
    from: &["paid"],
    shown: Shown::Statuses(&["accepted", "shipped"]),
    wait: Span(0),
    cancel_requested: false,
    reasons: &[],
    fields: &[],
};
const OFFERS: &[Offer] = &[
    ACCEPT,
    Offer {
        kind: CommandKind::Cancel,
        from: &["accepted"],
        shown: Shown::Statuses(&["cancelled"]),
        reasons: &[
            Reason { code: "1", english: "Gone", indonesian: "Habis", from: &[], fields: &[GONE] },
            Reason {
                code: "5",
                english: "Other",
                indonesian: "Lainnya",
                from: &[],
                fields: &[TEXT],
            },
        ],
        ..ACCEPT
    },
    Offer {
        kind: CommandKind::Label,
        retry: Retry::Repeatable,
        from: &["accepted"],
        shown: Shown::Nowhere,
        ..ACCEPT
    },
];

const fn said(words: &'static str) -> Wording {
    Wording { english: words, indonesian: words }
}

const BEFORE: &[Wording] = &[said("Ask the toymaker first.")];
const CREDENTIALS: &[CredentialField] = &[CredentialField {
    name: "secret",
    label: said("Secret"),
    help: said("Under the lid."),
    lines: false,
    secret: true,
    required: true,
}];

/// Its own name, and another one.
const SUB_PLATFORMS: &[SubPlatformName] = &[
    SubPlatformName { key: "toy_own", name: "toy" },
    SubPlatformName { key: "second", name: "Second Name" },
];

pub(crate) struct Toy(pub(crate) Capabilities);

pub(crate) fn toy() -> Toy {
    Toy(Capabilities {
        before: BEFORE,
        credentials: CREDENTIALS,
        shop_id: said("On the box."),
        sub_platforms: SUB_PLATFORMS,
        order_window_max: None,
        order_history_max: None,
        listed_late: None,
        orders_page_max: 10,
        details_batch_max: 10,
        returns: false,
        decrements_on_order: false,
        webhook_scope: Scope::Connection,
        webhook_watch: false,
        webhook_removal: false,
        rate_scope: Scope::Connection,
        rate: Rate { per_second: 10, burst: 10 },
        endpoint_rates: &[],
        token_scope: Scope::Connection,
        token_margin: Span::minutes(1),
        invoice_number: false,
        stock_batch_max: Some(10),
        offers: OFFERS,
    })
}

#[async_trait]
impl Channel for Toy {
    fn kind(&self) -> ChannelKind {
        ChannelKind::new("toy")
    }
    fn capabilities(&self) -> &Capabilities {
        &self.0
    }
    fn flow_file(&self) -> &'static str {
        FLOW
    }
    async fn authorise(&self, call: &Call<'_>) -> Result<Token, Error> {
        if call.credentials.get("secret") == "salah" {
            let message = "not this one".to_owned();
            return Err(Error::AuthRefused { code: "T-3".to_owned(), message });
        }
        let expires_at = call.now.plus(Span::hours(1));
        Ok(Token {
            access: "token".to_owned().into(),
            refresh: None,
            expires_at,
            renewable_until: None,
        })
    }
    fn verify(&self, webhook: &Webhook<'_>, credentials: &Credentials) -> bool {
        let signed = webhook.headers.get("x-toy").and_then(|value| value.to_str().ok());
        let secret = credentials.get("secret").as_bytes();
        signed.is_some_and(|given| is_hmac_sha256_hex(secret, webhook.body, given))
    }
    fn shop_named(&self, webhook: &Webhook<'_>) -> ShopNamed {
        let read: Result<serde_json::Value, _> = serde_json::from_slice(webhook.body);
        match read.as_ref().map(|body| body.get("shop").and_then(|shop| shop.as_str())) {
            Ok(Some(shop)) => ShopNamed::Shop(shop.to_owned()),
            Ok(None) => ShopNamed::Nobody,
            Err(_) => ShopNamed::Malformed,
        }
    }
    fn interpret(&self, _: &Message<'_>, _: &Credentials) -> Result<Interpretation, Error> {
        Err(Error::NotFound)
    }
    async fn list_changes(&self, call: &Call<'_>, _: &Changes) -> Result<Fetched, Error> {
        if call.channel_shop_id == Some("salah") {
            let message = "no such toy".to_owned();
            return Err(Error::Rejected { code: "T-2".to_owned(), message });
        }
        Ok(Fetched::default())
    }
    async fn fetch_orders(&self, _: &Call<'_>, _: &[String]) -> Result<Fetched, Error> {
        Err(Error::NotFound)
    }
    async fn list_listings(&self, _: &Call<'_>, _: Option<&str>) -> Result<ListingPage, Error> {
        let listing = Listing {
            channel_product_id: "p-1".to_owned(),
            channel_sku: "GAYO".to_owned(),
            name: "Kopi <Gayo>".to_owned(),
            stock: Some(3),
            active: true,
        };
        Ok(ListingPage { listings: vec![listing], next: None })
    }
    async fn execute(&self, _: &Call<'_>, command: &Command) -> Result<Done, Error> {
        let Command::Order(order) = command else { return Err(Error::NotFound) };
        if order.kind != CommandKind::Label {
            return Err(Error::Rejected {
                code: "T-1".to_owned(),
                message: "not today".to_owned(),
            });
        }
        let body = bytes::Bytes::from_static(b"<b>label</b>");
        let paper = Some(Paper { media_type: "text/html".to_owned(), body });
        Ok(Done { answer: "label".to_owned(), paper, ..Done::default() })
    }
}
