import { createRequire, syncBuiltinESMExports } from "node:module";
import { SimulationError } from "../simulation-error.ts";

/** A way to the real world, and what to use in its place. */
interface Door {
  readonly holder: Record<string, unknown>;
  readonly name: string;
  readonly called: string;
  readonly instead: string;
}

const CLOCK = "use the Clock that the node was given";
const RANDOM = "use the Random that the node was given";
const FILES = "use the FileSystem that the node was given";
const NETWORK = "use the Transport that the node was given";

/** Whose own calls are let through: a test runner's console looks at the time, for one. */
const RUNNERS = /[/\\]node_modules[/\\](?:\.pnpm[/\\])?@?vitest/;

let insideOf = 0;
let users = 0;
let undo: readonly (() => void)[] | undefined;
let removal: NodeJS.Immediate | undefined;

/** Taken before the guard is in their place. */
const { setImmediate: afterTurn, clearImmediate: cancelAfterTurn } = globalThis;

/**
 * As long as code of a simulation runs, whatever reaches for the real world throws `real-world`: what
 * it gets from there would be another thing in the next run. Everything else in the process, and the
 * world itself between two events, is not concerned.
 */
export const guard = {
  /** Puts the guard in place; nothing throws before `enter`. Nests. */
  begin(): void {
    users++;
    if (removal) cancelAfterTurn(removal);
    removal = undefined;
    undo ??= install();
  },
  /** The guard goes with the next turn of the event loop: putting it in place takes milliseconds. */
  end(): void {
    users--;
    if (users > 0) return;
    removal = afterTurn(() => {
      for (const restore of undo?.toReversed() ?? []) restore();
      undo = undefined;
      removal = undefined;
      syncBuiltinESMExports();
    });
  },
  enter(): void {
    insideOf++;
  },
  leave(): void {
    insideOf = Math.max(0, insideOf - 1);
  },
};

function install(): readonly (() => void)[] {
  const restorers = [...doors().map(closed), closedDate()];
  syncBuiltinESMExports();
  return restorers;
}

function closed({ holder, name, called, instead }: Door): () => void {
  const descriptor = Object.getOwnPropertyDescriptor(holder, name);
  const original = holder[name] as ((...values: unknown[]) => unknown) | undefined;
  if (typeof original !== "function") return () => {};
  const guarded = function (this: unknown, ...values: unknown[]): unknown {
    if (insideOf > 0) refuse(called, instead, guarded);
    return Reflect.apply(original, this, values);
  };
  // `promisify(setTimeout)` and the like look for symbols on the function.
  Object.defineProperties(guarded, Object.getOwnPropertyDescriptors(original));
  Object.defineProperty(holder, name, { configurable: true, writable: true, value: guarded });
  return () => {
    if (descriptor) Object.defineProperty(holder, name, descriptor);
    else delete holder[name];
  };
}

/** `new Date()` reads the clock, `new Date(0)` does not. */
function closedDate(): () => void {
  const { Date: original } = globalThis;
  const guarded: DateConstructor = new Proxy(original, {
    construct(target, values, newTarget) {
      if (values.length === 0 && insideOf > 0) refuse("new Date()", CLOCK, guarded);
      return Reflect.construct(target, values, newTarget) as object;
    },
  });
  globalThis.Date = guarded;
  return () => {
    globalThis.Date = original;
  };
}

function refuse(called: string, instead: string, above: (...values: never[]) => unknown): void {
  const error = new SimulationError(
    "real-world",
    `${called} inside of a simulation: ${instead}. Its result would differ from run to run.`,
  );
  Error.captureStackTrace(error, above);
  const frames = error.stack?.split("\n    at ").slice(1) ?? [];
  // What Node does by itself, with nobody of the simulation above it, is not the program's doing.
  const caller = frames.find((frame) => !/^node:|\(node:/.test(frame));
  if (caller !== undefined && !RUNNERS.test(caller)) throw error;
}

function doors(): Door[] {
  const all: Door[] = [];
  const add = (holder: unknown, prefix: string, names: string, instead: string): void => {
    for (const name of names.split(" ")) {
      const called = `${prefix}${name}()`;
      all.push({ holder: holder as Record<string, unknown>, name, called, instead });
    }
  };
  const timers = "setTimeout setInterval setImmediate";
  add(globalThis, "", timers, CLOCK);
  add(globalThis, "", "fetch", NETWORK);
  add(Date, "Date.", "now", CLOCK);
  add(performance, "performance.", "now", CLOCK);
  add(AbortSignal, "AbortSignal.", "timeout", CLOCK);
  add(Math, "Math.", "random", RANDOM);
  const crypto = globalThis.crypto as unknown;
  add(crypto, "crypto.", "getRandomValues randomUUID", RANDOM);
  const load = createRequire(import.meta.url);
  const builtIn = (name: string): Record<string, unknown> => load(name) as Record<string, unknown>;
  add(builtIn("node:timers"), "timers.", timers, CLOCK);
  add(builtIn("node:timers/promises"), "timers.promises.", timers, CLOCK);
  add(builtIn("node:crypto"), "crypto.", "randomBytes randomInt randomUUID", RANDOM);
  add(prototypeOf(builtIn("node:net")["Socket"]), "net.Socket.", "connect", NETWORK);
  add(prototypeOf(builtIn("node:net")["Server"]), "net.Server.", "listen", NETWORK);
  add(prototypeOf(builtIn("node:dgram")["Socket"]), "dgram.Socket.", "bind send", NETWORK);
  const files = "open readFile writeFile appendFile mkdir readdir rename rm stat unlink fsync";
  add(builtIn("node:fs"), "fs.", files, FILES);
  add(builtIn("node:fs"), "fs.", files.replaceAll(/\w+/g, "$&Sync"), FILES);
  add(builtIn("node:fs/promises"), "fs.promises.", files, FILES);
  return all;
}

function prototypeOf(constructor: unknown): unknown {
  return (constructor as { readonly prototype: unknown }).prototype;
}
