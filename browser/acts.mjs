// The main act of each screen, with the keyboard alone.

import { press, tabTo, type } from "./keys.mjs";

const holds = (truth, what) => {
  if (!truth) throw new Error(what);
};

/** Waits until a question is answered with yes. */
async function until(what, question, limit = 30_000) {
  const end = Date.now() + limit;
  while (!(await question())) {
    holds(Date.now() < end, `${what}: not within ${limit} ms`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** A new paid order of the sandbox, once the hub shows it. */
async function place({ api, control, demo }) {
  const [channel] = Object.keys(demo.channels);
  const answer = await fetch(`${demo.control}/control/${channel}/credentials`);
  const { shops } = await answer.json();
  const sku = shops[0].products[0].sku;
  const placed = await control(`/control/${channel}/orders`, { shop_id: shops[0].shop_id, lines: [{ sku, quantity: 1 }] });
  const number = placed.order_id;
  let order;
  await until(`order ${number} is here`, async () => {
    const found = await api(`/orders?q=${number}`);
    order = found.items[0];
    return order?.tab === "new_order";
  });
  return order;
}

export const acts = [
  {
    name: "log-in",
    open: true,
    async run({ page, origin, demo }) {
      await page.goto(`${origin}/login`);
      await type(page, "#account", demo.login);
      await type(page, "#password", demo.password);
      await page.keyboard.press("Enter");
      await page.waitForURL(/\/orders/);
    },
  },
  {
    name: "search-an-order",
    async run({ page, origin, api }) {
      const [order] = (await api("/orders?limit=1")).items;
      await page.goto(`${origin}/orders`);
      await page.keyboard.press("/");
      await page.keyboard.type(order.channel_order_id);
      await page.keyboard.press("Enter");
      await press(page, `a[href^="/orders/${order.id}"]`);
      await page.waitForURL(new RegExp(order.id));
    },
  },
];
