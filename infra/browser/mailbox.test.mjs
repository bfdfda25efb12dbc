// What `mend run` adds to the site: the mailbox, used by mouse, and the bar with the clock.
import test, { after, before } from "node:test";
import assert from "node:assert/strict";
import { openRun } from "./chromium.mjs";

let world, machine;
before(async () => { world = await openRun("--demo"); machine = world.machine; });
after(() => world?.close());

async function signUp(address) {
  const fields = { email: address, name: "", path: "amends", cadence: "weekly", days: "mon", time: "07:30", zone: "Europe/Berlin", privacy: "quotes", consent: "on", adult: "on" };
  const answer = await fetch(machine.site + "/join", { method: "POST", body: new URLSearchParams(fields) });
  assert.equal(answer.status, 200, await answer.text());
}

test("the demonstration is three people with half a year behind them", async () => {
  const people = await (await fetch(machine.site + "/local/people")).json();
  assert.equal(people.length, 3);
  for (const p of people) assert.ok(p.letters > 15 && p.replies > 5, JSON.stringify(p));
  for (const { id } of await machine.letters()) {
    const text = (await machine.raw(id)).replace(/=\r\n/g, "");
    for (const [link] of text.matchAll(/http:\/\/[^/\s"<]*/g)) assert.equal(link, machine.site, `a link of letter ${id} leads elsewhere`);
  }
});

test("a letter in the mailbox shows whole, and its links open by mouse", async () => {
  await signUp("ann@mend.test");
  const v = await world.visit({ viewport: { width: 1280, height: 900 } });
  const { page } = v;
  await page.goto(machine.site + "/local/");
  await page.locator(".letters a").first().click();
  const frame = page.frameLocator("iframe");
  await frame.locator("a").first().waitFor();
  await page.waitForFunction(() => {
    const f = document.querySelector("iframe");
    return f.clientHeight >= f.contentDocument.documentElement.scrollHeight;
  });

  await page.getByText("The letter as text").click();
  const inText = await page.locator("pre a").evaluateAll((all) => all.map((a) => a.href));
  assert.ok(inText.some((href) => href.startsWith(machine.site + "/confirm/")), "links of the text part: " + inText);

  await Promise.all([page.waitForURL(/\/confirm\//), frame.locator("a[href*='/confirm/']").first().click()]);
  assert.equal(page.frames().length, 1, "the page opened inside the frame");
  await Promise.all([page.waitForEvent("load"), page.locator("main form button").first().click()]);
  await v.close();
});

test("every page has a bar that leads to the mailbox and moves the clock", async () => {
  const v = await world.visit({ viewport: { width: 390, height: 844 } });
  const { page } = v;
  const clock = async () => Date.parse((await (await fetch(machine.site + "/local/clock")).json()).now);
  for (const path of ["/", "/help", "/join"]) {
    await page.goto(machine.site + path);
    const bar = page.getByRole("navigation", { name: "This machine" });
    const before = await clock();
    await Promise.all([page.waitForEvent("load"), bar.getByRole("button", { name: "+1 day" }).click()]);
    assert.equal(new URL(page.url()).pathname, path);
    assert.equal(await clock() - before, 24 * 3600 * 1000);
    await Promise.all([page.waitForURL(machine.site + "/local/"), bar.getByRole("link", { name: "Mailbox" }).click()]);
  }
  const asked = await fetch(machine.site + "/");
  assert.ok(!(await asked.text()).includes("machine-bar"), "a program gets the page as it is");
  await v.close();
});

test("the bar and the mailbox are accessible, narrow and wide", async (t) => {
  const v = await world.visit();
  for (const [name, path] of [["home-with-bar", "/"], ["mailbox", "/local/"], ["figures", "/local/operator"], ["letter", `/local/messages/${(await machine.letters())[0].id}`]]) {
    await v.page.goto(machine.site + path);
    await world.look(v.page, name, [320, 390, 1280], []);
  }
  await v.close();
  world.found(t);
});
