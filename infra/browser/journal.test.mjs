// The journal as its reader has it: with nothing in it, with a few entries and with a year of them. Tab stops, what the graph
// shows, the search, an answer on a letter's page, and a year on paper.
import test, { after, before } from "node:test";
import assert from "node:assert/strict";
import { open } from "./chromium.mjs";

const to = "ira@mend.test";
let world, machine, v, page;
before(async () => {
  world = await open();
  machine = world.machine;
  v = await world.visit({ viewport: { width: 390, height: 844 } });
  page = v.page;
  assert.equal((await post("/join", { email: to, path: "together", cadence: "daily", time: "07:30", zone: "Europe/Berlin", digest: "on", privacy: "quotes", consent: "on", adult: "on" })).status(), 303);
  assert.equal((await post(await link("confirmation", "/confirm/"), {})).status(), 200);
});
after(() => world?.close());

const post = (path, form) => page.request.post(path.startsWith("http") ? path : machine.site + path, { form, maxRedirects: 0 });
const link = async (kind, prefix) => {
  for (const l of (await machine.letters()).filter((l) => l.kind === kind && l.to === to).reverse()) {
    const found = (await machine.raw(l.id)).replace(/=\r\n/g, "").match(new RegExp(machine.site + prefix + "[a-z2-7]+"));
    if (found) return found[0];
  }
  assert.fail(`no ${kind} has a link to ${prefix}`);
};
const signIn = async () => {
  await machine.advance("5m");
  assert.equal((await post("/signin", { email: to })).status(), 303);
  await page.goto(await link("signin", "/signin/"));
  await page.click("button.large");
  await page.waitForURL("**/journal");
};
const answer = async (words) => machine.reply(await machine.newest("checkin", to), words);

// How often one presses Tab from the top of the page to its end.
const tabStops = async () => {
  await page.evaluate(() => { document.activeElement?.blur(); window.scrollTo(0, 0); window.stops = new Set(); });
  for (let i = 0; i < 120; i++) {
    await page.keyboard.press("Tab");
    const fresh = await page.evaluate(() => {
      const at = document.activeElement;
      if (at === document.body || at === document.documentElement || window.stops.has(at)) return false;
      window.stops.add(at);
      return true;
    });
    if (!fresh) return i;
  }
  return 120;
};
const few = async (name, path) => {
  if (path) await page.goto(machine.site + path);
  const stops = await tabStops();
  assert.ok(stops < 40 && stops > 5, `${name}: ${stops} tab stops`);
  return stops;
};

// The first press has reached Mend when the second one comes, and its answer hasn't come back: the link to sign in is used, and the
// browser would show the answer to the second.
test("a button that is pressed again at once is pressed once", async () => {
  await machine.advance("5m");
  assert.equal((await post("/signin", { email: to })).status(), 303);
  await page.goto(await link("signin", "/signin/"));
  const waiting = [];
  await page.route("**/signin/*", (route) => waiting.push(route));
  const at = await page.locator("button.large").boundingBox();
  const press = () => page.mouse.click(at.x + 5, at.y + 5); // which doesn't wait for the answer
  const sent = page.waitForRequest((request) => request.method() === "POST");
  await press();
  await sent;
  await press();
  await press();
  assert.equal(waiting.length, 1);
  await waiting[0].continue();
  await page.waitForURL("**/journal");
  await page.unroute("**/signin/*");
  // A page that one comes back to has buttons that work.
  await page.goBack();
  await press();
  await page.waitForFunction(() => /expired/.test(document.querySelector("h1")?.textContent));
});

test("an empty journal says so, and draws nothing", async () => {
  await signIn();
  assert.match(await page.locator("main").innerText(), /nothing here yet/);
  assert.equal(await page.locator("svg").count(), 0);
  await few("empty", "/journal");
});

test("a year is read newest first, under forty tab stops", async (t) => {
  // Two months of days, of which one is a year ago and one six months: what lies between is a gap.
  const words = ["I said it without the but.", "Long day. I walked to the canal instead.", "We talked about the car."];
  const write = async (days) => { for (let i = 0; i < days; i++) { await machine.advance("24h"); await answer(`${1 + i % 5}\n${words[i % 3]}`); } };
  await machine.advance("24h");
  await answer("2\nThe day that comes back.");
  await machine.advance("240h");
  await write(12);
  await machine.advance("1440h");
  await write(12);
  await machine.advance(`${24 * 365 - 24 * 10 - 24 * 12 - 1440 - 24 * 12 - 1}h`);
  await answer("PROMISE bring back the ladder by Friday\nPROMISE paint the door by Saturday\nPROMISE ring Mum by Sunday\n\nToday.");
  await machine.reply(await machine.newest("checkin", to), "Perhaps not me.", { dmarc: "FAIL" });
  await signIn();
  const shown = await page.locator("main").innerText();
  assert.match(shown, /A year ago[\s\S]*The day that comes back/, "on this day");
  assert.match(shown, /Was this you\?/);
  assert.ok(!shown.includes("Perhaps not me."), "held replies stay apart");
  const dates = await page.locator("article.entry time").evaluateAll((all) => all.map((e) => e.dateTime));
  assert.deepEqual(dates, dates.toSorted().reverse(), "newest first");
  t.diagnostic(`the first page has ${await few("first page")} tab stops`);
  t.diagnostic(`an older page has ${await few("older page", "/journal?page=2")} tab stops`);
  assert.equal(await page.locator("form:not(footer form)").count(), 0, "older pages have entries alone");
  for (const path of ["/journal/unproven", "/journal/years/2026", await entry()]) await few(path, path);
});

const entry = async () => {
  await page.goto(machine.site + "/journal");
  return page.locator("article.entry a").first().getAttribute("href");
};

test("the graph is tall enough, has dates, a scale and gaps, and leads to entries", async () => {
  for (const width of [320, 390]) {
    await page.setViewportSize({ width, height: 700 });
    await page.goto(machine.site + "/journal");
    const { height } = await page.locator("svg.moods").boundingBox();
    assert.ok(height >= 160, `${width}: ${height} px tall`);
  }
  const texts = await page.locator("svg.moods text").allTextContents();
  assert.deepEqual(texts.slice(0, 5), ["5", "4", "3", "2", "1"]);
  assert.ok(texts.length >= 8 && texts.slice(5).every((d) => /^\d+ [A-Z][a-z]{2}( \d{4})?$/.test(d)), texts.join());
  assert.equal(await page.locator("svg.moods polyline").count(), 2, "two months of silence part the line");
  await page.locator("svg.moods a").nth(3).click();
  await page.waitForURL("**/journal/entries/*");
  assert.match(await page.locator("main").innerText(), /How you were: \d of 5/);
});

test("a search shows what it found, marked, and nothing else", async () => {
  await page.goto(machine.site + "/journal");
  await page.fill("#q", "CANAL walked");
  await Promise.all([page.waitForURL("**/journal/search"), page.keyboard.press("Enter")]);
  assert.ok(!page.url().includes("canal"));
  const marked = await page.locator("mark").allTextContents();
  assert.ok(marked.length >= 2 && marked.every((m) => ["canal", "walked"].includes(m.toLowerCase())), marked.join());
  for (const e of await page.locator("article.entry").all()) assert.ok(await e.locator("mark").count() > 0);
  assert.equal(await page.locator(".promises, .year, .write").count(), 0);
  await few("search");
});

test("a letter is read and answered on its page", async () => {
  assert.equal((await post(await link("checkin", "/preferences/"), { privacy: "link-only" })).status(), 303);
  await machine.advance("24h");
  const letter = await link("checkin", "/letter/");
  await signIn();
  const kept = machine.kept();
  await page.goto(letter);
  assert.deepEqual(machine.kept(), kept, "looking at a letter changes something");
  assert.equal(await page.locator("h1").count(), 1);
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  assert.ok(height <= 2600, `${height} px`);
  await page.fill("#words", "Read on the web, and answered there.");
  await page.check("input[name=mood][value='4']");
  await few("letter");
  await Promise.all([page.waitForURL("**/journal?done=added"), page.click("main form button")]);
  assert.match(await page.locator("article.entry").first().innerText(), /answered there/);
  await Promise.all([page.waitForURL(machine.site + "/"), page.locator("main").getByRole("button", { name: "Sign out" }).click()]);
  await page.goto(machine.site + "/journal");
  assert.match(page.url(), /\/signin/);
});

test("a year is a booklet on paper", async (t) => {
  await machine.advance("3h");
  await signIn();
  await page.goto(machine.site + "/journal/years/2026");
  const entries = await page.locator("article.entry").count();
  await page.emulateMedia({ media: "print" });
  for (const gone of ["header", "footer", "nav", ".onscreen"]) {
    for (const e of await page.locator(gone).all()) assert.ok(!await e.isVisible(), `${gone} is printed`);
  }
  assert.equal(await page.locator("article.entry .words:visible").count(), await page.locator("article.entry .words").count());
  const pdf = (await page.pdf({ preferCSSPageSize: true })).toString("latin1");
  const sizes = [...pdf.matchAll(/\/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]/g)].map((m) => `${Math.round(m[1])}x${Math.round(m[2])}`);
  const months = await page.locator("section.month").count();
  t.diagnostic(`${entries} entries on ${sizes.length} pages`);
  assert.ok(sizes.length > months && sizes.length < months + entries + 2, `${sizes.length} pages`);
  assert.deepEqual([...new Set(sizes)], ["420x595"], "A5");
  await v.close();
});
