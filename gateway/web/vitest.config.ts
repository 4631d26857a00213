/** Runs the unit tests that stand beside the modules they test. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["{shared,widget,console}/**/*.test.ts"], environment: "node" },
});
