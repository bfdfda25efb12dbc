// The pictures in the docs, from the gallery of the last run and from one machine: contact sheets of all pages and letters, the way
// from joining to a reply, and the landing page. `infra/browser/run --pictures` calls it; it looks at nothing and compares nothing.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { open, root } from "./chromium.mjs";

const docs = (name) => join(root, "docs", name);
const world = await open();
const { machine } = world;
try {
  await journey();
  await landing();
  await sheet("pages.webp", (name) => !name.startsWith("letter-") || name.startsWith("letter-page"));
  await sheet("letters.webp", (name) => name.startsWith("letter-") && !name.startsWith("letter-page"));
} finally {
  await world.close();
}

// The way in four pictures: signing up, confirming, the letter, and the reply in the journal.
async function journey() {
  const to = "robin@mend.test";
  const v = await world.visit({ viewport: { width: 390, height: 780 }, deviceScaleFactor: 2 });
  const { page } = v;
  const steps = [];
  const take = async (caption, url) => {
    if (url) await page.goto(url);
    steps.push({ caption, picture: (await page.screenshot({ animations: "disabled", caret: "hide" })).toString("base64") });
  };
  const link = async (kind, prefix) => (await machine.raw((await machine.newest(kind, to)).id)).replace(/=\r\n/g, "").match(new RegExp(machine.site + prefix + "[a-z2-7]+"))[0];
  const post = (path, form) => page.request.post(path.startsWith("http") ? path : machine.site + path, { form, maxRedirects: 0 });
  await take("You choose", machine.site + "/join#about");
  assert.equal((await post("/join", { email: to, name: "Robin", path: "amends", cadence: "weekly", days: "mon", time: "07:30", zone: "Europe/Berlin", digest: "on", privacy: "quotes", consent: "on", adult: "on" })).status(), 303);
  await take("You confirm", await link("confirmation", "/confirm/"));
  await page.click("button.large");
  await machine.advance("168h");
  const letter = await machine.newest("checkin", to);
  await take("A letter comes", letter.html);
  await machine.reply(letter, "4\nPROMISE say it out loud by Sunday\n\nThat I left the room. I keep telling it as if she had followed me around with it, and she only asked once.");
  assert.equal((await post("/signin", { email: to })).status(), 303);
  await page.goto(await link("signin", "/signin/"));
  await page.click("button.large");
  await page.waitForURL("**/journal");
  await page.locator("#wrote").scrollIntoViewIfNeeded();
  await page.evaluate(() => window.scrollTo(0, document.getElementById("promises").getBoundingClientRect().top - 90));
  await take("Your reply is kept");
  await v.close();
  const frames = steps.map(({ caption, picture }, i) => `<figure><figcaption>${i + 1}. ${caption}</figcaption><img src="data:image/png;base64,${picture}"></figure>`);
  await write("journey.webp", 880, `<main class="journey">${frames.join("")}</main>`);
}

async function landing() {
  const v = await world.visit({ viewport: { width: 1280, height: 900 } });
  await v.page.goto(machine.site + "/");
  writeFileSync(docs("landing.png"), await v.page.screenshot({ animations: "disabled" }));
  await v.close();
}

// All pictures of the gallery at 320 px, in light, each cut where it gets long.
async function sheet(file, wanted) {
  const folder = join(root, ".tools", "gallery"), end = "-320-light.png";
  const names = readdirSync(folder).filter((f) => f.endsWith(end)).map((f) => f.slice(0, -end.length)).filter(wanted).sort();
  assert.ok(names.length > 20, `the gallery has ${names.length} pictures for ${file}: run infra/browser/run first`);
  const figures = names.map((name) => {
    const picture = readFileSync(join(folder, name + end)).toString("base64");
    return `<figure><figcaption>${name.replace(/^letter-(?!page)/, "").replaceAll("-", " ")}</figcaption><img src="data:image/png;base64,${picture}"></figure>`;
  });
  await write(file, 1000, `<main class="sheet">${figures.join("")}</main>`);
}

// Lays pictures out as a page, and writes what it looks like as WebP.
async function write(file, width, html) {
  const { page, close } = await world.visit({ viewport: { width, height: 100 }, deviceScaleFactor: 2 });
  await page.setContent(`<style>
    body { margin: 0; padding: 16px; background: #eee8de; color: #2b2722; font: 13px/1.4 "Noto Sans", sans-serif; }
    main { display: grid; gap: 16px; }
    figure { margin: 0; }
    figcaption { margin-bottom: 5px; }
    img { display: block; width: 100%; object-fit: cover; object-position: top; border-radius: 6px; }
    .journey { grid-template-columns: repeat(4, 1fr); } .journey figcaption { font-size: 15px; } .journey img { aspect-ratio: 1 / 2; }
    .sheet { grid-template-columns: repeat(7, 1fr); } .sheet img { aspect-ratio: 2 / 3; }</style>${html}`);
  await page.evaluate(() => Promise.all([...document.images].map((i) => i.decode())));
  const picture = await page.screenshot({ fullPage: true });
  await close();
  const bytes = await world.gallery.canvas.evaluate(async (picture) => {
    const image = new Image();
    image.src = "data:image/png;base64," + picture;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    canvas.getContext("2d").drawImage(image, 0, 0);
    const webp = new Uint8Array(await (await canvas.convertToBlob({ type: "image/webp", quality: 0.8 })).arrayBuffer());
    let text = "";
    for (let at = 0; at < webp.length; at += 8192) text += String.fromCharCode(...webp.subarray(at, at + 8192));
    return btoa(text);
  }, picture.toString("base64"));
  writeFileSync(docs(file), Buffer.from(bytes, "base64"));
}
