import { integerBetween, pick, type Random } from "@quorate/runtime";
import {
  flexibleQuorums,
  gridQuorums,
  majorityQuorums,
  PaxosError,
  type QuorumSystem,
  weightedQuorums,
} from "../src/index.ts";

type IsQuorum = (members: ReadonlySet<string>) => boolean;

/** A quorum system, and the same in plain words, for an oracle that shares no code with it. */
export interface DrawnQuorums {
  readonly kind: string;
  readonly quorums: QuorumSystem;
  readonly isPhase1Quorum: IsQuorum;
  readonly isPhase2Quorum: IsQuorum;
}

/** Any kind of quorum system, mostly the majority of three or five. */
export function drawQuorums(random: Random): DrawnQuorums {
  const chance = random.next();
  if (chance < 0.15) return drawWeighted(random);
  if (chance < 0.3) return drawGrid(random);
  const nodes = names(pick(random, [1, 2, 3, 3, 4, 5, 5, 5]));
  if (chance < 0.6) return drawFlexible(random, nodes);
  const isQuorum: IsQuorum = ({ size }) => 2 * size > nodes.length;
  const quorums = majorityQuorums(nodes);
  return { kind: "majority", quorums, isPhase1Quorum: isQuorum, isPhase2Quorum: isQuorum };
}

/** Also sizes that must be refused: then they are made as large as they need to be. */
function drawFlexible(random: Random, nodes: readonly string[]): DrawnQuorums {
  const phase2 = integerBetween(random, 1, nodes.length);
  const needed = nodes.length + 1 - phase2;
  for (let phase1 = Math.max(1, needed - 1); ; phase1++) {
    try {
      return {
        kind: "flexible",
        quorums: flexibleQuorums(nodes, { phase1, phase2 }),
        isPhase1Quorum: ({ size }) => size >= phase1,
        isPhase2Quorum: ({ size }) => size >= phase2,
      };
    } catch (error) {
      if (!(error instanceof PaxosError) || phase1 >= needed) throw error;
    }
  }
}

function drawWeighted(random: Random): DrawnQuorums {
  const weights: Record<string, number> = { n1: 1 };
  for (const node of names(5).slice(1)) weights[node] = integerBetween(random, 0, 3);
  const weigh = (nodes: Iterable<string>): number =>
    [...nodes].reduce((sum, node) => sum + weights[node]!, 0);
  const isQuorum: IsQuorum = (members) => 2 * weigh(members) > weigh(Object.keys(weights));
  const quorums = weightedQuorums(weights);
  return { kind: "weighted", quorums, isPhase1Quorum: isQuorum, isPhase2Quorum: isQuorum };
}

function drawGrid(random: Random): DrawnQuorums {
  const [height, width] = pick(random, [
    [1, 3],
    [2, 2],
    [2, 3],
    [3, 2],
  ] as const);
  const nodes = names(height * width);
  const rows = Array.from({ length: height }, (_, row) =>
    nodes.slice(row * width, (row + 1) * width),
  );
  const columns = rows[0]!.map((_, column) => rows.map((row) => row[column]!));
  return {
    kind: "grid",
    quorums: gridQuorums(rows),
    isPhase1Quorum: (members) => rows.some((row) => row.every((node) => members.has(node))),
    isPhase2Quorum: (members) =>
      columns.some((column) => column.every((node) => members.has(node))),
  };
}

function names(size: number): string[] {
  return Array.from({ length: size }, (_, at) => `n${at + 1}`);
}
