// The pages and letters of Mend in Chromium, over one machine: see run.
import test, { after, before } from "node:test";
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { start } from "./machine.mjs";
import { Gallery } from "./gallery.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const installed = createRequire(join(root, ".tools", "browser", "package.json"));
const { chromium } = installed("playwright-core");
const axe = readFileSync(installed.resolve("axe-core/axe.min.js"), "utf8");

const ann = "ann@mend.test";
const clock = "2026-03-02T09:00:00Z"; // a Monday
let machine, browser, gallery;

before(async () => {
  machine = await start(join(root, ".tools", "bin", "mend"), clock);
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
  gallery = new Gallery(browser, join(root, ".tools", "gallery"), join(here, "gallery"), process.env.MEND_GALLERY === "update");
  await gallery.open();
});

after(async () => {
  await browser?.close();
  await machine?.stop();
});

// A visitor's browser: what it asks of another host, what a page says in a dialog and what breaks in a script is kept, and must be nothing.
async function visit(options = {}) {
  const context = await browser.newContext({ locale: "en-GB", timezoneId: "Europe/Berlin", ...options });
  context.setDefaultTimeout(10_000);
  const faults = [];
  context.on("request", (r) => {
    const url = new URL(r.url());
    if (url.origin !== machine.site && url.protocol !== "data:" && url.protocol !== "about:" && url.protocol !== "file:") faults.push("asked of another host: " + url);
  });
  context.on("weberror", (e) => faults.push("a script broke: " + e.error()));
  const expected = /status of 4\d\d|Blocked script execution in '[^']*\/local\//; // of pages that say no, and of letters, in which nothing may run
  context.on("console", (m) => { if (m.type() === "error" && !expected.test(m.text())) faults.push("the console: " + m.text()); });
  context.on("dialog", (d) => { faults.push("a dialog: " + d.message()); d.dismiss(); });
  const page = await context.newPage();
  return { context, page, faults, close: async () => { await context.close(); assert.deepEqual(faults, []); } };
}

// ---- By keyboard

// Presses Tab until the element has the focus, which must be to be seen.
async function tabTo(page, wanted) {
  const element = await wanted.elementHandle();
  for (let i = 0; i < 200; i++) {
    if (await element.evaluate((e) => e === document.activeElement)) {
      const seen = await element.evaluate((e) => {
        const style = getComputedStyle(e);
        return style.outlineStyle !== "none" || style.boxShadow !== "none";
      });
      assert.ok(seen, "the focus cannot be seen on " + wanted);
      return;
    }
    await page.keyboard.press("Tab");
  }
  assert.fail("Tab does not lead to " + wanted);
}

async function press(page, role, name) {
  await tabTo(page, page.getByRole(role, { name }).first());
  await page.keyboard.press(role === "checkbox" ? "Space" : "Enter");
}

async function follow(page, role, name) {
  await Promise.all([page.waitForEvent("load"), press(page, role, name)]);
}

// A group of radio buttons is entered by Tab and moved in by the arrows.
async function choose(page, name) {
  const wanted = page.getByRole("radio", { name });
  const group = page.locator(`input[type=radio][name=${await wanted.getAttribute("name")}]`);
  const element = await wanted.elementHandle();
  for (let i = 0; i < 200; i++) {
    if (await group.evaluateAll((all) => all.includes(document.activeElement))) break;
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Space");
  for (let i = 0; i < 12 && !(await element.evaluate((e) => e.checked)); i++) await page.keyboard.press("ArrowDown");
  assert.ok(await element.evaluate((e) => e.checked), `the arrows do not lead to ${name}`);
}

async function type(page, label, text) {
  await tabTo(page, page.getByLabel(label).first());
  await page.keyboard.press("Control+A");
  await page.keyboard.type(text);
}

const heading = (page) => page.locator("main h1, h1").first().innerText();

test("the whole journey by keyboard alone, following what pages and letters say", async () => {
  const v = await visit({ viewport: { width: 1280, height: 900 } });
  const { page } = v;
  await page.goto(machine.site + "/");
  await follow(page, "link", "Choose your letters");

  // Sent too early: the focus goes to what is wrong, and from there to its field.
  await press(page, "button", "Send me the confirmation");
  await page.waitForSelector("#problems");
  assert.ok(await page.evaluate(() => document.activeElement?.id === "problems"), "the focus is not on what is wrong");
  assert.match(await page.title(), /^Please look again/);
  await press(page, "link", /e-mail address/);
  assert.equal(new URL(page.url()).hash, "#email");

  // A yes at the gate leaves no room for some paths; taken back, it does again.
  await page.goto(machine.site + "/join");
  const gate = page.locator(".gate input").nth(1);
  await tabTo(page, gate);
  await page.keyboard.press("Space");
  assert.equal(await page.locator(".path-amends").isVisible(), false);
  assert.equal(await page.locator("#no_contact").isChecked(), true);
  assert.equal(await page.locator(".gate .answer").nth(1).isVisible(), true);
  await page.keyboard.press("Space");
  assert.equal(await page.locator(".path-amends").isVisible(), true);

  await choose(page, /Mending together/);
  await press(page, "checkbox", /Leave out whatever reaches somebody else/);
  await choose(page, /Every week, on/);
  await press(page, "checkbox", "Thursday");
  assert.equal(await page.locator("#zone").inputValue(), "Europe/Berlin", "the script did not fill in the zone");
  assert.match(await page.locator("#first").innerText(), /Your first letter, if you say yes today: /);
  await choose(page, /Yes, mine alone/);
  await type(page, "Your e-mail address", ann);
  await type(page, "What shall we call you?", "Zoë O'Brien");
  await press(page, "checkbox", /Yes, write to me/);
  await press(page, "checkbox", /I am 18 or older/);
  await follow(page, "button", "Send me the confirmation");
  assert.equal(await heading(page), "Look in your inbox");

  await page.goto((await machine.newest("confirmation", ann)).html);
  await follow(page, "link", "Yes, send me letters");
  await follow(page, "button", "Yes, send me letters");
  assert.equal(await heading(page), "You are set up");
  await follow(page, "button", "Send me the first letter now");
  assert.match(await page.locator("[role=status]").first().innerText(), /on its way/);

  const letter = await machine.newest("checkin", ann);
  await page.goto(letter.page); // the mailbox of this machine stands for a mail program
  await tabTo(page, page.locator("textarea[name=words]"));
  await page.keyboard.type("4\nPROMISE water the basil by Friday\n\nIt was easier than I thought.");
  await follow(page, "button", /Reply|Send/);

  await page.goto(letter.html);
  await follow(page, "link", "Change");
  assert.equal(await heading(page), "Your settings");
  await follow(page, "button", "Skip the next one");
  await follow(page, "link", "Your journal");
  assert.equal(await heading(page), "Sign in");
  await type(page, "Your e-mail address", ann);
  await follow(page, "button", "Send me the link");
  await page.goto((await machine.newest("signin", ann)).html);
  await follow(page, "link", /Sign in|journal/i);
  await follow(page, "button", "Sign in");
  assert.equal(await heading(page), "Your journal");
  const journal = await page.locator("main").innerText();
  for (const words of ["It was easier than I thought.", "water the basil"]) assert.ok(journal.includes(words), `the journal lacks “${words}”:\n${journal}`);

  await page.goto(letter.html);
  await follow(page, "link", "Stop");
  await follow(page, "button", "Stop all letters");
  assert.equal(await heading(page), "Your letters have stopped");
  await follow(page, "button", "Take it back");
  assert.equal(await heading(page), "Your letters come again");
  await v.close();
});

test("without script, and without a cookie", async () => {
  const v = await visit({ javaScriptEnabled: false, viewport: { width: 375, height: 800 } });
  const { page } = v;
  const bo = "bo@mend.test";
  await page.goto(machine.site + "/join");
  await page.locator(".path-foundations input").check();
  await page.locator("input[name=cadence][value=daily]").check();
  await page.fill("#zone", "Europe/Berlin");
  await page.fill("#email", bo);
  await page.check("#consent");
  await page.check("#adult");
  await page.click("text=Send me the confirmation");
  assert.equal(await heading(page), "Look in your inbox");
  await page.goto((await machine.newest("confirmation", bo)).html);
  await page.click("text=Yes, send me letters");
  await page.click("text=Yes, send me letters");
  assert.equal(await heading(page), "You are set up");
  await page.click("text=See or change your settings");
  await page.check("input[name=cadence][value=monthly]");
  await page.fill("#day", "31");
  await page.click("text=Save the rhythm");
  assert.match(await page.locator("main").innerText(), /the last day of each month|the 31st/);
  await page.click("text=Stop all letters");
  await page.click("button:has-text('Stop all letters')");
  assert.equal(await heading(page), "Your letters have stopped");
  assert.deepEqual(await v.context.cookies(), []);
  await v.close();
});

test("the quick exit leaves no page behind it", async () => {
  const v = await visit();
  await v.context.route("https://www.bbc.com/**", (route) => route.fulfill({ body: "<title>Weather</title>", contentType: "text/html" }));
  await v.page.goto("about:blank");
  await v.page.goto(machine.site + "/help");
  const before = await v.page.evaluate(() => history.length);
  await v.page.click(".exit");
  await v.page.waitForURL("https://www.bbc.com/**");
  assert.equal(await v.page.evaluate(() => history.length), before);
  await v.page.goBack();
  assert.equal(v.page.url(), "about:blank");
  await v.context.close(); // that it asked another host is the point
});

test("a slow line", async () => {
  const v = await visit();
  const line = await v.context.newCDPSession(v.page);
  await line.send("Network.enable");
  await line.send("Network.emulateNetworkConditions", { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 25_000 });
  for (const path of ["/", "/join", "/help"]) {
    const began = Date.now();
    await v.page.goto(machine.site + path);
    const took = Date.now() - began;
    assert.ok(took < 5000, `${path} took ${took} ms at 400 kbit/s`);
  }
  await v.close();
});

// ---- Every page and every letter

const sizes = [{ width: 320, height: 700 }, { width: 1280, height: 900 }];

const every = { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"] };
const colours = { runOnly: { type: "rule", values: ["color-contrast", "link-in-text-block"] }, resultTypes: ["violations"] };

// Looks at what the page shows, in light and dark, narrow and wide. All of axe's rules are asked in light; in dark colours alone differ.
// axe is put in by the debugger, which the page's policy does not concern.
async function look(page, name, wrong) {
  await page.evaluate(axe);
  for (const viewport of sizes) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      for (const v of (await page.evaluate((options) => window.axe.run(document, options), colorScheme === "dark" ? colours : every)).violations) {
        wrong.push(`${name} (${viewport.width}, ${colorScheme}): ${v.id}: ${v.help}\n    ${v.nodes.map((n) => n.html.slice(0, 160)).slice(0, 3).join("\n    ")}`);
      }
      if ((viewport.width === 320) === (colorScheme === "light")) await gallery.take(page, `${name}-${viewport.width}-${colorScheme}`);
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    if (wide > viewport.width) wrong.push(`${name}: ${wide} px wide on a screen of ${viewport.width}`);
  }
}

test("every page: axe, width, weight, looks", async () => {
  const cy = "cy@mend.test";
  const v = await visit({ reducedMotion: "reduce" });
  const { page } = v;
  const post = (path, form) => page.request.post(path.startsWith("http") ? path : machine.site + path, { form, maxRedirects: 0 });
  const path = async (kind, prefix) => { // of the newest letter of a kind that has such a link
    for (const l of (await machine.letters()).filter((l) => l.kind === kind && l.to.startsWith("cy")).reverse()) {
      const found = (await machine.raw(l.id)).replace(/=\r\n/g, "").match(new RegExp(machine.site + prefix + "[a-z2-7]+"));
      if (found) return found[0];
    }
    assert.fail(`no ${kind} has a link to ${prefix}`);
  };

  assert.equal((await post("/join", { email: cy, name: "إيمان 李", path: "betrayal", cadence: "weekly", days: "mon", time: "07:30", zone: "Europe/Berlin", digest: "on", privacy: "quotes", consent: "on", adult: "on" })).status(), 303);
  const confirm = await path("confirmation", "/confirm/"), notMe = await path("confirmation", "/notme/");
  const wrong = [], heavy = [];
  const see = async (name, url) => {
    let bytes = 0;
    const count = async (response) => { bytes += (await response.body().catch(() => "")).length; };
    page.on("response", count);
    await page.goto(url.startsWith("http") ? url : machine.site + url);
    page.off("response", count);
    if (bytes > 50 << 10) heavy.push(`${name}: ${bytes} bytes`);
    await look(page, name, wrong);
  };
  // What a form answers stands on a page of its own kind: submitted as a person would, without script's help.
  const sent = async (name, url, fill) => {
    await page.goto(url.startsWith("http") ? url : machine.site + url);
    await Promise.all([page.waitForEvent("load"), fill()]);
    await look(page, name, wrong);
  };
  await see("landing", "/");
  await see("join", "/join");
  await sent("join-wrong", "/join", () => page.click("text=Send me the confirmation"));
  await see("joined", "/joined");
  await see("help", "/help");
  await see("privacy", "/privacy");
  await see("signin", "/signin");
  await see("signin-sent", "/signin?sent");
  await see("nowhere", "/nowhere");
  await see("confirm", confirm);
  await see("notme", notMe);
  await sent("confirmed", confirm, () => page.click("button.large"));
  const preferences = await path("welcome", "/preferences/"), stop = await path("welcome", "/stop/");
  await see("preferences-link", preferences);
  await machine.advance("168h");
  const letter = await machine.newest("checkin", cy);
  await machine.reply(letter, "4\nPROMISE bring back the ladder by Friday\n\nIt was the evening with the broken lamp.");
  await machine.reply(letter, "<script>alert(1)</script> <img src=x onerror=alert(2)>\n\u202egnihtemos\n" + "🙂".repeat(500));
  await machine.reply(letter, "Perhaps not me at all.", { dmarc: "FAIL" });
  assert.equal((await post("/signin", { email: cy })).status(), 303);
  const signIn = await path("signin", "/signin/");
  await see("signin-link", signIn);
  await page.click("button.large");
  await page.waitForURL("**/journal");
  await see("journal", "/journal");
  const fresh = await path("checkin", "/preferences/");
  await post(fresh + "/reminders", { words: "Ring Mum\nand ask about the garden", cadence: "monthly", day: "31", time: "10:00" });
  await see("preferences", fresh);
  await see("reminders", fresh + "/reminders");
  await see("reminder", fresh + "/reminders/3");
  await see("fit", fresh + "?ask=slower");
  await sent("journal-search", "/journal", () => page.fill("#q", "lamp").then(() => page.click("text=Look >> nth=-1")));
  await sent("journal-wrong", "/journal", () => page.click("text=Keep it"));
  await page.goto(machine.site + "/journal");
  await see("entry", await page.locator("article.entry a").first().getAttribute("href"));
  await page.goto(machine.site + "/journal");
  await see("ownpromise", await page.locator("#promises ~ ul a").first().getAttribute("href"));
  await see("address", fresh + "/address");
  await post(fresh + "/address", { email: "cy.new@mend.test" });
  await see("address-moving", fresh + "/address");
  await sent("said-no", fresh, () => page.click("text=They asked for space"));
  await see("journal-rest", "/journal");
  await post("/journal/rest", { [await page.locator("input[name^=promise-]").first().getAttribute("name")]: "goes-on" });
  await see("erase", "/erase");
  await machine.advance("120h"); // the session is over by then
  await see("promise", await path("promise", "/promise/"));
  await sent("promise-kept", await path("promise", "/promise/"), () => page.click("text=Kept"));
  await see("stop", stop);
  await see("move-keep", await path("notice", "/address/keep/"));
  await see("move-yes", await path("confirmation", "/address/yes/"));
  await sent("stopped", stop, () => page.click("button.large"));
  await sent("paused", stop, () => page.click("text=Pause for four weeks"));
  assert.deepEqual(heavy, []);
  assert.equal(wrong.length, 0, wrong.join("\n"));
  await v.close();
});

test("every letter: axe, width, looks", async () => {
  const folder = join(root, "shared", "letter", "testdata");
  const v = await visit({ javaScriptEnabled: true });
  const wrong = [];
  for (const file of readdirSync(folder).filter((f) => f.endsWith(".html")).sort()) {
    await v.page.setContent(readFileSync(join(folder, file), "utf8"));
    await look(v.page, "letter-" + file.replace(".html", ""), wrong);
  }
  assert.equal(wrong.length, 0, wrong.join("\n"));
  await v.close();
});

test("the gallery is as it was", (t) => {
  t.diagnostic(`the farthest picture differs by ${gallery.farthest.toFixed(1)}`);
  assert.equal(gallery.differ.length, 0, gallery.differ.join("\n"));
});
