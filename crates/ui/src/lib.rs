//! Pages and words of the hub: templates, typed contexts, two languages, stylesheet and script.
//!
//! This crate knows no web server, no database and no other crate of ours. A page is a plain
//! struct; the web crate fills it and calls [`Page::render`]. Every page can make a [`samples`] of
//! itself, which tests and the preview render.

mod assets;
mod frame;
mod keys;
mod locale;
mod pages;
mod parts;
mod samples;
mod sentence;
mod words;

pub use assets::{Asset, assets};
pub use frame::{ChannelLink, Frame, Place, ShopLink};
pub use keys::{
    About, Act, Actor, Attention, Axis, Command, CommandState, Delivery, Direction, Document,
    DownloadOutcome, DownloadState, Ensure, FlowView, Holding, Incident, KeyScope, Keyed, Light,
    Mode, MoneyPart, MovementKind, Outcome, Payment, Preset, PushOutcome, Restock, Role, Source,
    StockAct, Tab, Task, UserState, Verb, View, Vital,
};
pub use locale::{Amount, Countdown, Locale, Micros, Money, Whole, ZONES};
pub use pages::*;
pub use samples::{Sample, samples};
pub use sentence::{Sentence, Value};
pub use words::{Arg, Args, Language, Words};

/// A page that can be shown.
pub trait Page {
    /// The whole document as HTML.
    ///
    /// # Errors
    /// Only when writing into memory fails.
    fn render(&self) -> Result<String, askama::Error>;
}

impl<T: askama::Template> Page for T {
    fn render(&self) -> Result<String, askama::Error> {
        askama::Template::render(self)
    }
}
