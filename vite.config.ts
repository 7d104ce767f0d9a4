import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { compressed } from "./frontend/build/compressed.ts";
import { figures } from "./frontend/build/figures.ts";
import { icons } from "./frontend/build/icons.ts";
import { onlyUsed } from "./frontend/build/used.ts";

const root = fileURLToPath(new URL(".", import.meta.url));

export default defineConfig({
  root,
  // Relative addresses: the built files work under whatever path they are served.
  base: "./",
  publicDir: false,
  resolve: { alias: { "@dothi": `${root}frontend/src` } },
  css: { postcss: { plugins: [onlyUsed(root)] } },
  plugins: [figures(root), icons(root), compressed()],
  worker: { format: "es" },
  build: {
    outDir: "src/dothi/web/static/build",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    assetsInlineLimit: 0,
    // The map library alone is larger than the default limit; it is loaded only where there is a map.
    chunkSizeWarningLimit: 1200,
    rollupOptions: { input: "frontend/src/main.ts" },
  },
  test: {
    environment: "happy-dom",
    include: ["frontend/**/*.test.ts", "src/dothi/{core,domains}/*/frontend/**/*.test.ts"],
  },
});
