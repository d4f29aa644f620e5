//! What of the business somebody sees, as forms ask for it and pages say it.

use dermaga_domain::id::{ShopId, WarehouseId};
use dermaga_store::access::Limits;
use dermaga_store::{Shop, Warehouse};
use dermaga_ui::{LimitsForm, Locale, Tick};

use crate::App;
use crate::person::Person;

/// The shops and warehouses of the business, by which limits are named.
pub(super) struct Named {
    shops: Vec<Shop>,
    warehouses: Vec<Warehouse>,
}

/// Reads them.
pub(super) async fn named(app: &App, person: &Person) -> dermaga_store::Result<Named> {
    let org = person.scope.org;
    let shops = app.store().shops(org, None).await?;
    let warehouses = app.store().warehouses(org).await?;
    Ok(Named { shops, warehouses })
}

impl Named {
    /// The form, filled with limits.
    pub(super) fn form(&self, app: &App, limits: &Limits) -> LimitsForm {
        let shop = |shop: &Shop| Tick {
            value: shop.id.to_string(),
            label: format!("{} · {}", shop.name, app.channel_link(&shop.channel).name),
            on: limits.shops.as_ref().is_some_and(|shops| shops.contains(&shop.id)),
        };
        let warehouse = |warehouse: &Warehouse| Tick {
            value: warehouse.id.to_string(),
            label: warehouse.name.clone(),
            on: limits.warehouses.as_ref().is_some_and(|some| some.contains(&warehouse.id)),
        };
        LimitsForm {
            all_shops: limits.shops.is_none(),
            shops: self.shops.iter().map(shop).collect(),
            all_warehouses: limits.warehouses.is_none(),
            warehouses: self.warehouses.iter().map(warehouse).collect(),
        }
    }

    /// The names; empty = everything.
    pub(super) fn told(&self, locale: &Locale, limits: &Limits) -> String {
        let nothing = || locale.word("limits-nothing");
        let join = |names: Vec<&str>| if names.is_empty() { nothing() } else { names.join(", ") };
        let shops = limits.shops.as_ref().map(|some| {
            let seen = self.shops.iter().filter(|shop| some.contains(&shop.id));
            join(seen.map(|shop| shop.name.as_str()).collect())
        });
        let warehouses = limits.warehouses.as_ref().map(|some| {
            let seen = self.warehouses.iter().filter(|warehouse| some.contains(&warehouse.id));
            join(seen.map(|warehouse| warehouse.name.as_str()).collect())
        });
        shops.into_iter().chain(warehouses).collect::<Vec<_>>().join("; ")
    }

    /// What a form asks for; ids that are none of the business's are left out.
    pub(super) fn read(&self, pairs: &[(String, String)]) -> Limits {
        let has = |wanted: &str| pairs.iter().any(|(name, _)| name == wanted);
        let values = |wanted: &'static str| {
            pairs.iter().filter(move |(name, _)| name == wanted).map(|(_, value)| value)
        };
        let shops = || {
            let asked = values("shop").filter_map(|id| id.parse::<ShopId>().ok());
            asked.filter(|id| self.shops.iter().any(|shop| shop.id == *id)).collect()
        };
        let warehouses = || {
            let asked = values("warehouse").filter_map(|id| id.parse::<WarehouseId>().ok());
            asked.filter(|id| self.warehouses.iter().any(|it| it.id == *id)).collect()
        };
        Limits {
            shops: (!has("all_shops")).then(shops),
            warehouses: (!has("all_warehouses")).then(warehouses),
        }
    }
}
