import type { MutantsOfTarget } from "@quorate/sim";

const SRC = "packages/stream/src";

const mutants: MutantsOfTarget = {
  target: "stream",
  maxSeeds: 300,
  mutants: [
    {
      bug: "a barrier is handed on before all inputs have had it",
      file: `${SRC}/core/inputs.ts`,
      original: "    if (this.#waiting > 0) return;\n",
      planted: "    if (this.#waiting !== this.#ports.length - 1) return;\n",
    },
    {
      bug: "a port is read on behind its barrier",
      file: `${SRC}/core/inputs.ts`,
      original: "    this.block(true);\n",
      planted: "",
    },
    {
      bug: "a barrier that is asked for again is sent again",
      file: `${SRC}/run/subtask.ts`,
      original: "    if (id <= this.#lastBarrier) return;\n",
      planted: "",
    },
    {
      bug: "what could not be stored is lost to the next checkpoint",
      file: `${SRC}/run/checkpointing.ts`,
      original: "      this.#failedInARow++;\n",
      planted: "      this.#failedInARow++;\n      this.#unkept = [];\n",
    },
    {
      bug: "transactions of a checkpoint that could not be stored are forgotten",
      file: `${SRC}/run/checkpointing.ts`,
      original: "      this.#failedInARow++;\n",
      planted: "      this.#failedInARow++;\n      this.#unkeptTransactions = new Map();\n",
    },
    {
      bug: "an attempt that ends does not wait for what it stores",
      file: `${SRC}/run/checkpointing.ts`,
      original: "    await Promise.race([this.#stored, stuck]);\n",
      planted: "",
    },
    {
      bug: "commits are made before the checkpoint is kept",
      file: `${SRC}/run/checkpointing.ts`,
      original: "    const storing = this.#store(",
      planted:
        "    await Promise.all(this.#subtasks.map((subtask) => subtask.commit(id)));\n    const storing = this.#store(",
    },
    {
      bug: "a restart commits nothing: what the checkpoint promised is dropped",
      file: `${SRC}/run/attempt.ts`,
      original: "this.#from?.transactions.get(id) ?? [];",
      planted: "[] as unknown[];",
    },
    {
      bug: "timers are not restored",
      file: `${SRC}/core/state/keyed-layers.ts`,
      original: "  for (const [row, timer] of kept) timers.adopt(row, timer);\n",
      planted: "",
    },
    {
      bug: "timers of one time are restored in the order of their keys",
      file: `${SRC}/core/state/keyed-layers.ts`,
      original: "  kept.sort(([, one], [, other]) => one.sequence - other.sequence);\n",
      planted: "",
    },
    {
      bug: "a key that was dropped is there again after a restore",
      file: `${SRC}/core/state/layer-encoding.ts`,
      original: "    yield* this.#encodeDrops();\n",
      planted: "",
    },
    {
      bug: "the watermark of a keyed operator is not restored",
      file: `${SRC}/core/state/keyed-layers.ts`,
      original: "  return watermarkMs;\n",
      planted: "  return -Infinity;\n",
    },
    {
      bug: "a row that changes again after a checkpoint is in no layer",
      file: `${SRC}/core/state/frozen-rows.ts`,
      original: "    row.changedAt = -1;\n    row.isKept = true;\n",
      planted: "    row.isKept = true;\n",
    },
    {
      bug: "a barrier is sent in the middle of a batch: part of it is read again",
      file: `${SRC}/run/subtask.ts`,
      original: "barrier.isSent || !this.job.isBetweenBatches) return false;",
      planted: "barrier.isSent) return false;",
    },
    {
      bug: "a restored split that no batch came of yet is forgotten",
      file: `${SRC}/core/source-splits.ts`,
      original: "    if (this.#handsOn) {\n",
      planted: "    if (!this.#handsOn) {\n",
    },
    {
      bug: "key groups are read by nobody when the number of subtasks changes",
      file: `${SRC}/core/state/restored-layers.ts`,
      original: "    subtaskOfGroup(group, keyGroups, subtasks) === subtask;",
      planted: "    group % subtasks === subtask;",
    },
    {
      bug: "calls under way are in no checkpoint",
      file: `${SRC}/async/async-map.ts`,
      original:
        "      else entries.push({ value: entry.value, timestampMs: entry.timestampMs });\n",
      planted: "",
    },
    {
      bug: "credits are not given back",
      file: `${SRC}/core/exchange/exchange-gate.ts`,
      original: "    this.#current = undefined;\n    this.#onHandedOn(writer);\n",
      planted: "    this.#current = undefined;\n",
    },
    {
      bug: "credits are given back twice",
      file: `${SRC}/core/exchange/exchange-gate.ts`,
      original: "    this.#current = undefined;\n    this.#onHandedOn(writer);\n",
      planted:
        "    this.#current = undefined;\n    this.#onHandedOn(writer);\n    this.#onHandedOn(writer);\n",
    },
    {
      bug: "a sink's buffer holds nothing",
      file: `${SRC}/core/sink-buffer.ts`,
      original: ">= this.#maxRecords) this.#brake.set(true);",
      planted: ">= this.#maxRecords) this.#brake.set(false);",
    },
    {
      bug: "a window emits again when all event time has come a second time",
      file: `${SRC}/core/windows/window-operator.ts`,
      original: "timeMs === this.#forgottenAtMs(pane)) this.#drop(pane);",
      planted: "timeMs === this.#forgottenAtMs(pane)) return;",
    },
    {
      bug: "late records are counted in",
      file: `${SRC}/core/windows/window-operator.ts`,
      original: "this.#forgottenAtMs(window) <= this.watermarkMs;",
      planted: "this.#forgottenAtMs(window) <= this.watermarkMs - 50;",
    },
    {
      bug: "a state is never forgotten",
      file: `${SRC}/core/state/time-to-live.ts`,
      original: "    if (expiresAtMs <= this.#host.nowMs(domain)) this.#empty();\n",
      planted: "    if (expiresAtMs <= this.#host.nowMs(domain)) return true;\n",
    },
    {
      bug: "inputs that end say that all event time has come, while others are idle",
      file: `${SRC}/core/inputs.ts`,
      original: "      isComplete = false;\n      if (port.isIdle)",
      planted: "      isComplete &&= port.isIdle;\n      if (port.isIdle)",
    },
    {
      bug: "the end of all event time is not told again after a restore",
      file: `${SRC}/core/inputs.ts`,
      original: "    if (watermarkMs < Infinity) this.#watermarkMs = watermarkMs;\n",
      planted: "    this.#watermarkMs = watermarkMs;\n",
      firstSeed: 690,
    },
    {
      bug: "a checkpoint's name may be lost: the folder is not synced",
      file: `${SRC}/checkpoint/file-checkpoints.ts`,
      original: "    await fileSystem.syncDirectory(dir);\n    this.#manifest = manifest;\n",
      planted: "    this.#manifest = manifest;\n",
    },
    {
      bug: "older checkpoints are removed before the newest is durable",
      file: `${SRC}/checkpoint/file-checkpoints.ts`,
      original: "        await this.#options.fileSystem.syncDirectory(this.#options.dir);\n",
      planted: "",
      firstSeed: 700,
    },
    {
      bug: "a checkpoint's bytes may be lost: files are not synced",
      file: `${SRC}/checkpoint/durable-files.ts`,
      original: "    await file.sync();\n",
      planted: "",
    },
  ],
};

export default mutants;
