import { type FileSystem, systemFileSystem } from "@quorate/runtime";
import type { CheckpointLayer, StateCodec } from "../core/state/layer.ts";
import { StreamError } from "../stream-error.ts";
import { v8Codec } from "../v8-codec.ts";
import { readWhole, writeWhole } from "./durable-files.ts";
import { decodeLayer, encodeLayer } from "./layer-file.ts";
import { mergeInTurns } from "./merge-in-turns.ts";
import type { Savepoint } from "./savepoint.ts";

export interface SavepointFolderOptions {
  /** The run's, if it has one of its own. @default V8's structured clone */
  readonly codec?: StateCodec;
  /** @default the system's */
  readonly fileSystem?: FileSystem;
}

/** A savepoint in a folder that holds all of it. */
export interface SavepointFolder extends Savepoint {
  /** Puts the state of these layers there, instead of what was. Durable when it resolves. */
  write(layers: readonly CheckpointLayer[]): Promise<void>;
}

const NAME = "savepoint";

/** A folder that a savepoint is written to, or read from. */
export function savepointFolder(
  dir: string,
  { codec = v8Codec, fileSystem = systemFileSystem }: SavepointFolderOptions = {},
): SavepointFolder {
  const path = `${dir}/${NAME}`;
  return {
    async write(layers) {
      await fileSystem.makeDirectory(dir);
      const merged = await mergeInTurns(layers, true, codec);
      await writeWhole(fileSystem, path, encodeLayer(merged));
      await fileSystem.syncDirectory(dir);
    },
    async read() {
      const bytes = await readWhole(fileSystem, path);
      const layer = bytes && decodeLayer(bytes);
      if (layer) return [layer];
      const what = bytes ? "is damaged" : "is not there";
      throw new StreamError("damaged-checkpoint", `the savepoint ${path} ${what}`);
    },
  };
}
