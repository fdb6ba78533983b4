import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Where `fetch` beside this file puts what tests compare with. */
const cache =
  process.env["QUORATE_CACHE"] ??
  join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "quorate");

/** Why something is left out: a part of the test's title, empty when nothing is missing. */
type Missing = string;

const hadoopFolder = join(cache, "hadoop-3.4.2");
const JARS = 6;

/** What Java runs Hadoop with, in one process and on this machine's files. */
export const hadoop: { readonly missing: Missing; readonly options: readonly string[] } = {
  missing: hadoopMissing(),
  options: [
    "-Xmx512m",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "-cp",
    join(hadoopFolder, "*"),
  ],
};

const biblePath = join(cache, "bible", "text");

/** The King James Bible as text, a verse a line. */
export const bible: { readonly missing: Missing; readonly path: string } = {
  path: biblePath,
  missing: existsSync(biblePath) ? "" : leftOut("the Bible's text is not there"),
};

function hadoopMissing(): Missing {
  const jars = existsSync(hadoopFolder)
    ? readdirSync(hadoopFolder).filter((name) => name.endsWith(".jar"))
    : [];
  if (jars.length < JARS) return leftOut("Hadoop's jars are not there");
  try {
    execFileSync("java", ["-version"], { stdio: "ignore" });
    return "";
  } catch {
    return " (left out: there is no java; apt-get install openjdk-17-jre-headless)";
  }
}

function leftOut(reason: string): Missing {
  return ` (left out: ${reason}; run packages/mapreduce/test/peers/fetch)`;
}
