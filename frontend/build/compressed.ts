// Writes each built text a second time, compressed, so that the server compresses nothing while people wait.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const TEXT = /\.(js|css|svg)$/;
/** Smaller files are sent as they are. */
const LEAST_BYTES = 1000;

/** Name those of some files that are worth a compressed copy. */
export function worthCompressing(files: readonly { readonly name: string; readonly bytes: number }[]): string[] {
  return files.filter(({ name, bytes }) => TEXT.test(name) && bytes >= LEAST_BYTES).map(({ name }) => name);
}

export function compressed(): Plugin {
  return {
    name: "dothi-compressed",
    apply: "build",
    writeBundle({ dir }) {
      const folder = `${dir}/assets`;
      const files = readdirSync(folder).map((name) => ({ name, content: readFileSync(`${folder}/${name}`) }));
      const chosen = new Set(worthCompressing(files.map(({ name, content }) => ({ name, bytes: content.length }))));
      for (const { name, content } of files) {
        if (chosen.has(name)) writeFileSync(`${folder}/${name}.gz`, gzipSync(content, { level: 9 }));
      }
    },
  };
}
