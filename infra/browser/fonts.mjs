// The faces that the pictures are drawn with: those that package-lock.json pins and no others, so that a page looks the same on every
// machine. The pages and letters ask for what readers' machines have; here Gelasio, whose letters are as wide as Georgia's, stands for the
// book faces and Noto Sans for the interface's. What is in none of them (李) comes from Debian's fallback, where that is installed.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const pinned = ["gelasio", "noto-sans", "noto-naskh-arabic", "noto-emoji", "noto-sans-symbols-2"];
const roles = { Georgia: "Gelasio", serif: "Gelasio", "system-ui": "Noto Sans", "sans-serif": "Noto Sans", sans: "Noto Sans", Arial: "Noto Sans", monospace: "Noto Sans" };

// Writes the configuration for fontconfig, and returns the environment that has Chromium read it.
export function fontsIn(folder) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "fonts.conf");
  const face = ([asked, drawn]) =>
    `<match target="pattern"><test name="family" qual="any"><string>${asked}</string></test><edit name="family" mode="assign" binding="same"><string>${drawn}</string></edit></match>`;
  writeFileSync(file, `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
${pinned.map((name) => `<dir>${join(folder, "node_modules", "@expo-google-fonts", name)}</dir>`).join("\n")}
<dir>/usr/share/fonts/truetype/droid</dir>
<cachedir>${join(folder, "fontcache")}</cachedir>
${Object.entries(roles).map(face).join("\n")}
<match target="pattern"><edit name="family" mode="append_last"><string>Noto Sans</string></edit></match>
<match target="font"><edit name="antialias"><bool>true</bool></edit><edit name="hinting"><bool>false</bool></edit><edit name="rgba"><const>none</const></edit></match>
</fontconfig>
`);
  return { ...process.env, FONTCONFIG_FILE: file };
}
