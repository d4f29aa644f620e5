//! The rates at which channels are asked: those of their documents, unless the operator has others.

use std::str::FromStr;

use dermaga_channel::http::Rates;
use dermaga_channel::{Channel, Rate};

use crate::engine::Engine;

/// "As fast as it goes", for a sandbox whose rates are lifted.
const UNPACED: Rate = Rate { per_second: 1_000_000, burst: 1_000_000 };

/// A rate that an operator chose, because a channel allows this app another one than it documents.
///
/// Written `channel=per_second`, `channel=per_second/burst` or, for one endpoint by the name that the
/// transmit log shows, `channel:endpoint=per_second/burst`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChosenRate {
    /// The channel.
    pub channel: String,
    /// One endpoint of it; none = those that have no rate of their own.
    pub endpoint: Option<String>,
    /// The rate.
    pub rate: Rate,
}

/// A text is no rate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no rate; write channel=5, channel=5/10 or channel:endpoint=5/10, from 1 on")]
pub struct NoRate(String);

impl FromStr for ChosenRate {
    type Err = NoRate;

    fn from_str(text: &str) -> Result<Self, NoRate> {
        let no_rate = || NoRate(text.to_owned());
        let (of, rate) = text.trim().split_once('=').ok_or_else(no_rate)?;
        let (per_second, burst) = rate.split_once('/').unwrap_or((rate, rate));
        let number = |text: &str| text.parse::<u32>().ok().filter(|number| *number > 0);
        let (channel, endpoint) = match of.split_once(':') {
            Some((channel, endpoint)) => (channel, Some(endpoint)),
            None => (of, None),
        };
        if channel.is_empty() || endpoint.is_some_and(str::is_empty) {
            return Err(no_rate());
        }
        Ok(Self {
            channel: channel.to_owned(),
            endpoint: endpoint.map(str::to_owned),
            rate: Rate {
                per_second: number(per_second).ok_or_else(no_rate)?,
                burst: number(burst).ok_or_else(no_rate)?,
            },
        })
    }
}

impl Engine {
    /// The rates at which a channel is asked.
    pub(crate) fn rates(&self, channel: &dyn Channel) -> Rates {
        if self.settings().unpaced {
            return UNPACED.into();
        }
        let kind = channel.kind();
        let chosen = self.settings().rates.iter().filter(|chosen| chosen.channel == kind.as_str());
        chosen.fold(Rates::from(channel.capabilities()), |rates, chosen| {
            rates.with(chosen.endpoint.as_deref(), chosen.rate)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_read_or_refused_with_what_to_write() {
        let read = |text: &str| text.parse::<ChosenRate>();
        let rate = |per_second, burst| Rate { per_second, burst };
        let all = read("toko=7").unwrap();
        assert_eq!((all.channel.as_str(), all.endpoint, all.rate), ("toko", None, rate(7, 7)));
        let one = read(" toko:orders/get=7/20").unwrap();
        assert_eq!((one.endpoint.as_deref(), one.rate), (Some("orders/get"), rate(7, 20)));
        for wrong in ["", "toko", "=5", "toko=", "toko=0", "toko=5/0", "toko:=5", "a=b"] {
            assert!(read(wrong).unwrap_err().to_string().contains("channel=5/10"), "{wrong}");
        }
    }
}
