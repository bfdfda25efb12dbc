// The gallery's own measure: what it must see, and what it must not.
import test, { after, before } from "node:test";
import assert from "node:assert/strict";
import { open } from "./chromium.mjs";
import { mostDifference, percent, photograph } from "./gallery.mjs";

let world;
before(async () => { world = await open(); });
after(() => world?.close());

const changes = {
  seen: {
    "an empty page": "main { visibility: hidden }",
    "a line that moved by its own height": "main h1 { margin-bottom: 4em !important }",
    "a page without its colours": ":root { color-scheme: light !important } * { background: #fff !important; color: #000 !important }",
    "buttons that are not there": "main button, main .button, main input, main textarea { display: none }",
    "lines too long": "main { max-width: none !important }",
  },
  unseen: {
    "another way to draw edges": "main { filter: blur(.4px) }",
    "a shade": "p { color: color-mix(in srgb, currentcolor, grey 10%) !important }",
    "a hair's breadth": "main { transform: translate(.4px, .4px) }",
  },
};

test("a change that a reader sees is seen, and one that only a machine sees is not", async (t) => {
  const v = await world.visit({ viewport: { width: 1280, height: 900 } });
  for (const [scheme, width, path] of [["light", 320, "/signin"], ["dark", 1280, "/join"], ["dark", 1280, "/signin"], ["light", 320, "/"]]) {
    await v.page.setViewportSize({ width, height: 700 });
    await v.page.emulateMedia({ colorScheme: scheme });
    await v.page.goto(world.machine.site + path);
    const small = await world.gallery.shrink(await photograph(v.page));
    const differs = async (css) => {
      await v.page.evaluate((css) => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css); document.adoptedStyleSheets = [sheet]; }, css);
      return world.gallery.difference(await photograph(v.page), small);
    };
    const noise = await differs("");
    t.diagnostic(`${path} ${width} ${scheme}: the same page differs by ${percent(noise)}`);
    assert.ok(noise < mostDifference / 2, percent(noise));
    for (const [name, css] of Object.entries(changes.seen)) {
      const d = await differs(css);
      t.diagnostic(`${path} ${width} ${scheme}: ${name}: ${percent(d)}`);
      if (!(name === "lines too long" && width === 320)) assert.ok(d > mostDifference, `${path}: ${name} is not seen: ${percent(d)}`);
    }
    for (const [name, css] of Object.entries(changes.unseen)) {
      const d = await differs(css);
      t.diagnostic(`${path} ${width} ${scheme}: ${name}: ${percent(d)}`);
      assert.ok(d <= mostDifference, `${path}: ${name} is taken for a change: ${percent(d)}`);
    }
  }
  await v.close();
});
