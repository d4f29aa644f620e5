//! Who bought, as far as the channel shows it: parts may be masked with stars, blank or missing.

use dermaga_domain::order::Buyer;
use serde::Deserialize;

use super::wire::Text;

/// What stands in the place of what is not shown.
const MASK: char = '*';

/// The address that an order goes to. What the numbered parts mean differs by country: in Indonesia 3 is
/// the province, 4 the city and 5 the district.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Address {
    first_name: Text,
    last_name: Text,
    phone: Text,
    phone2: Text,
    address1: Text,
    address2: Text,
    address3: Text,
    address4: Text,
    address5: Text,
    city: Text,
    post_code: Text,
    /// Spelt so by the channel.
    #[serde(rename = "addressDsitrict", alias = "addressDistrict")]
    district: Text,
}

/// The buyer, and whether nothing of it is masked or blank.
pub(super) fn buyer(address: Address, note: &str) -> (Buyer, bool) {
    let joined = |parts: [&Text; 2], between: &str| {
        let said = parts.iter().map(|part| part.0.as_str()).filter(|part| !part.is_empty());
        said.collect::<Vec<_>>().join(between)
    };
    let or = |one: Text, two: Text| if one.0.is_empty() { two.0 } else { one.0 };
    let buyer = Buyer {
        name: joined([&address.first_name, &address.last_name], " "),
        address: joined([&address.address1, &address.address2], ", "),
        phone: or(address.phone, address.phone2),
        email: String::new(),
        district: or(address.address5, address.district),
        city: or(address.city, address.address4),
        province: address.address3.0,
        postal_code: address.post_code.0,
        note: note.to_owned(),
    };
    let shown = [&buyer.name, &buyer.phone, &buyer.address];
    let masked = shown.iter().any(|part| part.contains(MASK));
    let full = !buyer.name.is_empty() && !masked;
    (buyer, full)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(json: &str) -> Address {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_masked_buyer_is_not_full() {
        let (clear, full) = buyer(
            address(
                r#"{"first_name":"Sari","last_name":"Contoh","phone":"6281200000001",
                   "address1":"Jl. Contoh 1","address2":"","address3":"DKI Jakarta",
                   "address4":"Jakarta Selatan","address5":"","addressDsitrict":"Tebet","city":"",
                   "post_code":"12810"}"#,
            ),
            "",
        );
        assert!(full);
        assert_eq!((&*clear.name, &*clear.address), ("Sari Contoh", "Jl. Contoh 1"));
        assert_eq!((&*clear.district, &*clear.city), ("Tebet", "Jakarta Selatan"));
        let masked = [
            r#"{"first_name":"S***i","phone":"6281200000001","address1":"Jl. Contoh 1"}"#,
            r#"{"first_name":"Sari","phone":"62*******01","address1":"Jl. Contoh 1"}"#,
            r#"{"first_name":"Sari","phone":"6281200000001","address1":"J*****1"}"#,
            r#"{"first_name":null,"phone":"","address1":""}"#,
            "{}",
        ];
        for json in masked {
            assert!(!buyer(address(json), "").1, "{json}");
        }
    }
}
