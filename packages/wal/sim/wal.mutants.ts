import type { MutantsOfTarget } from "@quorate/sim";

const SRC = "packages/wal/src";

const mutants: MutantsOfTarget = {
  target: "wal",
  maxSeeds: 5_000,
  mutants: [
    {
      bug: "fsync skipped: a batch is acknowledged when the system has it",
      file: `${SRC}/log-writer.ts`,
      original: "await this.#file.writeDurably(bytes, this.#position);",
      planted: "await this.#file.write(bytes, this.#position);",
    },
    {
      bug: "a batch is acknowledged while it is being written",
      file: `${SRC}/segmented-wal.ts`,
      original: "await this.#writer.write(batch);",
      planted: "void this.#writer.write(batch).catch((error) => this.#fail(error));",
    },
    {
      bug: "a failed write is acknowledged",
      file: `${SRC}/segmented-wal.ts`,
      original: `      this.#progress = "idle";
    } catch (error) {
      this.#fail(error);
    }`,
      planted: `      this.#progress = "idle";
    } catch (error) {
      for (const waiter of this.#queue.completed()) waiter.resolve(waiter.index);
      this.#progress = "idle";
    }`,
    },
    {
      bug: "the directory is not synced: a new segment's name may be lost",
      file: `${SRC}/segment-file.ts`,
      original: "  await fileSystem.syncDirectory(directory);\n  return fileSystem.open(path);",
      planted: "  return fileSystem.open(path);",
    },
    {
      bug: "a new segment's header is not synced before it gets its name",
      file: `${SRC}/segment-file.ts`,
      original: "    await file.sync();\n  } finally {",
      planted: "  } finally {",
    },
    {
      bug: "torn tail accepted: the checksums of records are not compared",
      file: `${SRC}/record.ts`,
      original: "    if (crc !== view.getUint32(at, true)) return { bounds, badAt: at };\n",
      planted: "    crc = view.getUint32(at, true);\n",
    },
    {
      bug: "the chain is not checked: a segment may follow any end of the one before",
      file: `${SRC}/chain.ts`,
      original: "    return continues;",
      planted: "    return true;",
      firstSeed: 367,
    },
    {
      bug: "damage to durable batches is taken for a torn tail, and cut away",
      file: `${SRC}/torn-tail.ts`,
      original: "if (header && header.number > batchNumber)",
      planted: "if (header && header.number > Infinity)",
    },
    {
      bug: "recovery trusts a batch that a failed sync left in the system's memory",
      file: `${SRC}/recovery.ts`,
      original: "    if (found) await rewriteLastBatch(found);\n",
      planted: "",
      firstSeed: 296,
    },
    {
      bug: "the last batch is not sealed on close: damage to it is taken for a torn write",
      file: `${SRC}/segmented-wal.ts`,
      original: "if (!this.#failure) await this.#writer.seal();",
      planted: "",
    },
    {
      bug: "segments are removed though records in them are kept",
      file: `${SRC}/log-writer.ts`,
      original: "const oldest = this.#chain.layout.oldestSegment ?? current;",
      planted: "const oldest = current;",
    },
    {
      bug: "truncated records are read again",
      file: `${SRC}/log-layout.ts`,
      original: "if (last) last.lastIndex = Math.min(last.lastIndex, fromIndex - 1);",
      planted: "",
    },
    {
      bug: "a segment that a crash brought back is taken for a part of the log",
      file: `${SRC}/recovery.ts`,
      original: "return numbers.slice(Math.max(0, gap));",
      planted: "return numbers;",
      firstSeed: 3142,
    },
  ],
};

export default mutants;
