// Lighthouse's marks, as a telephone of middling speed sees the pages. The letters' pages need no cookie, so one of
// those that a token opens stands for them.
import test, { after, before } from "node:test";
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { installed, open } from "./chromium.mjs";

const port = 9000 + Math.floor(Math.random() * 50_000);
let world, lighthouse;
before(async () => {
  ({ default: lighthouse } = await import(pathToFileURL(installed.resolve("lighthouse")).href));
  world = await open("--remote-debugging-port=" + port);
});
after(() => world?.close());

const least = { performance: 95, accessibility: 100, "best-practices": 100, seo: 95 };

test("Lighthouse", async (t) => {
  const { machine } = world;
  const join = new URLSearchParams({ email: "fay@mend.test", path: "apart", cadence: "daily", time: "07:30", zone: "Europe/Berlin", privacy: "quotes", consent: "on", adult: "on" });
  assert.equal((await fetch(machine.site + "/join", { method: "POST", body: join, redirect: "manual" })).status, 303);
  const token = async (kind, prefix) => (await machine.raw((await machine.newest(kind, "fay@mend.test")).id)).replace(/=\r\n/g, "").match(prefix + "[a-z2-7]+")[0];
  assert.equal((await fetch(machine.site + await token("confirmation", "/confirm/"), { method: "POST" })).status, 200);

  const low = [];
  for (const path of ["/", "/join", "/help", await token("welcome", "/preferences/")]) {
    const shown = path.replace(/[a-z2-7]{20,}/, "…");
    let marks;
    for (let run = 0; run < 3; run++) { // a busy machine makes a page slow, never fast
      // A page that a letter opens must not be found, and its policy lets no program fetch from within it.
      const skipAudits = path.startsWith("/preferences/") ? ["is-crawlable", "robots-txt"] : [];
      const { lhr } = await lighthouse(machine.site + path, { port, onlyCategories: Object.keys(least), skipAudits, logLevel: "error" });
      marks = Object.fromEntries(Object.entries(lhr.categories).map(([name, c]) => [name, Math.round(c.score * 100)]));
      if (marks.performance >= least.performance) break;
    }
    t.diagnostic(`${shown}: ${Object.entries(marks).map(([name, mark]) => `${name} ${mark}`).join(", ")}`);
    for (const [name, mark] of Object.entries(least)) if (marks[name] < mark) low.push(`${shown}: ${name} ${marks[name]}, at least ${mark}`);
  }
  assert.equal(low.length, 0, low.join("\n"));
});
