//! Opening stock, SKUs and bundles.

use super::{on_both, order};
use crate::stock::{NewSku, Opened, OpeningRow, parse_opening};
use crate::tests::Org;

fn refused(opened: &Opened) -> String {
    match opened {
        Opened::Refused(reason) => reason.to_string(),
        Opened::Taken { .. } => panic!("{opened:?} was taken"),
    }
}

#[tokio::test]
async fn opening_stock_makes_skus_and_is_taken_once() {
    on_both(async |org: Org| {
        let file = parse_opening(
            "sku,name,warehouse,quantity\nGAYO,Kopi Gayo,Bandung,12\nGAYO,Kopi Gayo,Jakarta,3\n\
             TEH,Teh,bandung,5\nTEH,Teh,Surabaya,5\nTEH,Teh,Bandung,6\n",
        );
        assert!(file.errors.is_empty());
        let opened = org.store.import_opening(org.org, file.rows.clone(), None).await.unwrap();
        assert!(matches!(opened[0], Opened::Taken { created: true, .. }), "{opened:?}");
        assert!(matches!(opened[2], Opened::Taken { created: true, .. }), "{opened:?}");
        assert!(refused(&opened[3]).contains("there are: Bandung, Jakarta"), "{opened:?}");
        assert!(refused(&opened[4]).contains("twice"), "{opened:?}");
        assert_eq!(org.sum("GAYO").await, (15, 0, 0, 0));
        assert_eq!(org.sum("TEH").await, (5, 0, 0, 0));

        let mut more = file.rows;
        more.push(OpeningRow {
            line: 7,
            sku: "TEH".to_owned(),
            name: String::new(),
            warehouse: "Jakarta".to_owned(),
            quantity: 2,
        });
        let again = org.store.import_opening(org.org, more, None).await.unwrap();
        assert!(refused(&again[0]).contains("opened before"), "{again:?}");
        assert!(matches!(again[5], Opened::Taken { created: false, .. }), "{again:?}");
        assert_eq!((org.sum("GAYO").await.0, org.sum("TEH").await.0), (15, 7));
        org.check().await;
    })
    .await;
}

#[tokio::test]
async fn a_bundle_takes_from_its_components_and_has_no_stock_of_its_own() {
    on_both(async |org: Org| {
        org.opening("GAYO", [4, 2]).await;
        org.opening("TEH", [10, 0]).await;
        let (gayo, teh) = (org.sku("GAYO").await, org.sku("TEH").await);
        let bundle = org.bundle("PAKET", vec![(gayo, 2), (teh, 1)]).await;
        let found = org.store.find_sku(org.org, "PAKET").await.unwrap().unwrap();
        let mut parts = vec![(gayo, 2), (teh, 1)];
        parts.sort_unstable();
        assert_eq!((found.id, found.components), (bundle, parts));

        org.apply(vec![order(&org, "1", "400", &[("PAKET", 2)], 1)]).await;
        assert_eq!(org.sum("GAYO").await, (6, 4, 0, 0));
        assert_eq!(org.sum("TEH").await, (10, 2, 0, 0));
        org.apply(vec![super::said(&org, "1", "500", 2)]).await;
        assert_eq!(org.sum("GAYO").await, (2, 0, 0, 0));

        let row = OpeningRow {
            line: 2,
            sku: "PAKET".to_owned(),
            name: String::new(),
            warehouse: "Bandung".to_owned(),
            quantity: 1,
        };
        let opened = org.store.import_opening(org.org, vec![row], None).await.unwrap();
        assert!(refused(&opened[0]).contains("no stock of its own"), "{opened:?}");
        org.check().await;
    })
    .await;
}

#[tokio::test]
async fn a_sku_that_cannot_be_is_refused() {
    on_both(async |org: Org| {
        org.opening("GAYO", [1, 0]).await;
        let gayo = org.sku("GAYO").await;
        let bundle = org.bundle("PAKET", vec![(gayo, 2)]).await;
        let make = async |code: &str, components| {
            let new = NewSku { code: code.to_owned(), name: String::new(), components };
            org.store.create_sku(org.org, new).await.map_err(|error| error.to_string())
        };
        assert!(make("GAYO", vec![]).await.unwrap_err().contains("GAYO already"));
        assert!(make(" ", vec![]).await.unwrap_err().contains("needs a code"));
        assert!(make("X", vec![(bundle, 1)]).await.unwrap_err().contains("PAKET is a bundle"));
        assert!(make("X", vec![(gayo, 0)]).await.unwrap_err().contains("at least one"));
        assert!(make("X", vec![(gayo, 1), (gayo, 2)]).await.unwrap_err().contains("twice"));
        let codes: Vec<String> = (org.store.list_skus(org.org, "", 10).await.unwrap())
            .into_iter()
            .map(|sku| sku.code)
            .collect();
        assert_eq!(codes, ["GAYO", "PAKET"]);
    })
    .await;
}
