// What every kind of letter looks like: the HTML of shared/letter's golden files, as mail programs show it.
import test, { after, before } from "node:test";
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { open, root } from "./chromium.mjs";
import { photograph } from "./gallery.mjs";

const folder = join(root, "shared", "letter", "testdata");
const letters = readdirSync(folder).filter((f) => f.endsWith(".html")).sort()
  .map((f) => ({ name: "letter-" + f.replace(".html", ""), html: readFileSync(join(folder, f), "utf8") }));

let world;
before(async () => { world = await open(); });
after(() => world?.close());

test("every letter: axe, width, looks", async (t) => {
  const v = await world.visit();
  for (const { name, html } of letters) {
    await v.page.setContent(html);
    await world.look(v.page, name, [320, 375, 640, 1280], ["320-light", "375-dark", "640-light", "1280-dark"]);
    // With images off a letter is what it is with them on: there is nothing to leave out, in the page or in its styles.
    assert.equal(await v.page.locator("img, picture, svg, object, video, link, script").count(), 0, name);
    assert.doesNotMatch(html, /url\(|@import|background-image/, name);
  }
  await v.close();
  world.found(t);
});

// Some mail programs turn every letter dark, whatever it says about its colours: they drop what it says, and invert the rest. What
// can be read must still be: measured on the picture, as no style sheet knows what was done to it.
test("every letter, inverted by force: each line can be read", async (t) => {
  const v = await world.visit({ deviceScaleFactor: 3, viewport: { width: 375, height: 700 } });
  const program = await v.context.newCDPSession(v.page);
  await program.send("Emulation.setAutoDarkModeOverride", { enabled: true });
  const canvas = world.gallery.canvas, pale = [];
  let least = { contrast: 21 };
  for (const { name, html } of letters) {
    await v.page.setContent(withoutItsDark(html));
    const boxes = await v.page.locator("main :is(h1, h2, h3, p, li, a, td, th, blockquote)").evaluateAll((all) => all.map((e) => {
      const { x, y, width, height } = e.getBoundingClientRect();
      return { words: e.innerText.slice(0, 40), x: 3 * x, y: 3 * y, width: 3 * width, height: 3 * height };
    }).filter((b) => b.words.trim()));
    const picture = await photograph(v.page);
    writeFileSync(join(world.gallery.whole, name + "-inverted.png"), picture); // to look at
    const seen = await canvas.evaluate(contrasts, [picture.toString("base64"), boxes]);
    assert.ok(seen.ground < 0.1, `${name} was not inverted: its ground has a luminance of ${seen.ground}`);
    seen.contrasts.forEach((contrast, i) => {
      if (contrast < least.contrast) least = { contrast, name, words: boxes[i].words };
      if (contrast < 4.5) pale.push(`${name}: “${boxes[i].words}” has a contrast of ${contrast.toFixed(2)}`);
    });
  }
  t.diagnostic(`the least contrast is ${least.contrast.toFixed(1)}: “${least.words}” of ${least.name}`);
  assert.equal(pale.length, 0, pale.join("\n"));
  await v.close();
});

// A letter without all that it says about dark colours.
function withoutItsDark(html) {
  const bare = html.replace(/<meta name=color-scheme[^>]*>/g, "").replace(/:root\{color-scheme[^}]*\}/, "")
    .replace(/@media \(prefers-color-scheme:dark\)\{\n(.*\}\n)*?\}\n/, "");
  assert.doesNotMatch(bare, /color-scheme/);
  return bare;
}

// Runs in the browser: the contrast (WCAG 2.2) between the lightest and the darkest shade in each box of a picture.
async function contrasts([picture, boxes]) {
  const image = new Image();
  image.src = "data:image/png;base64," + picture;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const to = canvas.getContext("2d", { willReadFrequently: true });
  to.drawImage(image, 0, 0);
  const linear = Float64Array.from({ length: 256 }, (_, i) => i / 255 <= 0.04045 ? i / 255 / 12.92 : ((i / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = (d, i) => 0.2126 * linear[d[i]] + 0.7152 * linear[d[i + 1]] + 0.0722 * linear[d[i + 2]];
  const ground = luminance(to.getImageData(1, 1, 1, 1).data, 0);
  return {
    ground,
    contrasts: boxes.map((b) => {
      const { data } = to.getImageData(b.x + 6, b.y + 6, Math.max(1, b.width - 12), Math.max(1, b.height - 12)); // within borders
      let least = 1, most = 0;
      for (let i = 0; i < data.length; i += 4) {
        const l = luminance(data, i);
        least = Math.min(least, l);
        most = Math.max(most, l);
      }
      return (most + 0.05) / (least + 0.05);
    }),
  };
}
