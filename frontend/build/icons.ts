// Collects the icons that templates, islands and manifests name into one sprite, so that a page loads only those.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { parse } from "smol-toml";
import type { Plugin } from "vite";

const IN_CODE = /\bicon\(\s*"([a-z0-9-]+)"/g;
const IN_TEMPLATE = /\{%\s*icon\s+"([a-z0-9-]+)"/g;
const SOURCES = ["frontend/src", "src/dothi"];

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].flatMap((match) => (match[1] ? [match[1]] : []));
}

/** Name the icons that one source file asks for; a file of another kind asks for none. */
export function iconsOf(path: string, text: string): string[] {
  if (basename(path) === "manifest.toml") {
    const manifest = parse(text);
    const tables = [manifest["actions"], manifest["pages"], manifest["finders"]].flatMap((each) =>
      Array.isArray(each) ? each : [],
    );
    const named = [manifest, ...tables].map((each) => (each as Record<string, unknown>)["icon"]);
    return named.filter((icon) => typeof icon === "string");
  }
  if (path.endsWith(".ts")) return matches(text, IN_CODE);
  if (path.endsWith(".html")) return matches(text, IN_TEMPLATE);
  return [];
}

function* filesOf(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* filesOf(path);
    else if (/\.(ts|html|toml)$/.test(entry.name)) yield path;
  }
}

function symbol(root: string, name: string): string {
  const file = `${root}node_modules/@tabler/icons/icons/outline/${name}.svg`;
  if (!existsSync(file)) throw new Error(`there is no outline icon "${name}" in @tabler/icons`);
  const shapes =
    readFileSync(file, "utf8").match(/<(?:path|circle|line|rect|polyline|ellipse|polygon)\b[^>]*\/>/g) ?? [];
  const drawn = shapes.filter((shape) => !shape.includes('stroke="none"'));
  return `<symbol id="${name}" viewBox="0 0 24 24">${drawn.join("")}</symbol>`;
}

/** Draw the sprite: one `<symbol>` an icon, by the icon's name. Throws an Error that names an icon which does not exist. */
export function sprite(root: string): string {
  const files = SOURCES.flatMap((folder) => [...filesOf(`${root}${folder}`)]);
  const names = new Set(files.flatMap((path) => iconsOf(path, readFileSync(path, "utf8"))));
  const symbols = [...names].sort().map((name) => symbol(root, name));
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`;
}

/** A Vite plugin that writes the sprite to frontend/src/theme/generated/ before anything is bundled. */
export function icons(root: string): Plugin {
  return {
    name: "dothi-icons",
    buildStart() {
      mkdirSync(`${root}frontend/src/theme/generated`, { recursive: true });
      writeFileSync(`${root}frontend/src/theme/generated/icons.svg`, sprite(root));
    },
  };
}
