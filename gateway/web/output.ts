/** Where a build goes: the folder named by HANDRAIL_WEB_OUT, else the gateway's own `static`. */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));

/** The source folder that holds `widget`, `console` and `shared`. */
export const sources = here;

/** The absolute output folder; a relative HANDRAIL_WEB_OUT counts from the sources. */
export const output = resolve(here, process.env["HANDRAIL_WEB_OUT"] ?? "../static");
