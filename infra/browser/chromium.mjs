// One machine, and Chromium to visit it with: what each of the test files opens and closes.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { start } from "./machine.mjs";
import { Gallery } from "./gallery.mjs";
import { fontsIn } from "./fonts.mjs";

const here = dirname(fileURLToPath(import.meta.url));
export const root = join(here, "..", "..");
const tools = join(root, ".tools", "browser");
export const installed = createRequire(join(tools, "package.json"));
const { chromium } = installed("playwright-core");
const axe = readFileSync(installed.resolve("axe-core/axe.min.js"), "utf8");

export const clock = "2026-03-02T09:00:00Z"; // a Monday

// Opens the machine, the browser and the gallery; args are Chromium's.
export async function open(...args) {
  return visitable(await start(join(root, ".tools", "bin", "browser-machine"), clock), args);
}

// Opens the program that `make run` builds, and the browser. The clock stands until it is moved.
export async function openRun(...args) {
  const ports = ["--addr", "127.0.0.1:0", "--smtp", "127.0.0.1:0"];
  return visitable(await start(join(root, ".tools", "bin", "run"), clock, "--no-tick", ...ports, ...args), []);
}

async function visitable(machine, args) {
  const launched = chromium.launch({
    executablePath: process.env.CHROMIUM,
    env: fontsIn(tools),
    args: ["--font-render-hinting=none", "--force-color-profile=srgb", ...args, ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
  });
  launched.catch(() => machine.stop()); // nobody is left to do it
  const browser = await launched;
  const gallery = new Gallery(browser, join(root, ".tools", "gallery"), join(here, "gallery"), process.env.MEND_GALLERY === "update");
  await gallery.open();
  return new World(machine, browser, gallery);
}

class World {
  constructor(machine, browser, gallery) { Object.assign(this, { machine, browser, gallery, wrong: [] }); }

  async close() {
    await this.browser.close();
    await this.machine.stop();
  }

  // A visitor's browser: what it asks of another host, what a page says in a dialog and what breaks in a script is kept, and must be nothing.
  async visit(options = {}) {
    const { site } = this.machine;
    const context = await this.browser.newContext({ locale: "en-GB", timezoneId: "Europe/Berlin", ...options });
    context.setDefaultTimeout(20_000);
    await context.clock.setFixedTime(clock); // as the machine's stands when it starts: pictures say the same date each day
    const faults = [];
    context.on("request", (r) => {
      const url = new URL(r.url());
      if (url.origin !== site && url.protocol !== "data:" && url.protocol !== "about:") faults.push("asked of another host: " + url);
    });
    context.on("weberror", (e) => faults.push("a script broke: " + e.error()));
    const expected = /status of 4\d\d|Blocked script execution in '[^']*\/local\//; // of pages that say no, and of letters, in which nothing may run
    context.on("console", (m) => { if (m.type() === "error" && !expected.test(m.text())) faults.push("the console: " + m.text()); });
    context.on("dialog", (d) => { faults.push("a dialog: " + d.message()); d.dismiss(); });
    const page = await context.newPage();
    return { context, page, faults, close: async () => { await context.close(); assert.deepEqual(faults, []); } };
  }

  // Looks at what the page shows, in light and dark, narrow and wide, and keeps what is wrong; pictures are those that the gallery takes, as
  // width and colours. All of axe's rules are asked in light; in dark colours alone differ.
  async look(page, name, widths, pictures) {
    await page.evaluate(axe); // by the debugger, which the page's policy does not concern
    for (const width of widths) {
      await page.setViewportSize({ width, height: width < 700 ? 700 : 900 });
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        if (width === 320 || width === 1280) {
          for (const v of (await page.evaluate((options) => window.axe.run(document, options), colorScheme === "dark" ? colours : every)).violations) {
            this.wrong.push(`${name} (${width}, ${colorScheme}): ${v.id}: ${v.help}\n    ${v.nodes.map((n) => n.html.slice(0, 160)).slice(0, 3).join("\n    ")}`);
          }
        }
        if (pictures.includes(`${width}-${colorScheme}`)) await this.gallery.take(page, `${name}-${width}-${colorScheme}`);
      }
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      if (wide > width) this.wrong.push(`${name}: ${wide} px wide on a screen of ${width}`);
    }
  }

  // Nothing that was looked at is wrong, and all of it looks as it did.
  found(t) {
    t.diagnostic(`the picture that differs most is ${this.gallery.farthest.name}, by ${(100 * this.gallery.farthest.difference).toFixed(1)} %`);
    assert.equal(this.wrong.length, 0, this.wrong.join("\n"));
    assert.equal(this.gallery.differ.length, 0, this.gallery.differ.join("\n"));
  }
}

const every = { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"] };
const colours = { runOnly: { type: "rule", values: ["color-contrast", "link-in-text-block"] }, resultTypes: ["violations"] };
