import { posix } from "node:path";
import type { MarkdownRenderer } from "vitepress";

/** Set by GitHub where it builds the site; elsewhere nobody knows where the sources can be seen. */
const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = process.env;

/**
 * Package pages include the package's README, whose links are relative to the package's folder.
 * What they point at is shown on the site where it has a page, else in the repository.
 */
export function rewriteRepositoryLinks(markdown: MarkdownRenderer): void {
  markdown.core.ruler.after("inline", "repository-links", (state) => {
    const env = state.env as { readonly relativePath?: string };
    const folder = folderOfSource(env.relativePath ?? "");
    for (const { children } of state.tokens) {
      for (const token of children ?? []) {
        const href = token.type === "link_open" && token.attrGet("href");
        if (href && isRelative(href)) token.attrSet("href", destination(folder, href));
      }
    }
  });
}

/** Where in the repository the text of a page stands. */
function folderOfSource(page: string): string {
  const [, name] = /^packages\/([a-z-]+)\.md$/.exec(page) ?? [];
  return name && name !== "index" ? `packages/${name}` : posix.join("docs", posix.dirname(page));
}

function isRelative(href: string): boolean {
  return !/^([a-z]+:|[/#])/.test(href);
}

function destination(folder: string, href: string): string {
  const [path = "", fragment] = href.split("#");
  const target = posix.join(folder, path);
  const [, readmeOf] = /^packages\/([a-z-]+)(?:\/|\/README\.md)?$/.exec(target) ?? [];
  const hash = fragment === undefined ? "" : `#${fragment}`;
  if (readmeOf) return `/packages/${readmeOf}${hash}`;
  if (target.startsWith("docs/")) return `${target.slice("docs".length)}${hash}`;
  return server && repository ? `${server}/${repository}/blob/main/${target}${hash}` : "#";
}
