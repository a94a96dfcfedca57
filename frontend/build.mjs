// Builds the look: purged Tabler under our theme, the scripts, the pictures and the icon sprite, each under a
// name that carries its content's hash, and manifest.json, which tells the server those names.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";
import { transform } from "lightningcss";
import postcss from "postcss";
import { PurgeCSS } from "purgecss";

const HERE = dirname(fileURLToPath(import.meta.url));
const PACKAGE = join(HERE, "../src/menshen");
const STATIC = join(PACKAGE, "kit/static");
const TABLER = join(HERE, "node_modules/@tabler/core/dist/css/tabler.css");
const ICONS = join(HERE, "node_modules/@tabler/icons/icons/outline");
const OLDEST = { chrome: 109 << 16, safari: (15 << 16) | (4 << 8), firefox: 115 << 16 };
const STYLES = ["tokens", "base", "forms", "parts", "door", "account", "console", "print"];
const SCRIPTS = ["page", "work"];

const manifest = {};

function publish(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
  const hashed = `${basename(name, extname(name))}-${hash}${extname(name)}`;
  writeFileSync(join(STATIC, hashed), content);
  manifest[name] = hashed;
  return hashed;
}

/** Every file below `folder` that a class name may stand in, in one order on every machine. */
function filesBelow(folder, wanted) {
  const found = readdirSync(folder, { withFileTypes: true, recursive: true });
  return found.map((entry) => join(entry.parentPath ?? entry.path, entry.name)).filter((path) => wanted.test(path)).sort();
}

const pictures = () => filesBelow(join(HERE, "src/img"), /\.svg$/).forEach((path) => publish(basename(path), readFileSync(path)));

function iconSprite() {
  const names = readFileSync(join(HERE, "icons.txt"), "utf8").split("\n").filter((line) => line && !line.startsWith("#"));
  const symbols = names.map((name) => {
    const drawing = readFileSync(join(ICONS, `${name}.svg`), "utf8");
    const strokes = drawing.slice(drawing.indexOf(">") + 1, drawing.lastIndexOf("</svg>"));
    const shown = strokes.replace(/<path[^>]*stroke="none"[^>]*\/>/g, "").replace(/\s+/g, " ").replace(/> </g, "><").trim();
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round">${shown}</symbol>`;
  });
  publish("icons.svg", `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`);
}

/** Tabler's rules for the classes that templates and scripts name; its attribute and dark rules give way to our tokens. */
async function purgedTabler() {
  const [{ css }] = await new PurgeCSS().purge({
    content: [...filesBelow(PACKAGE, /\/templates\/.*\.html$/), ...filesBelow(join(HERE, "src/js"), /\.ts$/)],
    css: [{ raw: postcss([withoutDarkRules]).process(readFileSync(TABLER, "utf8"), { from: undefined }).css }],
    defaultExtractor: (text) => text.match(/[\w-]+/g) ?? [],
    keyframes: true, fontFace: true, variables: true,
  });
  return postcss([withoutEmbeddedPictures, withLogicalSides]).process(css, { from: undefined }).css;
}

/** Our tokens are the only dark theme: Tabler's would answer the attribute but not the system's wish. */
const withoutDarkRules = {
  postcssPlugin: "without-dark-rules",
  Rule(rule) {
    const kept = rule.selectors.filter((selector) => !selector.includes("data-bs-theme"));
    if (kept.length === 0) rule.remove();
    else if (kept.length < rule.selectors.length) rule.selectors = kept;
  },
};

/** The page's policy forbids data: pictures, so each becomes a file of its own. */
const withoutEmbeddedPictures = {
  postcssPlugin: "without-embedded-pictures",
  Declaration(declaration) {
    declaration.value = declaration.value.replace(/url\("data:image\/svg\+xml,([^"]*)"\)/g, (_, picture) => {
      const name = `tabler-${createHash("sha256").update(picture).digest("hex").slice(0, 6)}.svg`;
      return `url(${manifest[name] ?? publish(name, decodeURIComponent(picture))})`;
    });
  },
};

/** Left and right become start and end, so that one sheet serves both writing directions. */
const withLogicalSides = {
  postcssPlugin: "with-logical-sides",
  Declaration(declaration) {
    const side = { left: "start", right: "end" };
    const sided = /^(margin|padding|border)-(left|right)(-width|-color|-style)?$/.exec(declaration.prop);
    if (sided) declaration.prop = `${sided[1]}-inline-${side[sided[2]]}${sided[3] ?? ""}`;
    if (side[declaration.prop]) declaration.prop = `inset-inline-${side[declaration.prop]}`;
    if (declaration.prop === "text-align" && side[declaration.value]) declaration.value = side[declaration.value];
  },
};

async function styles() {
  const ours = STYLES.map((name) => readFileSync(join(HERE, `src/css/${name}.css`), "utf8")).join("\n");
  const named = ours.replace(/url\(([\w-]+\.svg)\)/g, (_, name) => `url(${manifest[name]})`);
  const source = `@layer tabler{${(await purgedTabler()).replace(/@charset[^;]*;/, "")}}\n${named}`;
  publish("app.css", transform({ filename: "app.css", code: Buffer.from(source), minify: true, targets: OLDEST }).code);
}

async function scripts() {
  const entryPoints = SCRIPTS.map((name) => join(HERE, `src/js/${name}.ts`));
  const built = await esbuild.build({ entryPoints, bundle: true, minify: true, format: "esm", target: ["chrome109", "safari15.4", "firefox115"], write: false, outdir: "out" });
  built.outputFiles.forEach((file) => publish(basename(file.path), file.contents));
}

function forgetOlderBuilds() {
  const current = new Set([...Object.values(manifest), "manifest.json"]);
  readdirSync(STATIC).filter((name) => !current.has(name)).forEach((name) => rmSync(join(STATIC, name)));
}

mkdirSync(STATIC, { recursive: true });
pictures();
iconSprite();
await styles();
await scripts();
const inOrder = Object.fromEntries(Object.entries(manifest).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(join(STATIC, "manifest.json"), `${JSON.stringify(inOrder, null, 1)}\n`);
forgetOlderBuilds();
