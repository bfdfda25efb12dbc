// Every page works without this.
"use strict";

// A form that is sent again before its answer has come is sent once.
const sent = new Set();
addEventListener("submit", (event) => {
  if (sent.has(event.target)) event.preventDefault();
  sent.add(event.target);
  setTimeout(() => sent.clear(), 5e3);
});
addEventListener("pageshow", () => sent.clear());

const preview = document.getElementById("first");
const ahead = Date.parse(preview?.dataset.now) - Date.now() || 0; // of the clock here

const zone = document.getElementById("zone");
if (zone) {
  // Some browsers give no zone, or one that says nothing, such as Etc/Unknown: only one of the list is filled in.
  const named = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = [...document.querySelectorAll("#zones option")].some((option) => option.value === named);
  if (!zone.value && known) zone.value = named;
  const there = document.getElementById("zone-now");
  const say = () => {
    try {
      const time = new Date(Date.now() + ahead).toLocaleTimeString("en-GB", { timeZone: zone.value, hour: "2-digit", minute: "2-digit" });
      there.textContent = zone.value && `It’s ${time} there now.`;
    } catch {
      there.textContent = "";
    }
  };
  zone.addEventListener("input", say);
  if (!there.textContent) say();
}

// "Leave now", and Shift three times within two seconds and with no other key between.
const exit = document.querySelector(".exit");
if (exit) {
  const leave = () => {
    document.body.replaceChildren();
    location.replace(exit.href);
  };
  exit.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
  let shifts = [];
  document.addEventListener("keydown", (event) => {
    if (event.repeat) return;
    shifts = event.key === "Shift" ? [...shifts, event.timeStamp].filter((at) => event.timeStamp - at < 2000) : [];
    if (shifts.length === 3) leave();
  });
}

const problems = document.getElementById("problems");
if (problems) problems.focus();

// A yes at the gate takes a choice back that it leaves no room for, and leaves contact out until every yes is taken back.
const gate = document.querySelector(".gate");
if (gate) {
  const box = document.getElementById("no_contact"); // of the sign-up form
  let ours = false; // ticked by us
  box?.addEventListener("change", () => { ours = false; });
  gate.addEventListener("change", () => {
    if (!gate.querySelector(":checked")) {
      if (ours) box.checked = ours = false;
      return;
    }
    if (box && !box.checked) box.checked = ours = true;
    for (const path of document.querySelectorAll(".path-amends, .path-together, .path-betrayal")) {
      path.querySelector("input").checked = false;
    }
  });
}

// The next three dates of the form's rhythm, at least five minutes from now in its zone; fewer if there are none, or the form isn't
// whole.
function dates(form) {
  const typed = new FormData(form);
  const cadence = typed.get("cadence"), time = typed.get("time"), day = Number(typed.get("day")), nth = typed.get("nth");
  const every = cadence === "fortnightly" ? 2 : cadence === "weekly" ? Number(typed.get("every") || 1) : 1;
  const names = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
  const chosen = cadence === "weekdays" ? names.slice(1, 6) : cadence === "daily" ? names : typed.getAll("days");
  let now;
  try {
    const parts = new Intl.DateTimeFormat("en-GB", {
      timeZone: typed.get("zone"), hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric",
    }).formatToParts(Date.now() + ahead + 5 * 60e3);
    now = Object.fromEntries(parts.map((p) => [p.type, Number(p.value)]));
  } catch {
    return [];
  }
  if (!/^\d\d:(00|15|30|45)$/.test(time) || !(every >= 1 && every <= 52)) return [];
  const falls = (date) => {
    const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
    const onDay = day >= 1 && day <= 31 && date.getUTCDate() === Math.min(day, last);
    switch (cadence) {
      case "monthly": return onDay;
      case "yearly": return onDay && date.getUTCMonth() + 1 === Number(typed.get("month"));
      case "once": return date.toISOString().slice(0, 10) === typed.get("date");
      case "by-weekday":
        if (!chosen.includes(names[date.getUTCDay()])) return false;
        return nth === "last" ? date.getUTCDate() > last - 7 : Math.ceil(date.getUTCDate() / 7) === Number(nth);
      default: return chosen.includes(names[date.getUTCDay()]);
    }
  };
  const week = (date) => Math.floor((date / 864e5 + 3) / 7); // from Monday to Sunday
  const [hour, minute] = time.split(":").map(Number);
  const past = hour * 60 + minute < now.hour * 60 + now.minute ? 1 : 0;
  const found = [];
  for (let i = past; i < 4 * 366 && found.length < 3; i++) {
    const date = new Date(Date.UTC(now.year, now.month - 1, now.day + i));
    if (falls(date) && (!found.length || (week(date) - week(found[0])) % every === 0)) found.push(date);
  }
  return found;
}

if (preview) {
  const form = preview.closest("form"), joining = form.getAttribute("action") === "/join";
  const listed = (all) => new Intl.ListFormat("en-GB").format(all);
  const words = (date) =>
    date.toLocaleDateString("en-GB", { timeZone: "UTC", weekday: "long", day: "numeric", month: "long" }).replace(",", "");
  const say = () => {
    const next = dates(form).map(words);
    preview.textContent = next.length ? `${joining ? "If you confirm today, the first" : "Once saved, the next"} ones come on ${listed(next)}, at ${form.elements.time.value}.` : "";
  };
  form.addEventListener("input", say);
  if (joining) say(); // the settings say themselves what holds now
}

// The sign-up form folds up its rhythm, and a zone that the browser knows, and says what is folded.
const fold = document.querySelector(".fold");
if (fold) {
  const form = fold.closest("form"), asked = zone.closest(".field");
  if (zone.value && !fold.open && !asked.querySelector(".wrong")) fold.append(asked);
  const label = (input) => input.closest("label").innerText.trim();
  const say = () => {
    const rhythm = form.querySelector("[name=cadence]:checked"), time = form.elements.time.value;
    if (!rhythm || !time) return;
    const days = [...form.querySelectorAll("[name=days]:checked")].map((day) => label(day) + "s").join(" and ");
    const when = { weekly: days, fortnightly: "Every other week, " + days, monthly: `Once a month, on day ${form.elements.day.value},` }[rhythm.value] ?? label(rhythm);
    const place = zone.value.split("/").at(-1).replaceAll("_", " ");
    document.getElementById("when-now").textContent = `${when} at ${time}${fold.contains(asked) ? ", " + place : ""}`;
  };
  form.addEventListener("input", say);
  say();
}

// A link to a part of the help opens it.
if (document.querySelector("details.text")) {
  const unfold = () => document.getElementById(location.hash.slice(1))?.closest("details")?.setAttribute("open", "");
  addEventListener("hashchange", unfold);
  unfold();
}

// Where each letter costs a stamp, this does the work: a number that makes the hash of token and number begin with so many zero
// bits. Nothing is sent by itself.
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
