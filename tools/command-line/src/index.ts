export { parsed } from "./parsed.ts";
export { runMain } from "./run-main.ts";
export { UsageError } from "./usage-error.ts";
