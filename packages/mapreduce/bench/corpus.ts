import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "@quorate/runtime";

const FOLDER = join(tmpdir(), "quorate-mapreduce-bench");
const CHUNK_BYTES = 4 * 2 ** 20;
const WORDS = 300_000;
const WORDS_PER_LINE = 12;

/**
 * Text whose words follow Zipf's law, as a language's do: the word of rank r comes 1/r as often as
 * the first. Made once; the same bytes for the same size on every machine.
 */
export function zipfText(megabytes: number): string {
  return cached(`zipf-${megabytes}mb.txt`, (write) => {
    const random = seededRandom("zipf").fork("text");
    const words = vocabulary();
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES + 1_024);
    let [filled, written, onLine] = [0, 0, 0];
    while (written + filled < megabytes * 1e6) {
      // The inverse of the distribution's integral, which is a logarithm.
      const rank = Math.floor(Math.exp(random.next() * Math.log(WORDS))) - 1;
      filled += chunk.write(words[rank]!, filled, "latin1");
      onLine = (onLine + 1) % WORDS_PER_LINE;
      chunk[filled++] = onLine === 0 ? 0x0a : 0x20;
      if (filled < CHUNK_BYTES) continue;
      write(chunk.subarray(0, filled));
      written += filled;
      filled = 0;
    }
    chunk[filled - 1] = 0x0a;
    write(chunk.subarray(0, filled));
  });
}

/** Records of 100 bytes with a newline, of printable characters; the first ten are the key. */
export function randomRecords(count: number): string {
  return cached(`records-${count}.txt`, (write) => {
    const random = seededRandom("records");
    const chunk = Buffer.allocUnsafe(100 * 10_000);
    for (let record = 0; record < count; record += 10_000) {
      for (let at = 0; at < chunk.length; at++) {
        chunk[at] = at % 100 === 99 ? 0x0a : 0x21 + Math.floor(94 * random.next());
      }
      write(chunk.subarray(0, 100 * Math.min(10_000, count - record)));
    }
  });
}

function cached(name: string, make: (write: (bytes: Uint8Array) => void) => void): string {
  const path = join(FOLDER, name);
  if (existsSync(path)) return path;
  mkdirSync(FOLDER, { recursive: true });
  const file = openSync(`${path}.${process.pid}`, "w");
  make((bytes) => writeSync(file, bytes));
  closeSync(file);
  renameSync(`${path}.${process.pid}`, path);
  return path;
}

/** The more frequent, the shorter: 2 letters and up. */
function vocabulary(): string[] {
  const random = seededRandom("zipf").fork("words");
  const words = new Set<string>();
  while (words.size < WORDS) {
    const length = 2 + Math.floor(Math.log2(2 + words.size) / 2 + 3 * random.next());
    let word = "";
    while (word.length < length) word += String.fromCharCode(97 + Math.floor(26 * random.next()));
    words.add(word);
  }
  return [...words];
}
