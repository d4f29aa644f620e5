//! TEMPORARY
use dermaga_domain::id::*;
use crate::{Store, Result};
/// x
pub struct NewListing { /// x
 pub channel_product_id: String, /// x
 pub channel_sku: String, /// x
 pub name: String, /// x
 pub active: bool, /// x
 pub channel_stock: Option<i64> }
impl Store {
 /// x
 pub async fn upsert_listings(&self, _o: OrgId, _s: ShopId, _l: Vec<NewListing>) -> Result<()> { Ok(()) }
 /// x
 pub async fn orders_by_id(&self, _o: OrgId, _i: Vec<OrderId>) -> Result<Vec<(OrderId, ShopId, String)>> { Ok(vec![]) }
 /// x
 pub async fn fill_candidates(&self, _o: OrgId, _s: SkuId, _l: i64) -> Result<Vec<(ShopId, String)>> { Ok(vec![]) }
}
