// What is looked at on a page. Each look gives a list of what is wrong, in words.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The smallest side of what a finger must hit, in CSS pixels. */
const TOUCH_PX = 44;
/** The most that a first page may weigh on the wire. */
const PAGE_BYTES_MAX = 100 * 1024;

/** Violations of accessibility rules that keep somebody out. */
export async function accessible(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return found.violations
    .filter((violation) => ["serious", "critical"].includes(violation.impact))
    .map((violation) => {
      const places = violation.nodes.slice(0, 3).map((node) => node.target.join(" "));
      return `${violation.id} (${violation.impact}): ${violation.help}; at ${places.join(", ")}`;
    });
}

/** A page that is wider than its window. */
export async function sideways(page) {
  return page.evaluate(() => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    const wide = [...document.body.querySelectorAll("*")]
      .filter((element) => element.getBoundingClientRect().right > root.clientWidth + 1)
      .slice(0, 3)
      .map((element) => `${element.tagName.toLowerCase()}.${element.className}`);
    return [`${root.scrollWidth} px wide in a window of ${root.clientWidth}; ${wide.join(", ")}`];
  });
}

/**
 * What a finger must hit and is too small. What counts is where a touch arrives, not what is drawn: the
 * point is moved away from the middle as long as it still hits. Links within a sentence may be as high
 * as its text.
 */
export async function small(page) {
  return page.evaluate((least) => {
    const shown = (element) => {
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      if (style.visibility === "hidden" || box.width <= 1 || box.height <= 1) return false;
      return !element.closest(".vh, .skip, [hidden], [inert], details:not([open]) > :not(summary)");
    };
    const inSentence = (element) =>
      element.tagName === "A" &&
      getComputedStyle(element).display === "inline" &&
      [...element.parentElement.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const extent = (element) => {
      element.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
      const box = element.getBoundingClientRect();
      const middle = [box.x + box.width / 2, box.y + box.height / 2];
      const hits = (x, y) => {
        const hit = document.elementFromPoint(x, y);
        return hit !== null && (element.contains(hit) || hit.closest("label")?.control === element);
      };
      const reach = (stepX, stepY) => {
        let far = 0;
        while (far < 2 * least && hits(middle[0] + far * stepX, middle[1] + far * stepY)) far += 1;
        return far;
      };
      const across = (x, y) => Math.max(0, reach(x, y) + reach(-x, -y) - 1);
      return { element, wide: across(1, 0), high: across(0, 1) };
    };
    const selector = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button]";
    return [...document.querySelectorAll(selector)]
      .filter((element) => shown(element) && !inSentence(element))
      .map(extent)
      .filter(({ wide, high }) => wide < least - 1 || high < least - 1)
      .map(({ element, wide, high }) => {
        const name = (element.textContent.trim() || element.name || element.title).slice(0, 30);
        const what = `${element.tagName.toLowerCase()}.${element.className} "${name}"`;
        return `${what} is ${wide} x ${high} px for a finger`;
      });
  }, TOUCH_PX);
}

/** Text that is cut off without a sign: the three dots are a sign. */
export async function cut(page) {
  return page.evaluate(() => {
    const own = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    return [...document.body.querySelectorAll("*")]
      .filter((element) => {
        if (!own(element) || element.closest(".vh, [hidden], details:not([open]) > :not(summary)")) return false;
        const style = getComputedStyle(element);
        const box = element.getBoundingClientRect();
        if (box.width <= 1 || box.height <= 1 || style.textOverflow === "ellipsis") return false;
        const hides = (way) => ["hidden", "clip"].includes(way);
        const wide = hides(style.overflowX) && element.scrollWidth > element.clientWidth + 1;
        const high = hides(style.overflowY) && element.scrollHeight > element.clientHeight + 2;
        return wide || high;
      })
      .map((element) => `${element.tagName.toLowerCase()}.${element.className} "${element.textContent.trim().slice(0, 40)}"`);
  });
}

/** Words that a language lacks: their key shows, in double brackets. */
export async function unworded(page) {
  const text = await page.evaluate(() => document.documentElement.outerHTML);
  return [...new Set(text.match(/⟦[^⟧]*⟧/g))].map((key) => `no words for ${key}`);
}

/** The weight of all that the first visit of a page brought over the wire. */
export function heavy(bytes) {
  return bytes > PAGE_BYTES_MAX ? [`weighs ${bytes} bytes, more than ${PAGE_BYTES_MAX}`] : [];
}
