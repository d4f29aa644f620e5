//! What stands around every page of a person who is logged in.

/// Which entry of the navigation a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Orders and one order.
    Orders,
    /// Downloads.
    Downloads,
    /// The recycle bin.
    Bin,
    /// Stock levels.
    Stock,
    /// Shops: how they fare, their settings, connecting one.
    Shops,
    /// Scheduled tasks.
    Tasks,
    /// Flow tables.
    Flows,
    /// The transmit log.
    Log,
    /// One's own account.
    Account,
    /// The people of the business.
    Users,
    /// Keys of the API.
    Keys,
    /// Who did what.
    Audit,
    /// What a person must look at.
    Attention,
    /// Long work.
    Activity,
    /// The installation itself.
    System,
}

/// A channel with its flow page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelLink {
    /// The channel's key, as in URLs.
    pub key: String,
    /// The channel's own name.
    pub name: String,
}

impl ChannelLink {
    /// Its flow page.
    pub fn href(&self) -> String {
        format!("/flows/{}", self.key)
    }
}

/// A shop with its flow page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShopLink {
    /// The shop's id with its prefix.
    pub id: String,
    /// The shop's name.
    pub name: String,
    /// Its channel.
    pub channel: ChannelLink,
}

impl ShopLink {
    /// Its own page.
    pub fn page(&self) -> String {
        format!("/shops/{}", self.id)
    }

    /// The flow its orders are judged by.
    pub fn href(&self) -> String {
        format!("/flows/{}?shop={}", self.channel.key, self.id)
    }
}

/// Navigation and top bar.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The business' name.
    pub org: String,
    /// The name of the person who is logged in.
    pub account: String,
    /// What they may do, by the domain's words: `see_log`.
    pub permissions: Vec<&'static str>,
    /// Path and query of this page: where a change of language comes back to.
    pub here: String,
    /// What is in the search field.
    pub query: String,
    /// How many orders a person must look at.
    pub action_needed: i64,
    /// Channels with a flow, in the order of the registry; never empty.
    pub channels: Vec<ChannelLink>,
    /// The org's shops.
    pub shops: Vec<ShopLink>,
}

impl Frame {
    /// Whether the person may do something, by the domain's word.
    pub fn may(&self, permission: &str) -> bool {
        self.permissions.contains(&permission)
    }

    /// The flow page the navigation leads to: that of the first shop, else of the first channel.
    pub fn flows_href(&self) -> String {
        self.shops.first().map_or_else(
            || self.channels.first().map_or_else(|| "/flows".to_owned(), ChannelLink::href),
            ShopLink::href,
        )
    }
}
