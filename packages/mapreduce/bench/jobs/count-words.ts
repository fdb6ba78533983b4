import { textLines } from "../../src/input/text-lines.ts";
import { wordCount } from "../../src/jobs/index.ts";

export default wordCount({ input: textLines("given by the benchmark") });
