import type { JobJournal } from "../src/cluster/index.ts";
import type { TrackerInput } from "../src/tracker/index.ts";
import type { MapReduceCoverage } from "./mapreduce-coverage.ts";

const COVERED: Partial<Record<TrackerInput["kind"], MapReduceCoverage>> = {
  "worker-joined": "workers joined",
  "worker-lost": "workers lost",
  "attempt-failed": "attempts failed",
  "fetch-failed": "fetches failed",
  "back-up": "backups",
  restarted: "masters started again",
};

/** Counts what goes into a journal. */
export function watched(journal: JobJournal, cover: (what: MapReduceCoverage) => void): JobJournal {
  const lost = new Set<string>();
  let cameBack: string | undefined;
  return {
    open: () => journal.open(),
    append: (record) => {
      const input = JSON.parse(new TextDecoder().decode(record)) as TrackerInput;
      const { kind } = input;
      const what = COVERED[kind];
      if (what) cover(what);
      if (kind === "worker-lost") lost.add(input.worker);
      if (kind === "attempt-finished" && input.worker === cameBack) {
        cover("attempts that ended after their worker was given up");
      }
      cameBack = kind === "worker-joined" && lost.has(input.worker) ? input.worker : undefined;
      return journal.append(record);
    },
    close: () => journal.close(),
  };
}
