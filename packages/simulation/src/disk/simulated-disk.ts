import { crc32 } from "node:zlib";
import { FileSystemError, integerBetween, pick, type Random } from "@quorate/runtime";
import type { Trace } from "../trace/trace.ts";
import type { Scheduler } from "../world/scheduler.ts";
import { type Change, type DiskFile, SECTOR_BYTES, sectorsOf } from "./disk-file.ts";
import { checkedDiskOptions, type DiskOptions } from "./disk-options.ts";
import type { FaultAtlas } from "./fault-atlas.ts";
import { type NameChange, Names } from "./names.ts";

type Write = Change & { readonly kind: "write" };

/** The disk of one node: outlives its program, and remembers what is durable. */
export class SimulatedDisk {
  readonly node: string;
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly #random: Random;
  readonly #atlas: FaultAtlas;
  #options: Required<DiskOptions>;
  #names = new Names();
  #isFull = false;

  constructor(
    node: string,
    options: DiskOptions,
    parts: {
      readonly scheduler: Scheduler;
      readonly random: Random;
      readonly trace: Trace;
      readonly atlas: FaultAtlas;
    },
  ) {
    this.node = node;
    this.#options = checkedDiskOptions(options);
    this.scheduler = parts.scheduler;
    this.#random = parts.random;
    this.trace = parts.trace;
    this.#atlas = parts.atlas;
  }

  get names(): Names {
    return this.#names;
  }

  /** Changes how this disk behaves from now on; what is not named goes back to its default. */
  setFaults(options: DiskOptions): void {
    this.#options = checkedDiskOptions(options);
  }

  /** As long as it is full, every write and every new file fails with `no-space`. */
  fill(isFull: boolean): void {
    this.#isFull = isFull;
    this.trace.record(this.node, isFull ? "disk full" : "disk has space", "");
    if (isFull) this.trace.count("disk full");
  }

  /**
   * Turns over a bit of durable data, in one of the files that `among` accepts. False when there is
   * none, or the fault atlas does not allow it.
   */
  rot(among: (path: string) => boolean = () => true): boolean {
    const files = this.#names.all().filter(([path, file]) => among(path) && file.size > 0);
    if (files.length === 0 || !this.#atlas.mayDamage(this.node)) return false;
    const [path, file] = pick(this.#random, files);
    const position = integerBetween(this.#random, 0, file.size - 1);
    file.flipBit(position, integerBetween(this.#random, 0, 7));
    this.trace.record(this.node, "bit rot", path, position);
    this.trace.count("bit rot");
    return true;
  }

  /** The disk is replaced by an empty one. False when the fault atlas does not allow it. */
  wipe(): boolean {
    if (!this.#atlas.mayDamage(this.node)) return false;
    this.#names = new Names();
    this.trace.record(this.node, "disk wiped", "");
    this.trace.count("disk wiped");
    return true;
  }

  /** The program is killed; the operating system lives, and keeps what it was given. */
  killProgram(): void {
    for (const [, file] of this.#names.all()) file.kill(this.#random);
  }

  /** The machine loses power: what was not durable survives, vanishes or tears. */
  losePower(): void {
    const random = this.#options.atPowerLoss === "random" ? this.#random : undefined;
    for (const [path, file] of this.#names.crash(random)) {
      const { survived, vanished, torn } = file.crash(random);
      if (survived + vanished + torn === 0) continue;
      this.trace.record(this.node, "crashed writes", path, survived, torn);
      this.trace.count("pending write survived", survived);
      this.trace.count("pending write vanished", vanished);
      this.trace.count("pending write torn", torn);
    }
  }

  /** How long the next operation takes. */
  drawLatencyMs(): number {
    const { latencyMs, slowMs, slowProbability } = this.#options;
    if (!this.#happens(slowProbability)) {
      return latencyMs.min + (latencyMs.max - latencyMs.min) * this.#random.next();
    }
    this.trace.count("disk slow");
    return slowMs;
  }

  /** @throws {FileSystemError} `io-error`. */
  failRead(path: string): void {
    this.#fail(this.#options.readErrorProbability, "read", path);
  }

  /** A failed sync: what was pending will never be durable. @throws {FileSystemError} `io-error`. */
  failSync(path: string, file: DiskFile | undefined): void {
    if (!this.#happens(this.#options.syncErrorProbability)) return;
    file?.forgetPending();
    this.#failNow("sync", path);
  }

  /** A failed write, of which some sectors are there. @throws {FileSystemError} `io-error`. */
  failWrite(path: string, file: DiskFile, change: Write): void {
    if (!this.#happens(this.#options.writeErrorProbability)) return;
    file.abandon(change);
    for (const sector of sectorsOf(change)) if (this.#random.next() < 0.5) file.apply(sector);
    this.#failNow("write", path);
  }

  /** @throws {FileSystemError} `no-space`. */
  requireSpace(path: string, bytes: number): void {
    const { capacityBytes } = this.#options;
    const isFull = this.#isFull || this.#usedBytes(capacityBytes) + bytes > capacityBytes;
    if (!isFull) return;
    this.trace.record(this.node, "no space", path, bytes);
    this.trace.count("write without space");
    throw new FileSystemError("no-space", path, `ENOSPC: no space left for ${path}`);
  }

  /** Where a write goes that the device misdirects; undefined for all others. */
  misdirected({ position, bytes }: Write, file: DiskFile, path: string): number | undefined {
    if (!this.#happens(this.#options.misdirectProbability)) return undefined;
    const sectors = Math.floor((file.size - bytes.length) / SECTOR_BYTES);
    if (sectors <= 0 || !this.#atlas.mayDamage(this.node)) return undefined;
    const elsewhere =
      integerBetween(this.#random, 0, sectors) * SECTOR_BYTES + (position % SECTOR_BYTES);
    this.trace.record(this.node, "misdirected write", path, position, elsewhere);
    this.trace.count("misdirected write");
    return elsewhere;
  }

  recordWrite(kind: string, path: string, { position, bytes }: Write): void {
    this.trace.record(this.node, kind, path, position, crc32(bytes));
  }

  changeNames(change: NameChange): void {
    this.#names.change(change);
  }

  #usedBytes(capacityBytes: number): number {
    if (capacityBytes === Infinity) return 0;
    return this.#names.all().reduce((sum, [, file]) => sum + file.usedBytes, 0);
  }

  #happens(probability: number): boolean {
    return probability > 0 && this.#random.next() < probability;
  }

  #fail(probability: number, operation: string, path: string): void {
    if (this.#happens(probability)) this.#failNow(operation, path);
  }

  #failNow(operation: string, path: string): never {
    this.trace.record(this.node, `${operation} failed`, path);
    this.trace.count(`${operation} error`);
    throw new FileSystemError("io-error", path, `EIO: ${operation} of ${path} failed`);
  }
}
