import { anchorLocator } from "./anchor.ts";
import type { SavedBuckets } from "./bucket-history.ts";
import { ConsistentHashingError } from "./consistent-hashing-error.ts";
import type { JumpRounding } from "./core/jump.ts";
import type { KetamaClient } from "./core/ketama.ts";
import { createEnvoyMaglev, createEnvoyRing } from "./envoy.ts";
import { jumpLocator } from "./jump.ts";
import type { HashName } from "./key-hash.ts";
import { createKetama } from "./ketama.ts";
import type { Locator } from "./locator.ts";
import { createMaglev } from "./maglev.ts";
import { mementoLocator } from "./memento.ts";
import { createMultiProbe } from "./multi-probe.ts";
import type { NodeSpec } from "./node.ts";
import { createRendezvous } from "./rendezvous.ts";
import { createRing } from "./ring.ts";
import { type LocatorState, STATE_VERSION } from "./state.ts";

/**
 * The set of nodes of which `toJSON` gave this state: each lookup has the same answer, and each
 * later change the same effect. Pulls in every algorithm.
 *
 * @throws {ConsistentHashingError} `invalid-state`; with `cause` where a part of it is not valid
 */
export function fromJSON(state: LocatorState): Locator {
  checkEnvelope(state);
  try {
    return restored(state);
  } catch (error) {
    if (!(error instanceof ConsistentHashingError) || error.code === "invalid-state") throw error;
    throw new ConsistentHashingError("invalid-state", `not a valid state: ${error.message}`, {
      cause: error,
    });
  }
}

function checkEnvelope(state: LocatorState): void {
  const isState = typeof state === "object" && state?.format === "quorate-consistent-hashing";
  const hasParts = isState && Array.isArray(state.nodes) && typeof state.options === "object";
  if (!hasParts || state.options === null) {
    throw new ConsistentHashingError("invalid-state", "not a state of a set of nodes");
  }
  if (state.version !== STATE_VERSION) {
    throw new ConsistentHashingError(
      "invalid-state",
      `the state has version ${String(state.version)}; this package knows ${STATE_VERSION}`,
    );
  }
}

function restored(state: LocatorState): Locator {
  const { algorithm, nodes, seed, options } = state;
  const common = { nodes: nodes as readonly NodeSpec[], hash: state.hash as HashName, seed };
  const whole = (name: string): number => options[name] as number;
  switch (algorithm) {
    case "ring":
      return createRing({ ...common, pointsPerWeight: whole("pointsPerWeight") });
    case "rendezvous":
      return createRendezvous(common);
    case "jump": {
      const rounding = options["rounding"] as JumpRounding;
      return jumpLocator({ ...common, rounding }, savedBuckets(state));
    }
    case "maglev":
      return createMaglev({ ...common, tableSize: whole("tableSize") });
    case "multi-probe":
      return createMultiProbe({ ...common, probes: whole("probes") });
    case "anchor":
      return anchorLocator({ ...common, capacity: whole("capacity") }, savedBuckets(state));
    case "memento":
      return mementoLocator(common, savedBuckets(state));
    case "ketama":
      return createKetama({ nodes, client: options["client"] as KetamaClient });
    case "envoy-ring":
      return createEnvoyRing({
        nodes,
        minimumRingSize: whole("minimumRingSize"),
        maximumRingSize: whole("maximumRingSize"),
      });
    case "envoy-maglev":
      return createEnvoyMaglev({ nodes, tableSize: whole("tableSize") });
    default:
      throw new ConsistentHashingError(
        "invalid-state",
        `there is no algorithm named ${String(algorithm satisfies never)}`,
      );
  }
}

function savedBuckets({ buckets = [], removed = [] }: LocatorState): SavedBuckets {
  return { buckets, removed };
}
