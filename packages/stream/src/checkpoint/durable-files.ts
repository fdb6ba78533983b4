import { type FileSystem, FileSystemError } from "@quorate/runtime";

/** Bytes that are written at once. */
const CHUNK_BYTES = 2 ** 20;
export const UNFINISHED = ".unfinished";

/**
 * Writes a file under another name, makes its bytes durable, and only then gives it its own: under
 * that it is whole or not there. The name itself is durable once the folder is synced.
 */
export async function writeWhole(
  fileSystem: FileSystem,
  path: string,
  parts: Iterable<Uint8Array>,
): Promise<void> {
  const unfinished = `${path}${UNFINISHED}`;
  await removeIfThere(fileSystem, unfinished);
  const file = await fileSystem.open(unfinished, { create: "new" });
  try {
    let position = 0;
    for (const chunk of inChunks(parts)) {
      await file.write(chunk, position);
      position += chunk.length;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await fileSystem.rename(unfinished, path);
}

/** All of a file; undefined if there is none. */
export async function readWhole(
  fileSystem: FileSystem,
  path: string,
): Promise<Uint8Array | undefined> {
  try {
    const file = await fileSystem.open(path);
    try {
      const bytes = new Uint8Array(await file.size());
      const length = await file.read(bytes, 0);
      return bytes.subarray(0, length);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

export async function removeIfThere(fileSystem: FileSystem, path: string): Promise<void> {
  try {
    await fileSystem.remove(path);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof FileSystemError && error.code === "not-found";
}

/** Small parts together, large ones in pieces of their own. */
function* inChunks(parts: Iterable<Uint8Array>): Generator<Uint8Array> {
  let gathered: Uint8Array[] = [];
  let bytes = 0;
  for (const part of parts) {
    if (bytes + part.length > CHUNK_BYTES && bytes > 0) {
      yield Buffer.concat(gathered);
      gathered = [];
      bytes = 0;
    }
    if (part.length >= CHUNK_BYTES) {
      yield part;
      continue;
    }
    gathered.push(part);
    bytes += part.length;
  }
  if (bytes > 0) yield Buffer.concat(gathered);
}
