/** Builds the staff console: `console/index.html` with hashed assets, served under `/console/`. */
import { resolve } from "node:path";
import { defineConfig } from "vite";
import { output, sources } from "./output.ts";

export default defineConfig({
  root: resolve(sources, "console"),
  base: "/console/",
  publicDir: false,
  oxc: { jsx: { importSource: "preact" } },
  build: {
    outDir: resolve(output, "console"),
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
  },
});
