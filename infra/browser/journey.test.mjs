// What a person does, in Chromium, over one machine: by keyboard, without script, on a slow line; and what a mail scanner does.
import test, { after, before } from "node:test";
import assert from "node:assert/strict";
import { open } from "./chromium.mjs";

let world, machine;
before(async () => { world = await open(); machine = world.machine; });
after(() => world?.close());

const ann = "ann@mend.test";

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

test("the dates of a form are those of the service, whatever the clock of the browser says", async () => {
  const v = await world.visit();
  await v.context.clock.setFixedTime("2020-02-05T23:00:00Z");
  await v.page.goto(machine.site + "/join#when");
  const { now } = await (await fetch(machine.site + "/local/clock")).json();
  const monday = new Date(Math.ceil((Date.parse(now) / 864e5 + 3) / 7) * 7 * 864e5 - 3 * 864e5);
  const first = monday.toLocaleDateString("en-GB", { timeZone: "UTC", day: "numeric", month: "long" });
  assert.match(await v.page.locator("#first").textContent(), new RegExp(`the first ones come on Monday ${first}, `));
  await v.close();
});

test("the whole journey by keyboard alone, following what pages and letters say", async () => {
  const v = await world.visit({ viewport: { width: 1280, height: 900 } });
  const { page } = v;
  await page.goto(machine.site + "/");
  await follow(page, "link", "Choose your letters");

  // Sent too early: the focus goes to what is wrong, and from there to its field, which opens its screen.
  for (const screen of ["about", "when", "where"]) {
    await press(page, "link", "Next");
    await page.waitForSelector(`#${screen}:visible`);
  }
  await press(page, "button", "Sign up");
  await page.waitForSelector("#problems");
  assert.ok(await page.evaluate(() => document.activeElement?.id === "problems"), "the focus is not on what is wrong");
  assert.match(await page.title(), /^Please check/);
  await press(page, "link", /email address/);
  assert.equal(new URL(page.url()).hash, "#email");
  assert.ok(await page.locator("#email").isVisible());

  // A yes at the gate leaves no room for some paths; taken back, it does again.
  await page.goto(machine.site + "/join");
  const gate = page.locator(".gate input").nth(1);
  await tabTo(page, gate);
  await page.keyboard.press("Space");
  assert.equal(await page.locator("#no_contact").isChecked(), true);
  assert.equal(await page.locator(".gate .answer").nth(1).isVisible(), true);
  await press(page, "link", "Next");
  assert.equal(await page.locator(".path-foundations").isVisible(), true);
  assert.equal(await page.locator(".path-amends").isVisible(), false);
  await press(page, "link", "Back");
  await tabTo(page, gate);
  await page.keyboard.press("Space");
  await press(page, "link", "Next");
  assert.equal(await page.locator(".path-amends").isVisible(), true);
  assert.equal(await page.locator("#no_contact").isChecked(), false, "contact is still left out, which the person did not ask for");

  await choose(page, /Mending together/);
  await press(page, "link", "Next");
  assert.match(await page.locator("#when-now").innerText(), /^Mondays at 07:30, Berlin$/);
  await tabTo(page, page.locator(".fold > summary"));
  await page.keyboard.press("Enter");
  await choose(page, /Every week, on/);
  await press(page, "checkbox", "Thursday");
  assert.equal(await page.locator("#zone").inputValue(), "Europe/Berlin", "the script did not fill in the zone");
  assert.match(await page.locator("#first").innerText(), /If you confirm today, the first ones come on \w+day \d+ \w+, /);
  assert.match(await page.locator("#when-now").innerText(), /^Mondays and Thursdays at 07:30, Berlin$/);
  await press(page, "link", "Next");
  await type(page, "Your email address", ann);
  assert.equal(await page.locator("[name=privacy]:checked").count(), 0, "nothing is said for them of their inbox");
  await choose(page, /Yes, mine alone/);
  await tabTo(page, page.getByText("A name, and what subjects say"));
  await page.keyboard.press("Enter");
  await type(page, "What should we call you?", "Zoë O'Brien");
  await press(page, "checkbox", /write to me/);
  await press(page, "checkbox", /I’m 18 or older/);
  await follow(page, "button", "Sign up");
  assert.equal(await heading(page), "Check your inbox");

  await page.goto((await machine.newest("confirmation", ann)).html);
  await follow(page, "link", "Yes, send me letters");
  await follow(page, "button", "Yes, send me letters");
  assert.equal(await heading(page), "You’re all set");
  await follow(page, "button", "Send me the first letter now");
  assert.match(await page.locator("[role=status]").first().innerText(), /on its way/);

  const letter = await machine.newest("checkin", ann);
  await page.goto(letter.page); // the mailbox of this machine stands for a mail program
  await tabTo(page, page.locator("textarea[name=words]"));
  await page.keyboard.type("4\nPROMISE water the basil by Friday\n\nIt was easier than I thought.");
  await follow(page, "button", /Reply|Send/);

  await page.goto(letter.html);
  await follow(page, "link", "Change day or time");
  assert.equal(await heading(page), "When letters come");
  assert.equal(await page.locator("#first").innerText(), "", "the dates stand there twice");
  await choose(page, "Every day");
  assert.match(await page.locator("#first").innerText(), /^Once saved, the next ones come on \w+day \d+ \w+, /);
  await follow(page, "link", "Your settings");
  await follow(page, "button", "Skip it");
  await follow(page, "link", "Your journal");
  assert.equal(await heading(page), "Sign in");
  await type(page, "Your email address", ann);
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
  await follow(page, "button", "Undo");
  assert.equal(await heading(page), "Your letters are back");
  await v.close();
});

test("without script, and without a cookie", async () => {
  const v = await world.visit({ javaScriptEnabled: false, viewport: { width: 375, height: 800 } });
  const { page } = v;
  const bo = "bo@mend.test";
  await page.goto(machine.site + "/join");
  await page.click("#begin a.button");
  await page.locator(".path-foundations input").check();
  await page.click("#about a.button");
  await page.click(".fold > summary");
  await page.locator("input[name=cadence][value=daily]").check();
  await page.fill("#zone", "Europe/Berlin");
  await page.click("#when a.button");
  await page.fill("#email", bo);
  await page.check("#consent");
  await page.check("#adult");
  await page.click("button:has-text('Sign up')");
  assert.equal(await heading(page), "Check your inbox");
  await page.goto((await machine.newest("confirmation", bo)).html);
  await page.click("text=Yes, send me letters");
  await page.click("text=Yes, send me letters");
  assert.equal(await heading(page), "You’re all set");
  await page.goto((await machine.newest("welcome", bo)).html);
  await page.click("a:has-text('Change')");
  assert.equal(await heading(page), "Your settings");
  await page.click("#rhythm >> text=Change");
  assert.equal(await heading(page), "When letters come");
  await page.check("input[name=cadence][value=monthly]");
  await page.fill("#day", "31");
  await page.click("text=Save");
  assert.match(await page.locator("[role=status]").first().innerText(), /^Saved: The 31st of each month.* Next on \w+day 31 March at 07:30\.$/);
  await page.click("#pause >> text=Change");
  await page.click("text=Two weeks");
  assert.match(await page.locator("[role=status]").first().innerText(), /^Saved: Until Monday 16 March 2026\. Next on Tuesday 31 March/);
  await page.click("text=Stop all letters");
  await page.click("button:has-text('Stop all letters')");
  assert.match(await page.locator("[role=status]").first().innerText(), /Your letters have stopped/);
  await page.click("text=Undo");
  assert.match(await page.locator("[role=status]").first().innerText(), /Your letters are back/);
  assert.deepEqual(await v.context.cookies(), []);
  await v.close();
});

test("the quick exit leaves no page behind it", async () => {
  const v = await world.visit();
  await v.context.route("https://www.bbc.com/**", (route) => route.fulfill({ body: "<title>Weather</title>", contentType: "text/html" }));
  await v.page.goto("about:blank");
  await v.page.goto(machine.site + "/help");
  const before = await v.page.evaluate(() => history.length);
  await v.page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  assert.ok((await v.page.locator(".exit").boundingBox()).y >= 0, "at the end of a long page the way out is in sight");
  await v.page.click(".exit");
  await v.page.waitForURL("https://www.bbc.com/**");
  assert.equal(await v.page.evaluate(() => history.length), before);
  await v.page.goBack();
  assert.equal(v.page.url(), "about:blank");
  await v.context.close(); // that it asked another host is the point
});

test("Shift three times leaves too, and not while someone types", async () => {
  const v = await world.visit();
  await v.context.route("https://www.bbc.com/**", (route) => route.fulfill({ body: "<title>Weather</title>", contentType: "text/html" }));
  await v.page.goto(machine.site + "/signin");
  await v.page.focus("#email");
  for (const key of ["Shift", "Shift", "a", "Shift", "Shift", "B", "Shift"]) await v.page.keyboard.press(key);
  assert.equal(new URL(v.page.url()).pathname, "/signin");
  for (let i = 0; i < 2; i++) await v.page.keyboard.press("Shift");
  await v.page.waitForURL("https://www.bbc.com/**");
  await v.context.close(); // that it asked another host is the point
});

// A newcomer with one thumb: what is pressed stands on the screen, each screen is short, and signing up takes fifteen presses at most.
test("joining by thumb at 390 px", async (t) => {
  const v = await world.visit({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const { page } = v;
  const began = Date.now();
  const heights = [];
  let taps = 0;
  const tap = async (selector) => {
    const at = await page.locator(selector).first().boundingBox();
    assert.ok(at.width >= 24 && at.height >= 24, `${selector} is ${at.width} by ${at.height} px`);
    await page.tap(selector);
    taps++;
  };
  const screen = async (id) => {
    await page.waitForSelector(`#${id}:visible`);
    assert.equal(await page.locator(".step:visible").count(), 1);
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    heights.push(`${id} ${height}`);
    assert.ok(height <= 900, `the screen “${id}” is ${height} px tall`);
    const next = await page.locator(`#${id} .row > :first-child`).boundingBox();
    assert.ok(next.y + next.height <= 844, `${id}: one has to scroll to go on`);
  };
  await page.goto(machine.site + "/");
  await tap("text=Choose your letters");
  await screen("begin");
  await tap("#begin a.button");
  await screen("about");
  await tap("label.path-foundations");
  await tap("#about a.button");
  await screen("when");
  await tap("#when a.button");
  await screen("where");
  await tap("#email");
  await page.keyboard.type("gil@mend.test");
  await tap("label:has([value=no-quotes])");
  await tap("label:has(#consent) > span");
  await tap("label:has(#adult)");
  await screen("where");
  await Promise.all([page.waitForURL("**/joined"), tap("#where button")]);
  assert.equal(await heading(page), "Check your inbox");
  assert.ok(taps <= 15, `${taps} presses`);
  t.diagnostic(`${taps} presses, ${Date.now() - began} ms of the machine's time; ${heights.join(", ")} px`);
  await v.close();
});

test("a slow line", async () => {
  const v = await world.visit();
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

// Programs that guard an inbox open what a letter links to, some in a browser that runs scripts. They must not say yes, stop or sign in for
// anybody: everything that the machine keeps is byte for byte what it was.
test("a mail scanner that opens every link of the letters changes nothing", async () => {
  const di = "di@mend.test";
  const v = await world.visit();
  const post = (path, form) => v.page.request.post(path.startsWith("http") ? path : machine.site + path, { form, maxRedirects: 0 });
  const join = { email: di, path: "amends", cadence: "daily", time: "07:30", zone: "Europe/Berlin", privacy: "quotes", consent: "on", adult: "on" };
  const linksOf = async (kind) => linksIn(machine, await machine.newest(kind, di));
  const opened = async (kind) => {
    const links = await linksOf(kind), before = machine.kept();
    assert.ok(links.length >= 3, `a ${kind} has the links ${links}`);
    for (const link of links) {
      await v.page.request.head(link);
      await v.page.goto(link, { waitUntil: "networkidle" });
      await v.page.mouse.wheel(0, 5000);
    }
    assert.deepEqual(machine.kept(), before, `opening the links of a ${kind} changed what is kept`);
  };

  assert.equal((await post("/join", join)).status(), 303);
  await opened("confirmation");
  await v.page.goto((await linksOf("confirmation")).find((l) => l.includes("/confirm/")));
  await v.page.click("button.large");
  assert.equal(await heading(v.page), "You’re all set");
  await opened("welcome");
  await machine.advance("24h");
  await machine.reply(await machine.newest("checkin", di), "PROMISE mend the gate by tomorrow\n\nIt creaks.");
  await opened("checkin");
  await machine.advance("72h");
  await opened("promise");
  assert.equal((await post("/signin", { email: di })).status(), 303);
  await opened("signin");
  await v.page.goto((await linksOf("signin")).find((l) => l.includes("/signin/")));
  await v.page.click("button.large");
  assert.equal(await heading(v.page), "Your journal", "the link still signs in whom it was sent to");
  await v.close();
});

// All links of a letter to the site: of its text, its HTML and its headers.
async function linksIn(machine, letter) {
  const raw = (await machine.raw(letter.id)).replace(/=\r\n/g, "").replace(/=3D/g, "=");
  return [...new Set(raw.match(new RegExp(machine.site + "/[^\\s<>\"]+", "g")))].map((l) => l.replaceAll("&amp;", "&"));
}
