import type { FaultName } from "../arguments.ts";
import type { Fault } from "./fault.ts";
import { fsyncError } from "./fsync-error.ts";
import { kill } from "./kill.ts";
import { notBuilt } from "./not-built.ts";
import { partition } from "./partition.ts";
import { pauseNode } from "./pause.ts";
import { slow } from "./slow.ts";

export const ALL_FAULTS: Readonly<Record<FaultName, Fault>> = {
  kill,
  pause: pauseNode,
  partition,
  slow,
  clock: notBuilt("libfaketime"),
  "fsync-error": fsyncError,
  "disk-full": notBuilt("a small tmpfs"),
  "power-cut": notBuilt("a copied loop image"),
};
