// A shop of each channel, disconnected and connected again in the wizard, up to its first order: with the
// seller's consent at the channel's own page where it asks for that.

import { follow, press, tabTo, type } from "./keys.mjs";

const LIMIT_MS = 60_000;
const CHANNELS = ["lazada", "shopee", "tiktok", "tokopedia", "woocommerce"];

async function until(what, question) {
  const end = Date.now() + LIMIT_MS;
  while (!(await question())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${LIMIT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** The shops of a channel that are connected. */
const connected = async (api, channel) =>
  (await api("/shops")).filter((shop) => shop.channel === channel && !shop.disconnected_at);

async function disconnect(page, origin, shop) {
  await page.goto(`${origin}/shops/${shop.id}/settings`);
  await type(page, "#confirm", shop.name);
  await follow(page, "form[action$='/disconnect'] button", /told=shop-disconnected/);
}

/** What the sandbox gives, under the names that the wizard asks for. */
async function enter(page, given) {
  const names = await page.$$eval("[name^='set.']", (all) => all.map((input) => input.name.slice(4)));
  const known = { api_url: given.base_url, webhook_secret: "rahasiacontoh", ...given };
  for (const name of names) {
    if (known[name] !== undefined) await type(page, `[name='set.${name}']`, String(known[name]));
  }
}

/** The seller's part: the channel's page, opened from ours, and back. */
async function consent(page, origin, control, channel, given) {
  // At some channels the way back is a setting of the app.
  if (given.redirect_url) await control(`/control/${channel}/redirect`, { url: `${origin}/consent` }, "PUT");
  await enter(page, given);
  await follow(page, "form[action='/shops/connect/consent'] button.go", /\/shops\/connect\/consent/);
  await press(page, "a.btn.go");
  await page.waitForURL((url) => url.origin !== origin);
  await follow(page, "button[value=allow]", /\/shops\/connect\?.*connection=/);
}

async function connect(page, origin, control, channel, shop) {
  const given = await control(`/control/${channel}/credentials`);
  await page.goto(`${origin}/shops/connect?channel=${channel}`);
  if (await page.$("form[action='/shops/connect/consent']")) {
    await consent(page, origin, control, channel, given);
  } else {
    // A connection that other shops go on with is offered first.
    if (!(await page.$("#connection"))) await enter(page, given);
    await type(page, "#channel_shop_id", shop.channel_shop_id);
  }
  await page.selectOption("select#channel_shop_id", shop.channel_shop_id).catch(() => null);
  await type(page, "#s-name", shop.name);
  await type(page, "#s-warehouse", "Gudang Contoh");
  await follow(page, "form[action='/shops/connect'] button.go", /\/first$/);
  await follow(page, "form[action$='/orders'] button.go", /told=shop-orders-on/);
}

const act = (channel) => ({
  name: `connect-a-shop-of-${channel}`,
  async run({ page, origin, api, control, demo }) {
    if (!demo.channels[channel]) return;
    const shop = (await connected(api, channel)).at(-1);
    await disconnect(page, origin, shop);
    await connect(page, origin, control, channel, shop);
    const { products } = await control(`/control/${channel}/credentials`);
    const { sku, shop_id } = products.find((product) => String(product.shop_id) === shop.channel_shop_id);
    const order = { shop_id, paid: true, lines: [{ sku, quantity: 1 }] };
    const { order_ids } = await control(`/control/${channel}/orders`, order);
    await until(`the first order of ${channel}`, async () => {
      const found = await api(`/orders?channel=${channel}&channel_order_id=${order_ids[0]}`);
      return found.items.length === 1;
    });
    await page.goto(`${origin}/shops/${shop.id}`);
    await tabTo(page, "a[href='/shops']");
  },
});

export const connecting = CHANNELS.map(act);
