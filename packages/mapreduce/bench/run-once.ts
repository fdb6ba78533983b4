import { runJob } from "../src/executors/run-job.ts";

/** One run of a job in a process of its own, so that its memory is its own: prints its result. */
const [module, input, output, options] = process.argv.slice(2);
const result = await runJob(new URL(module!, import.meta.url), {
  input: input!,
  output: output!,
  overwrite: true,
  ...(JSON.parse(options ?? "{}") as object),
});
console.log(JSON.stringify(result));
