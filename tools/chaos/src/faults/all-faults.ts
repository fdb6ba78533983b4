import type { FaultName } from "../arguments.ts";
import { clock } from "./clock.ts";
import { diskFull } from "./disk-full.ts";
import type { Fault } from "./fault.ts";
import { fsyncError } from "./fsync-error.ts";
import { kill } from "./kill.ts";
import { partition } from "./partition.ts";
import { pauseNode } from "./pause.ts";
import { powerCut } from "./power-cut.ts";
import { slow } from "./slow.ts";

export const ALL_FAULTS: Readonly<Record<FaultName, Fault>> = {
  kill,
  pause: pauseNode,
  partition,
  slow,
  clock,
  "fsync-error": fsyncError,
  "disk-full": diskFull,
  "power-cut": powerCut,
};
