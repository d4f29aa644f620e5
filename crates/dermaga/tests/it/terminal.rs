//! A terminal at a desk of the real application.

use dermaga::commands::asked::{Asked, Brought, Desk, Given};
use dermaga::commands::trouble;
use dermaga_testkit::{App, Backend, Setup};
use serde_json::json;

/// An application and what its person types.
pub(crate) struct Terminal {
    pub(crate) app: App,
    pub(crate) given: Given,
}

/// What a command printed, and its error line.
pub(crate) type Said = (String, Option<String>);

/// The opening stock of the coffee shop, the bundle's components among it.
pub(crate) const OPENING: &str = "sku,name,warehouse,quantity
GAYO-250,Kopi Gayo 250g,Toko Kopi Contoh,400
TORAJA-250,Kopi Toraja Sapan 250g,Toko Kopi Contoh,300
V60-SARING,Kertas Saring V60,Toko Kopi Contoh,200
";

impl Terminal {
    pub(crate) async fn start() -> Self {
        // Nothing is heard but what a command asks for.
        let setup = Setup { webhooks: false, ..Setup::of("tokopedia") };
        let app = App::start_as(Backend::Sqlite, setup).await.unwrap();
        Self { app, given: Given::default() }
    }

    /// With opening stock.
    pub(crate) async fn stocked() -> Self {
        let mut terminal = Self::start().await;
        terminal.file("opening.csv", OPENING);
        let said = terminal.ok(&["stock", "opening", "opening.csv"]).await;
        assert_eq!(said, "3 rows were taken, 3 SKUs were made for them.\n");
        terminal
    }

    pub(crate) fn file(&mut self, name: &str, text: &str) {
        self.given.files.insert(name.to_owned(), text.to_owned());
    }

    pub(crate) async fn type_in(&self, args: &[&str]) -> Said {
        let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        let asked = Asked::parse(&args).unwrap_or_else(|error| panic!("{error}"));
        let mut text = String::new();
        match asked.alone() {
            Ok(Some(text)) => return (text, None),
            Ok(None) => {}
            Err(error) => return (text, Some(trouble::line(&error))),
        }
        let brought = Brought::default();
        let (engine, given) = (&self.app.engine, &self.given);
        let desk = Desk { engine, given, brought: &brought, runs: false };
        let done = asked.run(desk, &mut text).await;
        for (name, digits) in brought.take() {
            let path = self.app.folder.path().join(name);
            std::fs::write(path, hex::decode(digits).unwrap()).unwrap();
        }
        (text, done.err().map(|error| trouble::line(&error)))
    }

    /// The text of a command that goes well.
    pub(crate) async fn ok(&self, args: &[&str]) -> String {
        match self.type_in(args).await {
            (text, None) => text,
            (text, Some(error)) => panic!("{args:?} failed: {error}\n{text}"),
        }
    }

    /// The error line of a command that does not.
    pub(crate) async fn refused(&self, args: &[&str]) -> String {
        match self.type_in(args).await {
            (_, Some(error)) => error,
            (text, None) => panic!("{args:?} went well:\n{text}"),
        }
    }

    /// A paid order of the coffee shop, pulled.
    pub(crate) async fn order(&self, quantity: i64) -> String {
        let body = json!({"lines": [{"sku": "GAYO-250", "quantity": quantity}], "paid": true});
        let placed = self.app.control("POST", "/control/tokopedia/orders", &body).unwrap();
        let number = placed["order_id"].as_str().unwrap().to_owned();
        self.pull().await;
        number
    }

    /// Something that buyer, seller or courier does with an order, pulled.
    pub(crate) async fn act(&self, order: &str, act: &str) {
        let target = format!("/control/tokopedia/orders/{order}/{act}");
        self.app.control("POST", &target, &json!({})).unwrap();
        self.pull().await;
    }

    pub(crate) async fn pull(&self) {
        self.app.advance(900);
        self.app.engine.settle().await.unwrap();
    }
}

/// The lines of a table as cells: two spaces and more lie between them.
pub(crate) fn cells(line: &str) -> Vec<&str> {
    line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()
}
