// The keyboard, and nothing else.

/** Tabs on until what the selector names has the focus. */
export async function tabTo(page, selector, most = 400) {
  for (let pressed = 0; pressed < most; pressed += 1) {
    const here = await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector);
    if (here) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`the Tab key does not come to ${selector}`);
}

/** Comes to it and presses a key there. */
export async function press(page, selector, key = "Enter") {
  await tabTo(page, selector);
  await page.keyboard.press(key);
}

/** Presses a key there that leads to another page, and waits for that page. */
export async function follow(page, selector, address) {
  await tabTo(page, selector);
  await Promise.all([page.waitForURL(address), page.keyboard.press("Enter")]);
  await page.waitForLoadState("load");
}

/** Comes to a field and types in the place of what is there. */
export async function type(page, selector, text) {
  await tabTo(page, selector);
  await page.keyboard.press("Control+A");
  await page.keyboard.type(text);
}
