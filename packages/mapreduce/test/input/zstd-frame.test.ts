import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { zstdFrameEnd } from "../../src/input/zstd-frame.ts";
import { MemoryDisk } from "../../src/testing/index.ts";

const isThere = (() => {
  try {
    execFileSync("zstd", ["--version"]);
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!isThere)(`zstdFrameEnd${isThere ? "" : " (left out: there is no zstd)"}`, () => {
  it("finds the ends of frames of any kind, one behind the other", () => {
    const text = Array.from({ length: 60_000 }, (_, index) => `${index ** 2 % 977} `).join("");
    const inputs = ["", "x", "x".repeat(1_000_000), text, text.repeat(5)];
    const options = [[], ["--no-check"], ["-19"], ["--no-content-size"], ["--fast=5"]];
    const frames = inputs.flatMap((input) =>
      options.map((flags) =>
        execFileSync("zstd", ["-c", ...flags], { input, stdio: ["pipe", "pipe", "ignore"] }),
      ),
    );
    const skippable = Buffer.from("502a4d1803000000616263", "hex");
    const all = [...frames, skippable, ...frames.slice(0, 3)];
    const disk = new MemoryDisk();
    disk.create("/a").append(Buffer.concat(all));
    const file = disk.open("/a");
    let position = 0;
    for (const frame of all) {
      expect(zstdFrameEnd(file, position)).toBe(position + frame.length);
      position += frame.length;
    }
    expect(position).toBe(file.size);
    expect(() => zstdFrameEnd(file, 1)).toThrow("no zstd frame");
    expect(() => zstdFrameEnd(file, file.size)).toThrow("unexpected end of file");
  });
});
