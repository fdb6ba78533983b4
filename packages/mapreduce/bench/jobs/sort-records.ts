import { textLines } from "../../src/input/text-lines.ts";
import { sortRecords } from "../../src/jobs/index.ts";

export default sortRecords({ input: textLines("given by the benchmark") });
