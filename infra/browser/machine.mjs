// One machine (machine/main.go) in a process of its own, as the tests know it: its port, its mailbox, its clock.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export async function start(binary, clock, ...args) {
  const data = mkdtempSync(join(tmpdir(), "mend-browser-"));
  const ready = join(data, "ready.json");
  const child = spawn(binary, ["--data", data, "--clock", clock, "--ready-file", ready, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.on("data", (d) => { log += d; });
  for (let waited = 0; !existsSync(ready); waited += 20) {
    if (child.exitCode !== null || waited > 120_000) throw new Error("the machine is not ready:\n" + log);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return new Machine(child, data, JSON.parse(readFileSync(ready)), () => log);
}

class Machine {
  constructor(child, data, said, log) {
    Object.assign(this, { child, data, site: said.site, log, replies: 0 });
  }

  async stop() {
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGTERM");
    await ended;
    rmSync(this.data, { recursive: true, force: true });
  }

  // All that the machine keeps: the digest of each of its files.
  kept() {
    const files = readdirSync(this.data, { recursive: true, withFileTypes: true }).filter((f) => f.isFile()).map((f) => join(f.parentPath ?? f.path, f.name));
    return Object.fromEntries(files.sort().map((f) => [f.slice(this.data.length + 1), createHash("sha256").update(readFileSync(f)).digest("hex")]));
  }

  async letters() { return (await fetch(this.site + "/local/messages")).json(); }

  // The page of the newest letter of a kind to an address, as its reader sees its HTML.
  async newest(kind, to) {
    const found = (await this.letters()).filter((l) => l.kind === kind && l.to === to).at(-1);
    if (!found) throw new Error(`no ${kind} to ${to}\n` + this.log());
    return { ...found, html: `${this.site}/local/messages/${found.id}/html`, page: `${this.site}/local/messages/${found.id}` };
  }

  async advance(by) {
    const answer = await fetch(this.site + "/local/clock", { method: "POST", body: JSON.stringify({ advance: by }) });
    if (!answer.ok) throw new Error(await answer.text());
  }

  async raw(id) { return (await fetch(`${this.site}/local/messages/${id}.eml`)).text(); }

  // A reply as a mail program sends it; verdicts, such as { dmarc: "FAIL" }, are the exchanger's.
  async reply(letter, words, verdicts = {}) {
    const head = (await this.raw(letter.id)).split("\r\n\r\n")[0].replace(/\r\n[ \t]+/g, " ");
    const to = head.match(/^Reply-To: .*?(r\+[a-z2-7]+@[^>\s]+)/mi)[1];
    const query = new URLSearchParams({ from: letter.to, rcpt: to, ...verdicts });
    const mail = ["From: <" + letter.to + ">", "To: <" + to + ">", "Subject: Re", "Message-ID: <" + ++this.replies + "@mend.test>",
      "Content-Type: text/plain; charset=utf-8", "", words, ""].join("\r\n");
    const answer = await fetch(`${this.site}/local/inbound?${query}`, { method: "POST", body: mail });
    if (answer.status !== 202) throw new Error(`${answer.status} ${await answer.text()}`);
  }
}
