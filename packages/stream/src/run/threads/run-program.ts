import { MessageChannel, type MessagePort } from "node:worker_threads";
import { subtaskOfGroup } from "../../core/state/key-groups.ts";
import type { CheckpointLayer } from "../../core/state/layer.ts";
import { StreamError } from "../../stream-error.ts";
import type { SubtaskFactory } from "../attempt.ts";
import { PipelineRun } from "../pipeline-run.ts";
import { type CheckedRunOptions, checkRunOptions, type RunOptions } from "../run-options.ts";
import { loadProgram } from "./load-program.ts";
import { ThreadHandle } from "./thread-handle.ts";
import type { ThreadOptions } from "./thread-messages.ts";

export interface ProgramOptions extends Omit<RunOptions, "codec"> {
  /** Threads: each runs one subtask of every operator. At most `keyGroups`. @default 1 */
  readonly parallelism?: number;
  /** Given to the program in each thread: plain data. */
  readonly argument?: unknown;
  /** Records after which a batch goes to another thread. @default 512 */
  readonly batchRecords?: number;
  /** Batches of an edge on their way from one thread to another. @default 8 */
  readonly credits?: number;
}

/**
 * Runs the pipeline of a module on threads. Its default export is a `PipelineProgram`; records that are
 * exchanged between threads, and state, become bytes by its `codec` export, or by V8's. The program is
 * made here too: sinks recover in this thread, so what they keep must be reachable from any.
 *
 * A restart, and a next run, may have another `parallelism`: state moves by its key groups.
 *
 * @throws {StreamError} `invalid-option`, `worker-failed`; what fails later is in `done`
 */
export async function runProgram(
  url: URL | string,
  options: ProgramOptions = {},
): Promise<PipelineRun> {
  const { parallelism = 1, argument, batchRecords = 512, credits = 8, ...rest } = options;
  const program = String(url);
  const { pipeline, codec } = await loadProgram(program, argument);
  const checked = checkRunOptions({ ...rest, codec });
  const { keyGroups } = checked;
  checkWhole("parallelism", parallelism, keyGroups);
  checkWhole("batchRecords", batchRecords, Infinity);
  checkWhole("credits", credits, Infinity);
  const threadOptions = { ...threadOptionsOf(checked), batchRecords, credits };
  const make: SubtaskFactory = (restored, events) => {
    const peers = meshOf(parallelism);
    return peers.map((ports, subtask) => {
      const data = {
        program,
        argument,
        subtask,
        subtasks: parallelism,
        peers: [],
        restored: partOf(restored, keyGroups, subtask, parallelism),
        options: threadOptions,
      };
      return new ThreadHandle(data, ports, checked.clock, events(subtask));
    });
  };
  return new PipelineRun(pipeline.graph, checked, make);
}

function threadOptionsOf(
  options: CheckedRunOptions,
): Omit<ThreadOptions, "batchRecords" | "credits"> {
  const { keyGroups, sinkRecords, maxDriftMs, tickMs, isObserved, onError, allowDropped } = options;
  return { keyGroups, sinkRecords, maxDriftMs, tickMs, isObserved, onError, allowDropped };
}

/** A port from each subtask to each other one. */
function meshOf(subtasks: number): (MessagePort | null)[][] {
  const ports: (MessagePort | null)[][] = Array.from({ length: subtasks }, () =>
    Array.from({ length: subtasks }, () => null),
  );
  for (let one = 0; one < subtasks; one++) {
    for (let other = one + 1; other < subtasks; other++) {
      const { port1, port2 } = new MessageChannel();
      (ports[one] as (MessagePort | null)[])[other] = port1;
      (ports[other] as (MessagePort | null)[])[one] = port2;
    }
  }
  return ports;
}

/** So that a thread is not sent the state of others. */
function partOf(
  layers: readonly CheckpointLayer[],
  keyGroups: number,
  subtask: number,
  subtasks: number,
): readonly CheckpointLayer[] {
  return layers.map(({ id, operators }) => ({
    id,
    operators: new Map(
      [...operators].map(([operator, { groups, own }]) => {
        const isMine = ([group]: readonly [number, Uint8Array]): boolean =>
          subtaskOfGroup(group, keyGroups, subtasks) === subtask;
        return [operator, { groups: new Map([...groups].filter(isMine)), own }] as const;
      }),
    ),
  }));
}

function checkWhole(name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new StreamError("invalid-option", `${name} must be from 1 to ${most}, not ${value}`);
}
