import { type FileSystem, systemFileSystem } from "@quorate/runtime";
import type { CheckpointLayer, StateCodec } from "../core/state/layer.ts";
import { StreamError } from "../stream-error.ts";
import { v8Codec } from "../v8-codec.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { CheckpointStore, NewCheckpoint, SavedCheckpoint } from "./checkpoint-store.ts";
import { readWhole, removeIfThere, UNFINISHED, writeWhole } from "./durable-files.ts";
import { decodeLayer, encodeLayer } from "./layer-file.ts";
import { mergeInTurns } from "./merge-in-turns.ts";
import { MAX_LAYERS, mergeFrom } from "./merge-rule.ts";
import {
  decodeManifest,
  encodeManifest,
  type LayerReference,
  type Manifest,
} from "./manifest-file.ts";

export interface FileCheckpointsOptions {
  /** Made if it is not there. For one run at a time: two are **not** kept apart. */
  readonly dir: string;
  /** How many checkpoints are kept, at least 1. @default 3 */
  readonly retain?: number;
  /**
   * Layers from which on the newer ones are merged, so that a restore reads at most so many files, and
   * at most twice the state. At least 2. @default 12
   */
  readonly maxLayers?: number;
  /** The run's, if it has one of its own. @default V8's structured clone */
  readonly codec?: StateCodec;
  /** @default the system's */
  readonly fileSystem?: FileSystem;
  /** Lets others on this thread have their turn while layers are merged. @default a turn of the event loop */
  readonly giveWay?: () => Promise<void>;
}

/**
 * Checkpoints as files: of each what changed since the one before (a layer), and a manifest that names
 * its layers and transactions. All have checksums and are durable before `save` resolves.
 *
 * @throws {StreamError} `invalid-option`
 */
export function fileCheckpoints(options: FileCheckpointsOptions): CheckpointStore {
  const { retain = 3, maxLayers = MAX_LAYERS } = options;
  if (!(Number.isInteger(retain) && retain >= 1)) {
    throw new StreamError("invalid-option", `retain must be a whole number from 1, not ${retain}`);
  }
  if (!(Number.isInteger(maxLayers) && maxLayers >= 2)) {
    throw new StreamError("invalid-option", `maxLayers must be from 2, not ${maxLayers}`);
  }
  return new FileCheckpoints({
    codec: v8Codec,
    fileSystem: systemFileSystem,
    ...options,
    retain,
    maxLayers,
  });
}

type CheckedOptions = Required<Omit<FileCheckpointsOptions, "giveWay">> &
  Pick<FileCheckpointsOptions, "giveWay">;

class FileCheckpoints implements CheckpointStore {
  readonly #options: CheckedOptions;
  /** The newest that was saved or found. */
  #manifest: Manifest | undefined;
  #isDirMade = false;

  constructor(options: CheckedOptions) {
    this.#options = options;
  }

  async latest(): Promise<Checkpoint | undefined> {
    const names = await this.#names();
    const committed = highest(names, COMMITTING);
    for (const id of idsOf(names, MANIFEST).toReversed()) {
      const found = await this.#read(id);
      if ("manifest" in found) {
        if (id < committed) throw damaged(committed, `${nameOf(MANIFEST, committed)} is not there`);
        // It may be one whose name could not be made durable, before those that it replaces are gone.
        await this.#options.fileSystem.syncDirectory(this.#options.dir);
        this.#manifest = found.manifest;
        await this.#tidy(found.manifest.id);
        return { id, layers: found.layers, transactions: found.manifest.transactions };
      }
      if (id <= committed) throw damaged(id, `${found.damaged} cannot be read`);
    }
    if (committed >= 0) throw damaged(committed, `${nameOf(MANIFEST, committed)} is not there`);
    this.#manifest = undefined;
    return undefined;
  }

  async save({ id, base, layers, transactions }: NewCheckpoint): Promise<SavedCheckpoint> {
    await this.#names();
    const { fileSystem, dir } = this.#options;
    const before = base === undefined ? [] : await this.#layersOf(base);
    let references = [...before];
    let bytes = 0;
    for (const [at, layer] of layers.entries()) {
      const reference = await this.#writeLayer(`${nameOf(LAYER, id)}-${at}`, layer);
      bytes += reference.bytes;
      references.push(reference);
    }
    references = await this.#merged(id, references);
    const manifest = { id, layers: references, transactions };
    const encoded = encodeManifest(manifest, this.#options.codec);
    await writeWhole(fileSystem, this.#path(nameOf(MANIFEST, id)), [encoded]);
    await fileSystem.syncDirectory(dir);
    this.#manifest = manifest;
    await this.#tidy(id);
    return { bytes };
  }

  async committing(id: number): Promise<void> {
    const { fileSystem, dir } = this.#options;
    await writeWhole(fileSystem, this.#path(nameOf(COMMITTING, id)), [Buffer.from(`${id}\n`)]);
    await fileSystem.syncDirectory(dir);
  }

  /** The newest layers as one, if there are too many. */
  async #merged(id: number, layers: LayerReference[]): Promise<LayerReference[]> {
    const { maxLayers, codec, giveWay } = this.#options;
    const sizes = layers.map(({ bytes }) => bytes);
    const from = mergeFrom(sizes, maxLayers);
    if (from === undefined) return layers;
    const read: CheckpointLayer[] = [];
    for (const { name } of layers.slice(from)) {
      const layer = await this.#readLayer(name);
      if (!layer) throw damaged(id, `${name} cannot be read`);
      read.push(layer);
    }
    const merged = await mergeInTurns(read, from === 0, codec, giveWay);
    return [
      ...layers.slice(0, from),
      await this.#writeLayer(`${nameOf(LAYER, id)}-merged`, merged),
    ];
  }

  async #layersOf(base: number): Promise<readonly LayerReference[]> {
    if (this.#manifest?.id === base) return this.#manifest.layers;
    const bytes = await readWhole(this.#options.fileSystem, this.#path(nameOf(MANIFEST, base)));
    const manifest = bytes && decodeManifest(bytes, this.#options.codec);
    if (!manifest) throw damaged(base, `${nameOf(MANIFEST, base)} cannot be read`);
    return manifest.layers;
  }

  async #read(
    id: number,
  ): Promise<{ manifest: Manifest; layers: CheckpointLayer[] } | { damaged: string }> {
    const name = nameOf(MANIFEST, id);
    const bytes = await readWhole(this.#options.fileSystem, this.#path(name));
    const manifest = bytes && decodeManifest(bytes, this.#options.codec);
    if (!manifest) return { damaged: name };
    const layers: CheckpointLayer[] = [];
    for (const reference of manifest.layers) {
      const layer = await this.#readLayer(reference.name);
      if (!layer) return { damaged: reference.name };
      layers.push(layer);
    }
    return { manifest, layers };
  }

  async #readLayer(name: string): Promise<CheckpointLayer | undefined> {
    const bytes = await readWhole(this.#options.fileSystem, this.#path(name));
    return bytes && decodeLayer(bytes);
  }

  async #writeLayer(name: string, layer: CheckpointLayer): Promise<LayerReference> {
    let bytes = 0;
    const counted = function* (): Generator<Uint8Array> {
      for (const part of encodeLayer(layer)) {
        bytes += part.length;
        yield part;
      }
    };
    await writeWhole(this.#options.fileSystem, this.#path(name), counted());
    return { name, bytes };
  }

  /** Removes what no checkpoint that is kept needs, and what was never finished. */
  async #tidy(newest: number): Promise<void> {
    const { fileSystem, retain } = this.#options;
    const names = await this.#names();
    const ids = idsOf(names, MANIFEST).filter((id) => id <= newest);
    const kept = ids.slice(-retain);
    const needed = new Set<string>();
    for (const id of kept) {
      needed.add(nameOf(MANIFEST, id));
      const bytes = await readWhole(fileSystem, this.#path(nameOf(MANIFEST, id)));
      const manifest = bytes && decodeManifest(bytes, this.#options.codec);
      for (const { name } of manifest?.layers ?? []) needed.add(name);
    }
    const newestCommit = highest(names, COMMITTING);
    const isOurs = (name: string): boolean =>
      [LAYER, MANIFEST, COMMITTING].some((kind) => name.startsWith(kind));
    // Manifests first: none may name a layer that is gone.
    const order = (name: string): number => (name.startsWith(MANIFEST) ? 0 : 1);
    for (const name of names.toSorted((a, b) => order(a) - order(b))) {
      if (!isOurs(name) || needed.has(name) || name === nameOf(COMMITTING, newestCommit)) continue;
      await removeIfThere(fileSystem, this.#path(name));
    }
  }

  async #names(): Promise<string[]> {
    const { fileSystem, dir } = this.#options;
    if (!this.#isDirMade) await fileSystem.makeDirectory(dir);
    this.#isDirMade = true;
    return fileSystem.list(dir);
  }

  #path(name: string): string {
    return `${this.#options.dir}/${name}`;
  }
}

const MANIFEST = "checkpoint-";
const LAYER = "layer-";
const COMMITTING = "committing-";
const ID_DIGITS = 12;

function nameOf(kind: string, id: number): string {
  return `${kind}${String(id).padStart(ID_DIGITS, "0")}`;
}

/** Rising. */
function idsOf(names: readonly string[], kind: string): number[] {
  return names
    .filter((name) => name.startsWith(kind) && !name.endsWith(UNFINISHED))
    .map((name) => Number(name.slice(kind.length)))
    .toSorted((a, b) => a - b);
}

function highest(names: readonly string[], kind: string): number {
  return idsOf(names, kind).at(-1) ?? -1;
}

function damaged(id: number, what: string): StreamError {
  return new StreamError(
    "damaged-checkpoint",
    `checkpoint ${id}: ${what}, and sinks were told to commit against it: going back behind it would repeat their output`,
  );
}
