import type { MutantsOfTarget } from "@quorate/sim";

const SRC = "packages/mapreduce/src";

const mutants: MutantsOfTarget = {
  target: "mapreduce",
  maxSeeds: 300,
  mutants: [
    {
      bug: "a dead worker's finished maps are not redone",
      file: `${SRC}/tracker/tracker.ts`,
      original: "if (!keepsOutput) this.#redoMaps(",
      planted: "if (keepsOutput) this.#redoMaps(",
    },
    {
      bug: "what a worker finished that was given up counts when it comes late",
      file: `${SRC}/tracker/tracker.ts`,
      original: "    if (!this.#ledger.end(worker, attempt)) {\n      if (!this.counts(",
      planted:
        '    if (!this.#ledger.end(worker, attempt) && this.#ledger.task(attempt)?.status === "completed") {\n      if (!this.counts(',
    },
    {
      bug: "a backup is committed after the attempt that it was a backup of",
      file: `${SRC}/tracker/tracker.ts`,
      original: "    for (const other of [...task.running]) this.#cancel(attempt, other);\n",
      planted: "",
    },
    {
      bug: "a commit that failed counts as made",
      file: `${SRC}/cluster/cluster-master.ts`,
      original: "      return this.#commitFailed(attempt, error);",
      planted: "      void error;",
    },
    {
      bug: "what could not be committed is left where an earlier master may yet commit it",
      file: `${SRC}/cluster/cluster-master.ts`,
      original: "      await this.#output.discard(attempt);",
      planted: "",
    },
    {
      bug: "what a map counted is counted again when it is redone",
      file: `${SRC}/tracker/tracker.ts`,
      original: "    task.result = { attempt: attempt.attempt, worker, report, tookMs };",
      planted:
        "    const counters = { ...report.counters };\n    for (const [name, by] of Object.entries(task.result?.report.counters ?? {})) counters[name]! += by;\n    task.result = { attempt: attempt.attempt, worker, report: { ...report, counters }, tookMs };",
    },
    {
      bug: "what a map counted is lost when it is being redone at the end",
      file: `${SRC}/tracker/totals.ts`,
      original: '(status !== "committing" && result ? [result] : [])',
      planted: '(status === "completed" && result ? [result] : [])',
    },
    {
      bug: "attempts are numbered anew after a restart of the master",
      file: `${SRC}/cluster/cluster-master.ts`,
      original: "    for (const { id } of this.state.workers) ",
      planted:
        "    for (const each of [...this.state.maps.tasks, ...this.state.reduces.tasks]) {\n      if (each.running.length === 0) each.nextAttempt = 0;\n    }\n    for (const { id } of this.state.workers) ",
    },
    {
      bug: "workers are told to start what is not in the journal yet",
      file: `${SRC}/cluster/cluster-master.ts`,
      original:
        "    const work = workFor(sync, this.#tracker, this.#plan);\n    await this.#written;",
      planted: "    const work = workFor(sync, this.#tracker, this.#plan);",
    },
    {
      bug: "a commit is made before the journal knows of it",
      file: `${SRC}/cluster/cluster-master.ts`,
      original: "    this.#written.then(\n      () => {",
      planted:
        '    this.#written.catch((error: unknown) => this.#break("no journal", error));\n    Promise.resolve().then(\n      () => {',
    },
    {
      bug: "a master that was replaced goes on",
      file: `${SRC}/cluster/journal-machine.ts`,
      original: "if (command.epoch !== kept.epoch)",
      planted: "if (command.epoch > kept.epoch)",
    },
    {
      bug: "the output of another attempt of the map is served",
      file: `${SRC}/cluster/map-outputs.ts`,
      original: "    const held = this.#held.get(attemptName(attempt));",
      planted:
        "    const held = [...this.#held.values()].find((each) => each.attempt.task === attempt.task);",
    },
    {
      bug: "a reduce begins while a map is being redone",
      file: `${SRC}/tracker/tracker.ts`,
      original: "    if (completed < tasks.length) return undefined;\n    return tasks.map((",
      planted:
        '    if (completed < 0) return undefined;\n    return tasks.slice(0, tasks.findIndex((each) => each.status !== "completed") >>> 0).map((',
    },
    {
      bug: "segments that come over the network are not checked",
      file: `${SRC}/cluster/fetch-segments.ts`,
      original: "if (sum !== expected) throw",
      planted: "if (sum !== sum) throw",
    },
    {
      bug: "a worker's own segments are not checked",
      file: `${SRC}/cluster/fetch-segments.ts`,
      original: "    return segmentSum(disk, segment) === segment.crc32;",
      planted: "    return segmentSum(disk, segment) >= 0;",
    },
    {
      bug: "output that cannot be fetched is asked for again and again",
      file: `${SRC}/tracker/tracker.ts`,
      original: "if (++task.fetchFailures < this.#settings.maxFetchFailures) continue;",
      planted: "if (task.fetchFailures < this.#settings.maxFetchFailures) continue;",
    },
    {
      bug: "a restarted master does not ask again for the commits that it asked for",
      file: `${SRC}/tracker/tracker.ts`,
      original: '        if (status !== "committing") continue;\n        const { worker, attempt }',
      planted: '        if (status === "committing") continue;\n        const { worker, attempt }',
    },
    {
      bug: "a worker tells once that an attempt has ended, whether or not it is heard",
      file: `${SRC}/cluster/worker.ts`,
      original: "run.hasProgressed = true; // it was not told\n",
      planted: "run.hasProgressed = true; // it was not told\n      this.#ended = [];\n",
    },
    {
      bug: "a task that fails is tried without end",
      file: `${SRC}/tracker/tracker.ts`,
      original: "if (++task.failures < this.#settings.maxAttempts ||",
      planted: "if (++task.failures > 0 ||",
    },
    {
      bug: "what a dead worker ran is left running",
      file: `${SRC}/tracker/tracker.ts`,
      original:
        "        this.#ledger.idleIfNowhere({ kind, task: number });\n      }\n    }\n    if (!keepsOutput)",
      planted: "      }\n    }\n    if (!keepsOutput)",
    },
  ],
};

export default mutants;
