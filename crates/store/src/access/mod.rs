//! People and programs that may come in: accounts and what they are in an org, sessions, keys of the
//! API, second steps, and the links with which people set their password.

mod account;
mod factor;
mod invitation;
mod key;
mod member;
mod names;
mod session;
mod token;

pub use account::{Account, FirstOwner};
pub use factor::Factor;
pub use invitation::Invitation;
pub use key::{ACT, ApiKey, NewKey, READ};
pub use member::{Member, NewMember};
pub use names::GiverNames;
pub use session::{Came, Session, SessionEntry};
pub use token::BearerToken;

use dermaga_domain::id::{OrgId, ShopId, WarehouseId};

use crate::db::{self, Conn, Rows, Statement, statements};
use crate::read::Scope;

static SHOPS_FROM: Statement = Statement::org(
    "access.shops_from",
    "WITH v AS MATERIALIZED ({rows $2: warehouse_id bigint})
     SELECT DISTINCT s.shop_id FROM v {join} shop_source s ON s.org_id = $1
        AND s.warehouse_id = v.warehouse_id",
);

statements![SHOPS_FROM];

/// What of an org somebody sees; none = everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// Only these shops.
    pub shops: Option<Vec<ShopId>>,
    /// Only these warehouses, and of the shops those that take stock from one of them.
    pub warehouses: Option<Vec<WarehouseId>>,
}

impl Limits {
    /// Whether there are none.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.shops.is_none() && self.warehouses.is_none()
    }

    /// From how they are kept. What cannot be read is left out, so that less is seen and never more.
    fn read(shops: Option<&str>, warehouses: Option<&str>) -> Self {
        fn ids(text: &str) -> impl Iterator<Item = i64> {
            text.split(' ').filter_map(|id| id.parse().ok())
        }
        Self {
            shops: shops.map(|text| ids(text).map(ShopId).collect()),
            warehouses: warehouses.map(|text| ids(text).map(WarehouseId).collect()),
        }
    }

    /// As they are kept: ids separated by spaces; null = everything.
    fn texts(&self) -> (Option<String>, Option<String>) {
        fn text(ids: impl Iterator<Item = i64>) -> String {
            ids.map(|id| id.to_string()).collect::<Vec<_>>().join(" ")
        }
        (
            self.shops.as_ref().map(|shops| text(shops.iter().map(|shop| shop.0))),
            self.warehouses.as_ref().map(|some| text(some.iter().map(|warehouse| warehouse.0))),
        )
    }

    /// For who did what: the ids as they are shown.
    pub(crate) fn told(&self) -> String {
        let join =
            |ids: Vec<String>| if ids.is_empty() { "none".to_owned() } else { ids.join(" ") };
        let shops =
            self.shops.as_ref().map(|it| join(it.iter().map(ToString::to_string).collect()));
        let some = self.warehouses.as_ref();
        let some = some.map(|it| join(it.iter().map(ToString::to_string).collect()));
        let all = || "all".to_owned();
        let (shops, some) = (shops.unwrap_or_else(all), some.unwrap_or_else(all));
        format!("shops {shops}; warehouses {some}")
    }
}

/// What the limits let see, as lists and pages want it.
async fn scope(conn: &mut Conn, org: OrgId, limits: Limits) -> db::Result<Scope> {
    #[derive(sqlx::FromRow)]
    struct ShopRow {
        shop_id: i64,
    }
    let Limits { mut shops, warehouses } = limits;
    if let Some(warehouses) = &warehouses {
        let mut rows = Rows::default();
        for warehouse in warehouses {
            rows.push(&[&warehouse.0]);
        }
        let from: Vec<ShopRow> = conn.all(&SHOPS_FROM, &[org.0.into(), rows.into()]).await?;
        let mut from: Vec<ShopId> = from.into_iter().map(|row| ShopId(row.shop_id)).collect();
        from.retain(|shop| shops.as_ref().is_none_or(|shops| shops.contains(shop)));
        shops = Some(from);
    }
    Ok(Scope { org, shops, warehouses })
}

/// Every statement on accounts.
#[cfg(test)]
pub(crate) fn statements() -> Vec<&'static Statement> {
    [
        STATEMENTS,
        account::STATEMENTS,
        factor::STATEMENTS,
        invitation::STATEMENTS,
        key::STATEMENTS,
        member::STATEMENTS,
        session::STATEMENTS,
    ]
    .concat()
}
