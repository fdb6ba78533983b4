import pc from "picocolors";
import type { JobResult } from "../executors/job-result.ts";
import { grouped, inBytes, inSeconds } from "./amounts.ts";

/** The largest partition has so many times the average: its reduce is what all wait for. */
const SKEWED = 2;

/** What a job did, for people. */
export function resultInWords(result: JobResult): string {
  const { times } = result;
  const counters = Object.entries(result.counters);
  return [
    `${pc.green("done")}: ${result.output}`,
    `  in     ${grouped(result.recordsIn)} records, ${inBytes(result.bytesIn)} in ${result.splits} splits`,
    `  out    ${grouped(result.recordsOut)} records, ${inBytes(result.bytesOut)}`,
    `  time   ${inSeconds(times.total)} (map ${inSeconds(times.map)}, reduce ${inSeconds(times.reduce)}), ${inBytes(result.bytesPerSecond)}/s`,
    `  memory ${inBytes(result.peakRssBytes)} at most, ${grouped(result.spills)} spills, ${inBytes(result.shuffledBytes)} from map to reduce`,
    ...counters.map(([name, count]) => `  ${name}: ${grouped(count)}`),
    ...warnings(result).map((warning) => `${pc.yellow("warning")}: ${warning}`),
  ].join("\n");
}

function warnings({ skew, partitions, badRecords, output, failedAttempts }: JobResult): string[] {
  const found: string[] = [];
  if (partitions > 1 && skew >= SKEWED) {
    found.push(
      `the largest of ${partitions} partitions has ${skew.toFixed(1)} times the average: ` +
        `some keys have most of the values; a combine, or another partition, spreads them`,
    );
  }
  if (badRecords > 0) {
    found.push(`${grouped(badRecords)} bad records are in ${output}/_bad-records.jsonl`);
  }
  if (failedAttempts > 0)
    found.push(`${failedAttempts} attempts of tasks failed and were repeated`);
  return found;
}
