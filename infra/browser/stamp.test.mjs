// The script's work for a stamp, on a page that holds nothing else: mend run asks nobody for one, since it counts no visitor from its own machine.
import test from "node:test";
import assert from "node:assert/strict";
import { createHash, webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";

const script = readFileSync(new URL("../../functions/web/pages/assets/mend.js", import.meta.url), "utf8");

// The work of one stamp: what the page says when it is done, and the answer in its form.
async function work(crypto, bits, token) {
  const told = { textContent: "Please wait for a minute." }, answer = { value: "" };
  const parts = { p: told, "[name=stamp]": { value: token }, "[name=answer]": answer };
  const stamp = { dataset: { bits: String(bits), working: "working", ready: "ready" }, querySelector: (what) => parts[what] };
  const document = { getElementById: (id) => (id === "stamp" ? stamp : null), querySelectorAll: () => [], querySelector: () => null };
  runInNewContext(script, { document, addEventListener: () => {}, window: { crypto }, crypto, TextEncoder, DataView });
  const began = told.textContent;
  while (told.textContent === "working") await new Promise((resolve) => setImmediate(resolve));
  return { began, told: told.textContent, answer: answer.value };
}

test("the script's answer to a stamp begins with as many zero bits as were asked for", async () => {
  for (const [bits, token] of [[1, "a4aeimquy7lptx34"], [8, "a4aeimquy7lptx35"], [14, "a4aeimquy7lptx36"]]) {
    const did = await work(webcrypto, bits, token);
    assert.equal(did.began, "working");
    assert.equal(did.told, "ready");
    const hash = createHash("sha256").update(`${token}.${did.answer}`).digest();
    assert.equal(hash.readUInt32BE(0) >>> (32 - bits), 0, `${bits} bits: ${did.answer}`);
  }
});

test("where the browser has no cryptography, the page goes on asking for a minute", async () => {
  assert.deepEqual(await work(undefined, 14, "x"), { began: "Please wait for a minute.", told: "Please wait for a minute.", answer: "" });
});
