//! What an order costs.

use dermaga_channel::Error;
use dermaga_domain::money::{Currency, Minor};
use dermaga_domain::order::Money;
use serde::Deserialize;

use super::wire::{Amount, Text};

/// What the buyer pays, and for what.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Payment {
    currency: Text,
    /// The goods before any discount.
    original_total_product_price: Amount,
    original_shipping_fee: Amount,
    seller_discount: Amount,
    platform_discount: Amount,
    payment_platform_discount: Amount,
    shipping_fee_seller_discount: Amount,
    shipping_fee_platform_discount: Amount,
    shipping_fee_cofunded_discount: Amount,
    total_amount: Option<Amount>,
}

pub(super) fn too_large() -> Error {
    Error::Malformed("an amount is too large".to_owned())
}

impl Payment {
    /// The currency of every amount of the order.
    pub(super) fn currency(&self) -> Result<Currency, Error> {
        let wrong = |_| Error::Malformed("currency is not what it should be".to_owned());
        self.currency.0.parse().map_err(wrong)
    }

    /// The amounts; none when the order does not say what is paid. The channel has a dozen fees and
    /// taxes, by market; what is paid beyond goods and shipping less discounts is taken as fees, and what
    /// is paid less as a discount, so that the parts always make the whole.
    pub(super) fn money(&self, currency: Currency) -> Result<Option<Money>, Error> {
        let minor = |amount: Amount| amount.minor(currency).ok_or_else(too_large);
        let Some(total) = self.total_amount else { return Ok(None) };
        let (total, goods) = (minor(total)?, minor(self.original_total_product_price)?);
        let shipping = minor(self.original_shipping_fee)?;
        let discounts = [
            self.seller_discount,
            self.platform_discount,
            self.payment_platform_discount,
            self.shipping_fee_seller_discount,
            self.shipping_fee_platform_discount,
            self.shipping_fee_cofunded_discount,
        ];
        let discounts: Vec<Minor> =
            discounts.into_iter().map(minor).collect::<Result<_, Error>>()?;
        let discount = discounts.iter().try_fold(0, |sum: Minor, one| sum.checked_add(*one));
        let discount = discount.ok_or_else(too_large)?;
        let whole = goods.checked_add(shipping).and_then(|sum| sum.checked_sub(discount));
        let rest = whole.and_then(|whole| total.checked_sub(whole)).ok_or_else(too_large)?;
        let (fees, less) = (rest.max(0), rest.min(0));
        let discount = discount.checked_sub(less).ok_or_else(too_large)?;
        Ok(Some(Money { currency, goods, shipping, fees, discount, total }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::wire::read;
    use super::*;

    fn money(json: &str) -> Money {
        let payment: Payment = read("payment", json.as_bytes()).unwrap();
        payment.money(payment.currency().unwrap()).unwrap().unwrap()
    }

    #[test]
    fn the_parts_always_make_the_whole() {
        let told = money(
            r#"{"currency":"IDR","original_total_product_price":"155000","platform_discount":"5000",
                "original_shipping_fee":"10000","shipping_fee_platform_discount":"4000",
                "buyer_service_fee":"1000","total_amount":"157000"}"#,
        );
        assert_eq!((told.goods, told.shipping, told.fees), (155_000, 10_000, 1_000));
        assert_eq!((told.discount, told.total), (9_000, 157_000));
        let less = money(
            r#"{"currency":"IDR","original_total_product_price":"155000","total_amount":"150000"}"#,
        );
        assert_eq!((less.fees, less.discount, less.total), (0, 5_000, 150_000));
        let cents = money(
            r#"{"currency":"MYR","original_total_product_price":"10.50","total_amount":"10.50"}"#,
        );
        assert_eq!((cents.goods, cents.total), (1_050, 1_050));
        let nothing: Payment = read("payment", br#"{"currency":"IDR"}"#).unwrap();
        assert_eq!(nothing.money(Currency::IDR).unwrap(), None);
        let none: Payment = read("payment", b"{}").unwrap();
        assert!(none.currency().is_err());
    }
}
