// What every page looks like and weighs, and whether it can be used by everybody.
import test, { after, before } from "node:test";
import assert from "node:assert/strict";
import { open } from "./chromium.mjs";

// How tall a page may be on a telephone, in pixels.
const mostHeight = { help: 5000, preferences: 1600, "preferences-link": 1600 };

let world, machine;
before(async () => { world = await open(); machine = world.machine; });
after(() => world?.close());

test("every page: axe, width, weight, looks", async (t) => {
  const cy = "cy@mend.test";
  const v = await world.visit({ reducedMotion: "reduce" });
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
  const heavy = [], tall = [];
  const see = async (name, url) => {
    let bytes = 0;
    const count = async (response) => { if (!response.url().endsWith(".woff2")) bytes += (await response.body().catch(() => "")).length; };
    page.on("response", count);
    await page.goto(url.startsWith("http") ? url : machine.site + url);
    page.off("response", count);
    if (bytes > 60 << 10) heavy.push(`${name}: ${bytes} bytes`);
    await page.setViewportSize({ width: 390, height: 844 });
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    if (height > (mostHeight[name] ?? Infinity)) tall.push(`${name}: ${height} px`);
    await world.look(page, name, [320, 1280], ["320-light", "1280-dark"]);
  };
  // What a form answers stands on a page of its own kind: submitted as a person would, without script's help.
  const sent = async (name, url, fill) => {
    await page.goto(url.startsWith("http") ? url : machine.site + url);
    await Promise.all([page.waitForEvent("load"), fill()]);
    await world.look(page, name, [320, 1280], ["320-light", "1280-dark"]);
  };
  await see("landing", "/");
  await see("join", "/join");
  await sent("join-wrong", "/join", () => page.goto(machine.site + "/join#where").then(() => page.click("button:has-text('Sign up')")));
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
  assert.equal((await post("/signin", { email: cy })).status(), 303);
  await page.goto(await path("signin", "/signin/"));
  await page.click("button.large");
  await page.waitForURL("**/journal");
  await see("journal-empty", "/journal");
  assert.equal((await post("/journal", { words: "A grey day, and nobody said so.", mood: "2" })).status(), 303);
  await machine.advance("168h");
  const letter = await machine.newest("checkin", cy);
  await machine.reply(letter, "4\nPROMISE bring back the ladder by Friday\n\nIt was the evening with the broken lamp.");
  await machine.reply(letter, "<script>alert(1)</script> <img src=x onerror=alert(2)>\n\u202egnihtemos\n" + "🙂".repeat(60));
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
  for (const one of ["rhythm", "pause", "monthly", "path", "no", "role", "privacy", "retention", "stop"]) await see("setting-" + one, fresh + "/" + one);
  await see("reminders", fresh + "/reminders");
  await see("reminder", fresh + "/reminders/3");
  await see("fit", fresh + "?ask=slower");
  await see("journal-unproven", "/journal/unproven");
  await see("journal-year", "/journal/years/2026");
  await sent("journal-search", "/journal", () => page.fill("#q", "lamp").then(() => page.click("form.search button")));
  await sent("journal-wrong", "/journal", () => page.click("#write").then(() => page.click("details.write button")));
  await page.goto(machine.site + "/journal");
  await see("entry", await page.locator("article.entry:has(.question) a").first().getAttribute("href"));
  await page.goto(machine.site + "/journal");
  await see("ownpromise", await page.locator(".promises li a").first().getAttribute("href"));
  await see("address", fresh + "/address");
  await post(fresh + "/address", { email: "cy.new@mend.test" });
  await see("address-moving", fresh + "/address");
  await sent("gate", fresh + "/path", () => page.check("input[name=path][value=amends]").then(() => page.click("button:has-text('Save')")));
  await sent("said-no", fresh + "?ask=still-fits", () => page.click("text=They said no, or asked for space"));
  await Promise.all([page.waitForEvent("load"), page.click("button.large")]);
  assert.match(await page.locator("[role=status]").first().innerText(), /no letter asks anything/);
  await see("journal-rest", "/journal/rest");
  await post("/journal/rest", { [await page.locator("input[name^=promise-]").first().getAttribute("name")]: "goes-on" });
  await see("mute", await path("signin", "/mute/"));
  await page.goto(machine.site + "/journal");
  await page.goto(machine.site + await page.locator("article.entry a").last().getAttribute("href"));
  await Promise.all([page.waitForURL("**/journal?done=deleted"), page.click("text=Delete it").then(() => page.click("text=Delete this entry"))]);
  await world.look(page, "journal-deleted", [320, 1280], ["320-light", "1280-dark"]);
  await Promise.all([page.waitForURL("**/journal?done=undeleted"), page.click("text=Undo the deletion")]);
  await see("erase", "/erase");
  await see("copies", "/export");
  await page.goto(machine.site + "/journal");
  await page.click("#write");
  await page.fill("#words", "It took longer to write than a visit lasts.");
  await machine.advance("120h"); // the session is over by then
  await Promise.all([page.waitForEvent("load"), page.click("details.write button")]);
  await world.look(page, "ended", [320, 1280], ["320-light", "1280-dark"]);
  await see("promise", await path("promise", "/promise/"));
  await sent("promise-kept", await path("promise", "/promise/"), () => page.click("text=Kept"));
  await machine.advance("1h");
  assert.equal((await post("/signin", { email: cy })).status(), 303);
  await page.goto(await path("signin", "/signin/"));
  await page.click("button.large");
  await page.waitForURL("**/journal");
  assert.equal((await post(fresh, { privacy: "link-only" })).status(), 303);
  await machine.advance("168h");
  const letterPage = await path("checkin", "/letter/");
  await see("letter-page-signin", letterPage);
  assert.equal((await post("/signin", { email: cy })).status(), 303);
  await page.goto(await path("signin", "/signin/"));
  await page.click("button.large");
  await page.waitForURL("**/journal");
  await see("letter-page", letterPage);
  await see("local-mailbox", "/local/");
  await see("local-letter", letter.page);
  assert.equal((await post(fresh + "/address", { email: "cy.new@mend.test" })).status(), 303);
  await see("move-keep", await path("notice", "/address/keep/"));
  await machine.advance("73h"); // the new address is asked after 72 hours
  await see("move-yes", await path("confirmation", "/address/yes/"));
  await see("link-expired", confirm);
  assert.equal((await post("/signin", { email: cy })).status(), 303);
  await page.goto(await path("signin", "/signin/"));
  await page.click("button.large");
  await page.waitForURL("**/journal");
  await see("address-asked", fresh + "/address");
  await see("stop", stop);
  await sent("stopped", stop, () => page.click("button.large"));
  await sent("paused", stop, () => page.click("text=Pause for four weeks"));
  assert.deepEqual(heavy, []);
  assert.deepEqual(tall, []);
  await v.close();
  world.found(t);
});
