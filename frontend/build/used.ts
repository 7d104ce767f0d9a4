// Leaves of the component library's style sheet what a page can use: whole, it is seven times as long as all of ours, and
// nothing is painted before it is read.

import { readdirSync, readFileSync } from "node:fs";
import type { Declaration, Plugin, Root, Rule } from "postcss";

/** Only sheets of this package are cut; all of ours stays as it is written. */
const LIBRARY = "/@tabler/core/";
/** What may name a class: pages, islands, and our own sheets, which restyle all that widgets of forms are given. */
const SOURCES = ["frontend/src", "src/dothi"];
const NAMING = /\.(ts|html|css)$/;
/** Built files would keep everything alive that ever was. */
const ELSEWHERE = new Set(["static", "generated", "tests", "locale", "migrations", "__pycache__"]);

const WORD = /[A-Za-z_][\w-]*/g;
/** Brackets hold alternatives and exceptions: whatever they say, the rule may apply. */
const IN_BRACKETS = /\([^()]*\)/g;
const CLASS = /\.(-?[A-Za-z_][\w-]*)/g;
const DATA_ATTRIBUTE = /\[(data-[\w-]+)/g;
const VARIABLE = /--[\w-]+/g;

type Words = ReadonlySet<string>;

/** Give all words of some texts, whatever they stand for: a class is used only if it is among them. */
export function wordsOf(texts: Iterable<string>): Words {
  const found = new Set<string>();
  for (const text of texts) for (const [word] of text.matchAll(WORD)) found.add(word);
  return found;
}

/** Say whether anything on a page can be what a selector asks for: all its classes and data attributes are named. */
export function canApply(selector: string, words: Words): boolean {
  let plain = selector;
  for (let whole = ""; whole !== plain; plain = whole.replaceAll(IN_BRACKETS, "")) whole = plain;
  const asked = [...plain.matchAll(CLASS), ...plain.matchAll(DATA_ATTRIBUTE)];
  return asked.every(([, name]) => name === undefined || words.has(name));
}

/** Take out of a sheet the library's rules that can't apply, then its variables that nobody reads. */
export function leaveUnused(sheet: Root, words: Words): void {
  sheet.walkRules((rule) => {
    if (isOfLibrary(rule) && !isStep(rule)) keepSelectors(rule, words);
  });
  while (dropVariables(sheet, words)) {
    // One that is gone may have been the only reader of another.
  }
  sheet.walk((node) => {
    if ("nodes" in node && node.nodes?.length === 0 && isOfLibrary(node)) node.remove();
  });
}

function keepSelectors(rule: Rule, words: Words): void {
  const kept = rule.selectors.filter((selector) => canApply(selector, words));
  if (kept.length === 0) rule.remove();
  else if (kept.length < rule.selectors.length) rule.selectors = kept;
}

/** Drop each of the library's variables that no value mentions and no file of ours; says whether there were any. */
function dropVariables(sheet: Root, words: Words): boolean {
  const read = new Set<string>();
  const declared: Declaration[] = [];
  sheet.walkDecls((declaration) => {
    for (const [name] of declaration.value.matchAll(VARIABLE)) read.add(name);
    if (declaration.variable && isOfLibrary(declaration)) declared.push(declaration);
  });
  const unread = declared.filter(({ prop }) => !read.has(prop) && !words.has(prop.slice(2)));
  for (const declaration of unread) declaration.remove();
  return unread.length > 0;
}

function isOfLibrary({ source }: Pick<Rule, "source">): boolean {
  return source?.input.file?.replaceAll("\\", "/").includes(LIBRARY) ?? false;
}

/** A step of an animation looks like a rule. */
function isStep(rule: Rule): boolean {
  return rule.parent?.type === "atrule" && "name" in rule.parent && rule.parent.name.endsWith("keyframes");
}

function* textsIn(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!ELSEWHERE.has(entry.name)) yield* textsIn(path);
    } else if (NAMING.test(entry.name)) yield readFileSync(path, "utf8");
  }
}

/** Give all words of what is part of the front end. */
export function wordsIn(root: string): Words {
  return wordsOf(SOURCES.flatMap((folder) => [...textsIn(`${root}${folder}`)]));
}

/** A PostCSS plugin that cuts the library's sheet down to what the project's files can use. */
export function onlyUsed(root: string): Plugin {
  let words: Words | null = null;
  return {
    postcssPlugin: "dothi-used",
    Once(sheet) {
      words ??= wordsIn(root);
      leaveUnused(sheet, words);
    },
  };
}
