// The main act of each screen, with the keyboard alone. What came of it is asked of the API.

import { follow, press, tabTo, type } from "./keys.mjs";

const LIMIT_MS = 60_000;

/** Waits until a question is answered with yes. */
async function until(what, question) {
  const end = Date.now() + LIMIT_MS;
  while (!(await question())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${LIMIT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** A channel whose orders are accepted before they are sent. */
const channel = "tokopedia";

/** New paid orders of the sandbox, once the hub shows them. */
async function placed({ api, control }, count = 1) {
  const { products } = await control(`/control/${channel}/credentials`);
  const { sku, shop_id } = products.reduce((most, product) => (product.stock > most.stock ? product : most));
  const { order_ids } = await control(`/control/${channel}/orders`, { shop_id, count, lines: [{ sku, quantity: 1 }] });
  return Promise.all(order_ids.map(async (number) => {
    let order;
    await until(`order ${number} is new`, async () => {
      [order] = (await api(`/orders?channel=${channel}&channel_order_id=${number}`)).items;
      return order?.tab === "new_order";
    });
    return order;
  }));
}

/** Waits until an order shows what is wanted. */
const shows = (api, id, what, question) =>
  until(`order ${id} is ${what}`, async () => question(await api(`/orders/${id}`)));

export const acts = [
  {
    name: "log-in-and-out",
    open: true,
    async run({ page, origin, demo }) {
      await page.goto(`${origin}/login`);
      await type(page, "#account", demo.login);
      await type(page, "#password", demo.password);
      await follow(page, "form.fields button", /\/orders/);
      await press(page, ".top details.menu > summary");
      await follow(page, "form[action='/logout'] button", /\/login/);
    },
  },
  {
    name: "change-the-language",
    async run({ page, origin, language }) {
      const other = language === "id" ? "en" : "id";
      await page.goto(`${origin}/orders`);
      await press(page, ".top details.menu > summary");
      await tabTo(page, `button[name=language][value=${other}]`);
      await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
      const shown = await page.getAttribute("html", "lang");
      if (shown !== other) throw new Error(`the page is in ${shown}`);
    },
  },
  {
    name: "find-an-order",
    async run({ page, origin, api }) {
      const [order] = (await api("/orders?limit=1")).items;
      await page.goto(`${origin}/orders`);
      await page.keyboard.press("/");
      await page.keyboard.type(order.channel_order_id);
      await Promise.all([page.waitForURL(/q=/), page.keyboard.press("Enter")]);
      await follow(page, `a.go-to[href^="/orders/${order.id}"]`, new RegExp(order.id));
    },
  },
  {
    name: "accept-an-order",
    async run(given) {
      const { page, origin, api } = given;
      const [order] = await placed(given);
      await page.goto(`${origin}/orders/${order.id}`);
      await follow(page, "form:has(input[name=command][value=accept]) button", /told=/);
      await shows(api, order.id, "accepted", (now) => now.tab === "ready_to_ship");
    },
  },
  {
    name: "accept-many-orders",
    async run(given) {
      const { page, origin, api } = given;
      const orders = await placed(given, 3);
      await page.goto(`${origin}/orders?tab=new_order&sort=newest`);
      for (const order of orders.reverse()) await press(page, `input[name=order][value="${order.id}"]`, "Space");
      await follow(page, ".bulk button[name=command][value^=accept]", /\/commands\//);
      for (const order of orders) await shows(api, order.id, "accepted", (now) => now.tab === "ready_to_ship");
    },
  },
  {
    name: "void-and-restore",
    async run(given) {
      const { page, origin, api } = given;
      const [order] = await placed(given);
      const act = (verb) => `details.act:has(input[name=verb][value=${verb}])`;
      for (const [verb, bin] of [["void", true], ["restore", false]]) {
        // An order that changes meanwhile is looked at again, as a person would.
        do {
          await page.goto(`${origin}/orders/${order.id}`);
          await press(page, `${act(verb)} > summary`);
          await follow(page, `${act(verb)} button[type=submit]`, /told=/);
        } while (page.url().includes("told=stale"));
        await shows(api, order.id, verb, (now) => now.bin === bin);
      }
    },
  },
];
