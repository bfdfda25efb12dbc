// Every page works without this. It fills in the time zone, says when the first letter would
// come, leaves a page without a trace in the history, moves the focus to what needs another look, and works for stamps.
"use strict";

const zone = document.getElementById("zone");
if (zone && !zone.value) {
  zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
}

for (const exit of document.querySelectorAll(".exit")) {
  exit.addEventListener("click", (event) => {
    event.preventDefault();
    document.body.replaceChildren();
    location.replace(exit.href);
  });
}

const problems = document.getElementById("problems");
if (problems) problems.focus();

// A yes at the gate takes a choice back that it leaves no room for.
const gate = document.querySelector(".gate");
if (gate) {
  gate.addEventListener("change", () => {
    if (!gate.querySelector(":checked")) return;
    document.getElementById("no_contact").checked = true;
    for (const path of document.querySelectorAll(".path-amends, .path-together, .path-betrayal")) {
      path.querySelector("input").checked = false;
    }
  });
}

// The date of the first letter, at least five minutes from now in the zone of the form; "" while the form is not whole.
function first(form) {
  const typed = new FormData(form);
  const cadence = typed.get("cadence"), time = typed.get("time"), day = Number(typed.get("day"));
  const names = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
  const chosen = cadence === "weekdays" ? names.slice(1, 6) : cadence === "daily" ? names : typed.getAll("days");
  let now;
  try {
    const parts = new Intl.DateTimeFormat("en-GB", {
      timeZone: typed.get("zone"), hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric",
    }).formatToParts(Date.now() + 5 * 60e3);
    now = Object.fromEntries(parts.map((p) => [p.type, Number(p.value)]));
  } catch {
    return "";
  }
  if (!/^\d\d:(00|15|30|45)$/.test(time)) return "";
  const [hour, minute] = time.split(":").map(Number);
  const past = hour * 60 + minute < now.hour * 60 + now.minute ? 1 : 0;
  for (let i = past; i < 63; i++) {
    const date = new Date(Date.UTC(now.year, now.month - 1, now.day + i));
    const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
    const falls = cadence === "monthly"
      ? day >= 1 && day <= 31 && date.getUTCDate() === Math.min(day, last)
      : chosen.includes(names[date.getUTCDay()]);
    if (falls) {
      return date.toLocaleDateString("en-GB", { timeZone: "UTC", weekday: "long", day: "numeric", month: "long" }).replace(",", "") + ", " + time;
    }
  }
  return "";
}

const preview = document.getElementById("first");
if (preview) {
  const form = preview.closest("form");
  const say = () => {
    const when = first(form);
    preview.textContent = when && "Your first letter, if you say yes today: " + when;
  };
  form.addEventListener("input", say);
  say();
}

// Where each letter costs a stamp, this does the work: a number that makes the hash of token and number begin with so many zero
// bits. The person presses the button; nothing is sent by itself.
const stamp = document.getElementById("stamp");
if (stamp) {
  const told = stamp.querySelector("p");
  if (window.crypto && crypto.subtle) work();
  async function work() {
    told.textContent = stamp.dataset.working;
    const bits = Number(stamp.dataset.bits), token = stamp.querySelector("[name=stamp]").value, encoder = new TextEncoder();
    for (let i = 0; ; i++) {
      const hash = await crypto.subtle.digest("SHA-256", encoder.encode(token + "." + i));
      if (new DataView(hash).getUint32(0) >>> (32 - bits) === 0) {
        stamp.querySelector("[name=answer]").value = i;
        told.textContent = stamp.dataset.ready;
        return;
      }
    }
  }
}
