// Every page of a running hub in a real browser: node run.mjs DEMO.JSON FOLDER [ONLY]
//
// Each page x 2 languages x 3 widths is written as a picture into the folder and looked at: errors on
// the console, accessibility, sideways scrolling, what a finger must hit, cut-off text, missing words,
// weight. Then the main act of each screen is done in both languages with the keyboard alone.
// With ONLY, a regular expression, just the pages and acts whose name and language and width it finds.
// The exit status says whether nothing was wrong.

import { mkdirSync, readFileSync } from "node:fs";
import { chromium } from "playwright-core";
import { acts } from "./acts.mjs";
import { connecting } from "./connect.mjs";
import * as look from "./look.mjs";
import { NO_PAGES, findIds, pages } from "./pages.mjs";

const WIDTHS = [
  { width: 1440, height: 900 },
  { width: 820, height: 1180 },
  { width: 390, height: 844 },
];
const LANGUAGES = ["id", "en"];

const [file, folder, only] = process.argv.slice(2);
const wanted = (where) => !only || new RegExp(only).test(where);
const demo = JSON.parse(readFileSync(file, "utf8"));
const origin = new URL(demo.page).origin;
mkdirSync(folder, { recursive: true });

const wrong = [];
let looks = 0;
const found = (where, list) => {
  looks += 1;
  for (const what of list) wrong.push(`${where}: ${what}`);
};

/** Asks the API of the hub. */
async function api(target) {
  const answer = await fetch(demo.api + target, { headers: { authorization: `Bearer ${demo.api_key}` } });
  if (!answer.ok) throw new Error(`${target}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** Numbers that JavaScript would round are kept as texts. */
const read = (text) => JSON.parse(text.replace(/([:[,]\s*)(\d{16,})(?=\s*[,}\]])/g, '$1"$2"'));
const written = (body) => JSON.stringify(body).replace(/"(\d{16,})"/g, "$1");

/** Asks the control API of the sandbox; a body makes it a POST. */
async function control(target, body, method = "POST") {
  const headers = { "content-type": "application/json" };
  const send = body === undefined ? {} : { method, headers, body: written(body) };
  const answer = await fetch(demo.control + target, send);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${target}: ${answer.status} ${text}`);
  return text ? read(text) : {};
}

/** Waits until orders are under every tab that the stream fills, then ends the stream. */
async function settle() {
  const tabs = ["unpaid", "new_order", "ready_to_ship", "in_delivery", "completed", "cancelled"];
  const until = Date.now() + 300_000;
  for (;;) {
    const counts = await Promise.all(tabs.map((tab) => api(`/orders?tab=${tab}&limit=1`)));
    if (counts.every((page) => page.items.length > 0)) break;
    if (Date.now() > until) throw new Error("the demo has not filled its tabs within five minutes");
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  for (const channel of Object.keys(demo.channels)) {
    await control(`/control/${channel}/stream`, { stop: true });
  }
}

/** What the console and the network say against a page. */
function listen(page, where, status) {
  page.on("console", (message) => {
    const expected = status && message.text().includes(`status of ${status}`);
    // What a channel's own page lacks is not ours.
    const ours = message.location().url.startsWith(origin);
    // Leaving a page cuts off what it was still fetching. Whatever else ends a fetch is told below.
    const cutOff = message.text().includes("TypeError: Failed to fetch");
    if (message.type() === "error" && ours && !expected && !cutOff) wrong.push(`${where()}: console: ${message.text()}`);
  });
  page.on("requestfailed", (request) => {
    const why = request.failure().errorText;
    if (request.url().startsWith(origin) && why !== "net::ERR_ABORTED") wrong.push(`${where()}: ${request.url()}: ${why}`);
  });
  page.on("pageerror", (error) => wrong.push(`${where()}: script: ${error.message}`));
}

/** Bytes on the wire of everything that a first visit loads. */
async function weigh(browser, state, address) {
  const context = await browser.newContext({ storageState: state });
  const page = await context.newPage();
  const network = await context.newCDPSession(page);
  let bytes = 0;
  await network.send("Network.enable");
  network.on("Network.loadingFinished", (loaded) => { bytes += loaded.encodedDataLength; });
  await page.goto(address, { waitUntil: "load" });
  await context.close();
  return bytes;
}

async function logIn(context, language) {
  const page = await context.newPage();
  await page.goto(`${origin}/login`);
  await page.click(`form.tongues button[value=${language}]`);
  await page.fill("#account", demo.login);
  await page.fill("#password", demo.password);
  await page.click("form.fields button[type=submit]");
  await page.waitForURL(/\/orders/);
  await page.close();
}

/** Looks at every page in one language and width; gives the addresses that its links lead to. */
async function lookAt(browser, language, size, list, links) {
  const context = await browser.newContext({ viewport: size });
  await logIn(context, language);
  const state = await context.storageState();
  for (const { name, path, status, open } of list) {
    const where = `${name} ${language} ${size.width}`;
    if (!wanted(where)) continue;
    const own = open ? await browser.newContext({ viewport: size }) : context;
    const page = await own.newPage();
    listen(page, () => where, status);
    const answer = await page.goto(origin + path, { waitUntil: "load" });
    if (answer.status() !== (status ?? 200)) wrong.push(`${where}: answers ${answer.status()}`);
    await page.screenshot({ path: `${folder}/${name}-${language}-${size.width}.png`, fullPage: true });
    found(where, await look.accessible(page));
    found(where, await look.sideways(page));
    found(where, await look.cut(page));
    found(where, await look.unworded(page));
    if (size.width === 390) found(where, await look.small(page));
    if (size.width === 1440 && language === "id") {
      found(where, look.heavy(await weigh(browser, open ? undefined : state, origin + path)));
      const hrefs = await page.$$eval("a[href]", (all) => all.map((link) => link.href));
      for (const href of hrefs) links.add(href);
    }
    await page.close();
    if (open) await own.close();
  }
  await context.close();
}

/** Pages that links lead to and that nobody looks at. */
function unseen(list, links) {
  const paths = [...links].map((href) => new URL(href)).filter((url) => url.origin === origin);
  const known = (path) => [...list.map((page) => page.same), ...NO_PAGES].some((same) => same.test(path));
  return [...new Set(paths.map((url) => url.pathname))].filter((path) => !known(path));
}

async function doActs(browser, language) {
  for (const act of [...acts, ...connecting]) {
    const where = `${act.name} ${language}`;
    if (!wanted(where)) continue;
    const context = await browser.newContext({ viewport: WIDTHS[0] });
    if (!act.open) await logIn(context, language);
    const page = await context.newPage();
    listen(page, () => where, act.status);
    page.setDefaultTimeout(15_000);
    looks += 1;
    try {
      await act.run({ page, origin, demo, api, control, language });
    } catch (error) {
      wrong.push(`${where}: ${error.message.split("\n")[0]}`);
      await page.screenshot({ path: `${folder}/failed-${act.name}-${language}.png`, fullPage: true });
    }
    await context.close();
  }
}

const browser = await chromium.launch({
  executablePath: process.env.DERMAGA_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
try {
  await settle();
  const ids = await findIds(api);
  const list = pages(ids);
  const links = new Set();
  for (const language of LANGUAGES) {
    for (const size of WIDTHS) await lookAt(browser, language, size, list, links);
  }
  found("links", unseen(list, links).map((path) => `${path} is no page of pages.mjs`));
  for (const language of LANGUAGES) await doActs(browser, language);
} finally {
  await browser.close();
}
for (const what of wrong) console.log(`WRONG ${what}`);
console.log(`${looks} looks, ${wrong.length} wrong`);
process.exitCode = wrong.length > 0 || looks === 0 ? 1 : 0;
