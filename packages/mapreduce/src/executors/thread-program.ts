import { createRequire } from "node:module";
import type { WorkerOptions } from "node:worker_threads";

/** What a thread runs: the built `thread-main`. */
export function threadProgram(): {
  readonly program: URL | string;
  readonly options: WorkerOptions;
} {
  const { url } = import.meta;
  return url.endsWith(".ts")
    ? fromSource(url)
    : { program: new URL("./executors/thread-main.js", url), options: {} };
}

/** In this repository, whose tests run from source: Node 20 cannot load a thread's `.ts` by itself. */
function fromSource(url: string): ReturnType<typeof threadProgram> {
  // What `require` finds is the CommonJS build, which cannot register from there.
  const loader = createRequire(url).resolve("tsx/esm/api").replace(/cjs$/, "mjs");
  const program = new URL("./thread-main.ts", url).href;
  return {
    program: `import(${JSON.stringify(loader)}).then(({ register }) => {
      register();
      return import(${JSON.stringify(program)});
    });`,
    options: { eval: true, execArgv: ["--conditions=@quorate/source"] },
  };
}
