// The gallery: what every page and letter looks like. Whole pictures go to .tools/gallery; small ones stand beside this file and are
// compared with, so that a change of looks is a change that somebody saw.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const smallWidths = { 320: 120, 375: 120, 640: 160, 1280: 200 };

// Of all the places where either picture shows something, the share that may differ. Two runs on one machine differ by what WebP loses;
// a line that moves by its own height is seen by `changes` in gallery.test.mjs.
export const mostDifference = 0.1;

export class Gallery {
  constructor(browser, whole, small, update) {
    Object.assign(this, { browser, whole, small, update, differ: [], farthest: { difference: 0 } });
    mkdirSync(whole, { recursive: true });
    mkdirSync(small, { recursive: true });
  }

  async open() { this.canvas = await (await this.browser.newContext()).newPage(); }

  // Keeps a picture of the page as it stands, and looks whether it is as it was.
  async take(page, name) {
    const picture = await photograph(page);
    writeFileSync(join(this.whole, name + ".png"), picture);
    const file = join(this.small, name + ".webp");
    if (this.update) return writeFileSync(file, await this.shrink(picture));
    if (!existsSync(file)) return this.differ.push(`${name}: there is no picture to compare with; look at .tools/gallery and run infra/browser/run --update`);
    const difference = await this.difference(picture, readFileSync(file));
    if (difference >= this.farthest.difference) this.farthest = { name, difference };
    if (difference > mostDifference) this.differ.push(`${name}: ${percent(difference)} of it differs, at most ${percent(mostDifference)} may`);
  }

  // The small picture of a whole one, as WebP.
  async shrink(picture) {
    return Buffer.from(await this.canvas.evaluate(shrink, [picture.toString("base64"), smallWidths]), "base64");
  }

  // How much of a whole picture differs from a small one: 0 to 1.
  async difference(picture, small) {
    return this.canvas.evaluate(compare, [picture.toString("base64"), small.toString("base64")]);
  }
}

export const percent = (share) => (share * 100).toFixed(1) + " %";

export const photograph = (page) => page.screenshot({ fullPage: true, animations: "disabled", caret: "hide" });

// What follows runs in the browser, which knows how to read pictures.

async function shrink([picture, widths]) {
  const image = new Image();
  image.src = "data:image/png;base64," + picture;
  await image.decode();
  const width = widths[image.width];
  const canvas = new OffscreenCanvas(width, Math.round(image.height * width / image.width));
  const to = canvas.getContext("2d");
  to.imageSmoothingQuality = "high";
  to.drawImage(image, 0, 0, canvas.width, canvas.height);
  const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/webp", quality: 0.5 })).arrayBuffer());
  return btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""));
}

// Both pictures at the small one's scale, as squares of 4 × 4 pixels. A square that is all ground, the commonest shade, in both pictures
// counts for nothing: so a page of three lines is not lost in its margins.
async function compare([picture, small]) {
  const load = async (data, type) => {
    const image = new Image();
    image.src = `data:image/${type};base64,${data}`;
    await image.decode();
    return image;
  };
  const [now, before] = [await load(picture, "png"), await load(small, "webp")];
  const width = before.width, rows = (h) => Math.ceil(h / 4), columns = rows(width);
  const shades = (image, height) => {
    const canvas = new OffscreenCanvas(width, height);
    const to = canvas.getContext("2d");
    to.imageSmoothingQuality = "high";
    to.drawImage(image, 0, 0, width, height);
    const pixels = to.getImageData(0, 0, width, height).data;
    const sums = new Float32Array(columns * rows(height)), counts = new Float32Array(sums.length);
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
      const at = 4 * (y * width + x), square = (y >> 2) * columns + (x >> 2);
      sums[square] += 0.3 * pixels[at] + 0.6 * pixels[at + 1] + 0.1 * pixels[at + 2];
      counts[square]++;
    }
    return sums.map((s, i) => s / counts[i]);
  };
  const a = shades(now, Math.round(now.height * width / now.width)), b = shades(before, before.height);
  const tally = new Map();
  for (const s of b) tally.set(Math.round(s / 4), (tally.get(Math.round(s / 4)) ?? 0) + 1);
  const ground = 4 * [...tally].reduce((most, one) => one[1] > most[1] ? one : most)[0];
  let shown = 0, differs = 0;
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [x, y] = [a[i] ?? ground, b[i] ?? ground];
    if (Math.max(Math.abs(x - ground), Math.abs(y - ground)) < 8) continue;
    shown++;
    if (Math.abs(x - y) > 10) differs++;
  }
  return shown ? differs / shown : 0;
}
