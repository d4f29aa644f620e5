//! Listings and how they find their SKU.

use dermaga_domain::id::ListingId;

use super::{on_both, order, said};
use crate::stock::{Listing, Mapper, SeenListing};
use crate::tests::Org;
use crate::work::JUDGE;

fn seen(product: &str, code: &str) -> SeenListing {
    SeenListing {
        channel_product_id: product.to_owned(),
        channel_sku: code.to_owned(),
        name: format!("Barang {product}"),
        active: true,
        channel_stock: Some(3),
    }
}

async fn listing(org: &Org, product: &str) -> Listing {
    let all = org.store.listings(org.org, org.shop, "", 100).await.unwrap();
    all.into_iter().find(|listing| listing.seen.channel_product_id == product).unwrap()
}

#[tokio::test]
async fn equal_codes_are_mapped_and_a_person_decides_for_good() {
    on_both(async |org: Org| {
        org.opening("GAYO", [5, 0]).await;
        org.opening("TEH", [5, 0]).await;
        let (gayo, teh) = (org.sku("GAYO").await, org.sku("TEH").await);
        let shown = vec![seen("1", "GAYO"), seen("2", "none"), seen("3", ""), seen("4", "TEH")];
        org.store.upsert_listings(org.org, org.shop, shown.clone()).await.unwrap();
        let one = listing(&org, "1").await;
        assert_eq!((one.sku, one.mapped_by), (Some(gayo), Some(Mapper::Code)));
        let open = org.store.unmapped_listings(org.org, ListingId(0), 10).await.unwrap();
        let open: Vec<&str> =
            open.iter().map(|listing| listing.seen.channel_product_id.as_str()).collect();
        assert_eq!(open, ["2", "3"]);

        org.store.map_listing(org.org, one.id, Some(teh), None).await.unwrap();
        let four = listing(&org, "4").await.id;
        org.store.map_listing(org.org, four, None, None).await.unwrap();
        org.store.upsert_listings(org.org, org.shop, shown).await.unwrap();
        let one = listing(&org, "1").await;
        assert_eq!((one.sku, one.mapped_by), (Some(teh), Some(Mapper::Person)));
        let four = listing(&org, "4").await;
        assert_eq!((four.sku, four.mapped_by), (None, Some(Mapper::Person)));
        let nothing = org.store.map_listing(org.org, ListingId(9), Some(teh), None).await;
        assert!(matches!(nothing, Err(crate::Error::NotFound("listing"))), "{nothing:?}");
    })
    .await;
}

#[tokio::test]
async fn a_line_mapped_late_settles_by_itself_unless_it_was_sent() {
    on_both(async |org: Org| {
        org.opening("GAYO", [9, 0]).await;
        org.apply(vec![
            order(&org, "waits", "400", &[("OLD", 2)], 1),
            order(&org, "sent", "500", &[("OLD", 2)], 1),
            order(&org, "other", "400", &[("ELSE", 2)], 1),
        ])
        .await;
        assert!(org.attentions("waits").await.contains("unmapped"));
        org.store.upsert_listings(org.org, org.shop, vec![seen("p-OLD", "OLD")]).await.unwrap();
        assert!(org.marked(JUDGE).await.is_empty(), "nothing is mapped yet");
        let gayo = org.sku("GAYO").await;
        let id = listing(&org, "p-OLD").await.id;
        org.store.map_listing(org.org, id, Some(gayo), None).await.unwrap();
        assert_eq!(org.marked(JUDGE).await.len(), 1);
        org.work().await;
        assert_eq!(org.sum("GAYO").await, (9, 2, 0, 0));
        assert!(!org.attentions("waits").await.contains("unmapped"));
        org.apply(vec![said(&org, "sent", "700", 9)]).await;
        assert_eq!(org.sum("GAYO").await, (9, 2, 0, 0), "what was sent takes nothing by itself");
        org.check().await;
    })
    .await;
}

#[tokio::test]
async fn a_new_sku_takes_the_listings_and_orders_of_its_code() {
    on_both(async |org: Org| {
        org.store.upsert_listings(org.org, org.shop, vec![seen("p-KOPI", "KOPI")]).await.unwrap();
        org.apply(vec![
            order(&org, "1", "400", &[("KOPI", 2)], 1),
            order(&org, "2", "400", &[("SUSU", 1)], 1),
        ])
        .await;
        org.opening("KOPI", [1, 0]).await;
        org.work().await;
        assert_eq!(org.sum("KOPI").await, (1, 1, 0, 1));
        assert_eq!(listing(&org, "p-KOPI").await.sku, Some(org.sku("KOPI").await));
        org.bundle("SUSU", vec![(org.sku("KOPI").await, 3)]).await;
        org.work().await;
        assert_eq!(org.sum("KOPI").await, (1, 1, 0, 4));
        assert!(!org.attentions("2").await.contains("unmapped"));
        org.check().await;
    })
    .await;
}
