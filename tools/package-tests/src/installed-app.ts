import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CommandResult, run } from "./command.ts";
import { ROOT, type WorkspacePackage } from "./workspace.ts";

const INSTALL_TIMEOUT_MS = 120_000;
const COMPILE_TIMEOUT_MS = 60_000;
const RUN_TIMEOUT_MS = 20_000;

/** As a careful user has it, and with declarations of libraries checked, so ours as well. */
const TSCONFIG = {
  compilerOptions: {
    target: "es2022",
    module: "nodenext",
    strict: true,
    types: ["node"],
    rootDir: ".",
    outDir: "compiled",
  },
  include: ["*.ts"],
};

/** An app outside the workspace that has installed one package from its tarball, with npm. */
export class InstalledApp {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * Makes `folder` and installs into it. Siblings that the package depends on come from their
   * tarballs too: their versions are not published yet.
   */
  static async create(
    folder: string,
    { manifest }: WorkspacePackage,
    tarballs: ReadonlyMap<string, string>,
  ): Promise<InstalledApp> {
    const files = Object.fromEntries([...tarballs].map(([name, path]) => [name, `file:${path}`]));
    const { [manifest.name]: own, ...siblings } = files;
    const app = {
      name: "empty-app",
      private: true,
      type: "module",
      dependencies: { [manifest.name]: own },
      devDependencies: { "@types/node": "^20.19.0" },
      overrides: siblings,
    };
    await mkdir(folder);
    await writeFile(join(folder, "package.json"), JSON.stringify(app));
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(TSCONFIG));
    const flags = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
    const { exitCode, report } = await run("npm", ["install", ...flags], {
      cwd: folder,
      timeoutMs: INSTALL_TIMEOUT_MS,
    });
    if (exitCode !== 0) throw new Error(report);
    return new InstalledApp(folder);
  }

  /** Type-checks `code` in the app, and writes it as JavaScript to `compiled/example.js`. */
  async compile(code: string): Promise<CommandResult> {
    // Without an import or export of its own a file would not count as a module.
    await writeFile(join(this.folder, "example.ts"), `${code}\nexport {};\n`);
    return run(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc")], {
      cwd: this.folder,
      timeoutMs: COMPILE_TIMEOUT_MS,
    });
  }

  /** Runs a file of the app, or what is installed in it, with Node. */
  node(args: readonly string[], input = ""): Promise<CommandResult> {
    const options = { cwd: this.folder, timeoutMs: RUN_TIMEOUT_MS, input };
    return run(process.execPath, args, options);
  }
}
