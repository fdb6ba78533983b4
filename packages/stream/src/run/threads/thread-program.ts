import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { WorkerOptions } from "node:worker_threads";

/** What a thread runs: the built `thread-main`. */
export function threadProgram(): {
  readonly program: URL | string;
  readonly options: WorkerOptions;
} {
  const { url } = import.meta;
  return url.endsWith(".ts")
    ? fromSource(url)
    : { program: new URL("./run/threads/thread-main.js", url), options: {} };
}

/** In this repository, whose tests run from source: Node 20 cannot load a thread's `.ts` by itself. */
function fromSource(url: string): ReturnType<typeof threadProgram> {
  // Its sub-path is for `import` alone, which here would look from the working folder.
  const core = createRequire(url).resolve("@oxc-node/core");
  const loader = new URL("register.mjs", pathToFileURL(core)).href;
  const program = new URL("./thread-main.ts", url).href;
  return {
    program: `import(${JSON.stringify(loader)}).then(() => import(${JSON.stringify(program)}));`,
    options: { eval: true, execArgv: ["--conditions=@quorate/source"] },
  };
}
