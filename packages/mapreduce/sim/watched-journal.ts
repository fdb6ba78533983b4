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
  return {
    open: () => journal.open(),
    append: (record) => {
      const { kind } = JSON.parse(new TextDecoder().decode(record)) as TrackerInput;
      const what = COVERED[kind];
      if (what) cover(what);
      return journal.append(record);
    },
    close: () => journal.close(),
  };
}
