/** Builds `widget.js`: one self-contained file that any page can load by a script element. */
import { resolve } from "node:path";
import { defineConfig } from "vite";
import { output, sources } from "./output.ts";

export default defineConfig({
  root: resolve(sources, "widget"),
  publicDir: false,
  oxc: { jsx: { importSource: "preact" } },
  define: { "process.env.NODE_ENV": JSON.stringify("production") },
  build: {
    outDir: output,
    emptyOutDir: false, // the console's build shares the folder
    target: "es2022",
    lib: {
      entry: resolve(sources, "widget/main.tsx"),
      formats: ["iife"],
      name: "handrailWidget",
      fileName: () => "widget.js",
    },
  },
});
