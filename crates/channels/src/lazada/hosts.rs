//! Where requests go to: each country has a host of its own, and tokens one for all.

use dermaga_channel::{Call, Credentials, Error};

/// The countries, as the channel writes them, and their hosts.
const HOSTS: [(&str, &str); 6] = [
    ("id", "api.lazada.co.id"),
    ("sg", "api.lazada.sg"),
    ("my", "api.lazada.com.my"),
    ("th", "api.lazada.co.th"),
    ("vn", "api.lazada.vn"),
    ("ph", "api.lazada.com.ph"),
];

/// The host of tokens and of the page of consent.
const AUTH_HOST: &str = "auth.lazada.com";

/// The address of a host. A place to try things out is one address for all of them: the host is the
/// first part of the path there.
fn at(place: &str, host: &str) -> String {
    match place.trim().trim_end_matches('/') {
        "" => format!("https://{host}"),
        place => format!("{place}/{host}"),
    }
}

/// Where requests for the shop of this call go: to its country, which the consent told.
pub(super) fn of_shop(call: &Call<'_>) -> Result<String, Error> {
    let country = call.shop_key.unwrap_or_default();
    let host = host(country).ok_or_else(|| Error::ConsentNeeded {
        code: "country".to_owned(),
        message: "the country of the shop is not known; the seller's consent tells it".to_owned(),
    })?;
    Ok(format!("{}/rest", at(call.credentials.get("api_url"), host)))
}

/// The host of a country.
pub(super) fn host(country: &str) -> Option<&'static str> {
    let named = |(name, _): &&(&str, &str)| name.eq_ignore_ascii_case(country.trim());
    HOSTS.iter().find(named).map(|(_, host)| *host)
}

/// Where tokens and consent are.
pub(super) fn of_tokens(credentials: &Credentials) -> String {
    at(credentials.get("token_url"), AUTH_HOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_country_has_its_host() {
        let wanted = [
            ("id", Some("api.lazada.co.id")),
            ("SG", Some("api.lazada.sg")),
            ("my", Some("api.lazada.com.my")),
            ("th", Some("api.lazada.co.th")),
            ("vn", Some("api.lazada.vn")),
            ("ph", Some("api.lazada.com.ph")),
            ("cb", None),
            ("", None),
        ];
        for (country, wanted) in wanted {
            assert_eq!(host(country), wanted, "{country}");
        }
        assert_eq!(at("", "api.lazada.sg"), "https://api.lazada.sg");
        assert_eq!(at("http://127.0.0.1:9/", "api.lazada.sg"), "http://127.0.0.1:9/api.lazada.sg");
    }
}
