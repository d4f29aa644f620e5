// The pages that are looked at. A page that the hub's own links lead to and that is missing here is
// found by run.mjs: it follows every link of the navigation and of every page.

/** What the addresses of the pages are made of: ids of things that the demo brought about. */
export async function findIds(api) {
  const shops = await api("/shops");
  const channels = [...new Set(shops.map((shop) => shop.channel))];
  const shown = await Promise.all(channels.map(async (channel) => {
    const { items: orders } = await api(`/orders?channel=${channel}&limit=100`);
    const order = orders.find((each) => each.tab === "ready_to_ship") ?? orders[0];
    return { channel, order: order.id, shop: shops.find((each) => each.channel === channel).id };
  }));
  const skus = await api("/skus?limit=1");
  return { shown, sku: skus.items[0].id };
}

/** The pages that each channel fills in its own way: its statuses, its credentials, its commands. */
const ofChannel = ({ channel, order, shop }) => [
  { name: `order-${channel}`, path: `/orders/${order}`, same: /^\/orders\/[^/]+$/ },
  { name: `shop-${channel}`, path: `/shops/${shop}`, same: /^\/shops\/shp_[^/]+$/ },
  { name: `shop-settings-${channel}`, path: `/shops/${shop}/settings`, same: /^\/shops\/[^/]+\/settings$/ },
  { name: `shop-stock-${channel}`, path: `/shops/${shop}/stock`, same: /^\/shops\/[^/]+\/stock$/ },
  { name: `flow-${channel}`, path: `/flows/${channel}`, same: /^\/flows\/[^/]+$/ },
  { name: `flow-edit-${channel}`, path: `/flows/${channel}/edit?shop=${shop}`, same: /^\/flows\/[^/]+\/edit$/ },
];

/**
 * Every page: its name, its address, and the pattern of the addresses that count as the same page.
 * `open` pages are seen without a session.
 */
export function pages(ids) {
  const [{ order, shop }] = ids.shown;
  return [
    ...ids.shown.flatMap(ofChannel),
    { name: "login", path: "/login", same: /^\/login$/, open: true },
    { name: "orders", path: "/orders", same: /^\/orders$/ },
    { name: "orders-all", path: "/orders?tab=all", same: /^\/orders$/ },
    { name: "orders-sold-on", path: "/orders?tab=all&sub_platform=tokopedia", same: /^\/orders$/ },
    { name: "orders-none", path: "/orders?tab=all&q=tidak-ada", same: /^\/orders$/ },
    { name: "order-missing", path: "/orders/ord_0", same: /^\/orders\/[^/]+$/, status: 404 },
    { name: "bin", path: "/bin", same: /^\/bin$/ },
    { name: "stock", path: "/stock", same: /^\/stock$/ },
    { name: "sku", path: `/stock/${ids.sku}`, same: /^\/stock\/sku_[^/]+$/ },
    { name: "opening", path: "/stock/opening", same: /^\/stock\/opening$/ },
    { name: "downloads", path: "/downloads", same: /^\/downloads$/ },
    { name: "download-missing", path: "/downloads/dwn_0", same: /^\/downloads\/[^/]+$/, status: 404 },
    { name: "shops", path: "/shops", same: /^\/shops$/ },
    { name: "shop-connect", path: "/shops/connect", same: /^\/shops\/connect$/ },
    { name: "shop-first", path: `/shops/${shop}/first`, same: /^\/shops\/[^/]+\/first$/ },
    { name: "tasks", path: "/tasks", same: /^\/tasks$/ },
    { name: "batch-missing", path: "/commands/bat_0", same: /^\/commands\/[^/]+$/, status: 404 },
    { name: "system", path: "/system", same: /^\/system$/ },
    { name: "log", path: "/log", same: /^\/log$/ },
    { name: "log-wrong", path: "/log?only=wrong", same: /^\/log$/ },
    { name: "attention", path: "/attention", same: /^\/attention$/ },
    { name: "activity", path: "/activity", same: /^\/activity$/ },
    { name: "buyer", path: `/orders/${order}/buyer`, same: /^\/orders\/[^/]+\/buyer$/ },
    { name: "users", path: "/users", same: /^\/users$/ },
    { name: "user-missing", path: "/users/acc_0", same: /^\/users\/[^/]+$/, status: 404 },
    { name: "keys", path: "/keys", same: /^\/keys$/ },
    { name: "audit", path: "/audit", same: /^\/audit$/ },
    { name: "account", path: "/account", same: /^\/account$/ },
    { name: "error", path: "/errors/DMG-0701", same: /^\/errors\/[^/]+$/ },
  ];
}

/** Addresses that are no pages: files, papers and raw messages. */
export const NO_PAGES = [/\/paper$/, /^\/assets\//, /^\/static\//, /^\/api\//, /\/raw$/, /\/answer$/, /^\/logout$/];
