// The gallery: what every page and letter looks like. Whole pictures go to .tools/gallery; small ones stand beside this file and
// are compared with, so that a change of looks is a change that somebody saw. Machines draw letters a little
// differently, so a picture may differ by a little; a page without its style sheet differs by far more.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const smallWidth = 160, mostHeight = 480;
const mostDifference = 5; // mean of all channels, of 255: two runs differ by what WebP loses, a sparse page from an empty one by 8
const mostStretch = 0.12; // of the height

export class Gallery {
  constructor(browser, whole, small, update) {
    Object.assign(this, { browser, whole, small, update, differ: [], farthest: 0 });
    mkdirSync(whole, { recursive: true });
    mkdirSync(small, { recursive: true });
  }

  async open() { this.canvas = await (await this.browser.newContext()).newPage(); }

  // Keeps a picture of the page as it stands, and looks whether it is as it was.
  async take(page, name) {
    const picture = await page.screenshot({ fullPage: true, animations: "disabled", caret: "hide" });
    writeFileSync(join(this.whole, name + ".png"), picture);
    const file = join(this.small, name + ".webp");
    const before = existsSync(file) ? readFileSync(file).toString("base64") : null;
    const { small, difference, stretch } = await this.canvas.evaluate(shrinkAndCompare, [picture.toString("base64"), before, smallWidth, mostHeight]);
    this.farthest = Math.max(this.farthest, difference);
    if (this.update) {
      writeFileSync(file, Buffer.from(small, "base64"));
    } else if (before === null) {
      this.differ.push(`${name}: there is no picture to compare with; look at .tools/gallery and run infra/browser/run --update`);
    } else if (difference > mostDifference || stretch > mostStretch) {
      this.differ.push(`${name}: differs by ${difference.toFixed(1)} of at most ${mostDifference}, its height by ${(stretch * 100).toFixed(0)} %`);
    }
  }
}

// shrinkAndCompare runs in the browser, which knows how to read pictures.
async function shrinkAndCompare([picture, before, width, mostHeight]) {
  const load = async (data, type) => {
    const image = new Image();
    image.src = `data:image/${type};base64,${data}`;
    await image.decode();
    return image;
  };
  const pixels = (image, w, h, cut) => {
    const canvas = new OffscreenCanvas(w, h);
    const to = canvas.getContext("2d");
    to.imageSmoothingQuality = "high";
    to.drawImage(image, 0, 0, image.width, cut, 0, 0, w, h);
    return { canvas, data: to.getImageData(0, 0, w, h).data };
  };
  const now = await load(picture, "png");
  const full = Math.round(now.height * width / now.width);
  const height = Math.min(full, mostHeight);
  const drawn = pixels(now, width, height, now.height * height / full);
  const blob = await drawn.canvas.convertToBlob({ type: "image/webp", quality: 0.6 });
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const small = btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""));
  if (before === null) return { small, difference: 0, stretch: 0 };
  const old = await load(before, "webp");
  const common = Math.min(old.height, height);
  const a = pixels(old, width, common, common).data;
  const b = pixels(drawn.canvas, width, common, common).data;
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i] - b[i]);
  return { small, difference: sum / a.length * 4 / 3, stretch: Math.abs(old.height - height) / old.height };
}
