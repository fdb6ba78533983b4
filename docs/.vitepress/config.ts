import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type DefaultTheme, defineConfig } from "vitepress";
import { rewriteRepositoryLinks } from "./repository-links.ts";

const DOCS = join(import.meta.dirname, "..");

export default defineConfig({
  title: "Quorate",
  description: "The distributed-systems toolbox of TypeScript",
  cleanUrls: true,
  markdown: { config: rewriteRepositoryLinks },
  themeConfig: {
    search: { provider: "local" },
    nav: [
      { text: "Getting started", link: "/getting-started" },
      { text: "Architecture", link: "/architecture" },
      { text: "Packages", link: "/packages/" },
      { text: "Decisions", link: "/decisions/" },
    ],
    sidebar: [
      {
        text: "Guide",
        items: [
          { text: "Getting started", link: "/getting-started" },
          { text: "Architecture", link: "/architecture" },
          { text: "Raft or Paxos?", link: "/raft-or-paxos" },
          { text: "Test your own system", link: "/test-your-own-system" },
          { text: "Simulator and mutants", link: "/simulator" },
          { text: "Chaos on real processes", link: "/chaos" },
          { text: "When one machine is outgrown", link: "/guides/more-than-one-machine" },
        ],
      },
      { text: "Packages", link: "/packages/", items: pages("packages") },
      { text: "Decisions", link: "/decisions/", collapsed: true, items: pages("decisions") },
    ],
    outline: [2, 3],
  },
});

/** The pages of a folder in the order of their names, each under its first heading. */
function pages(folder: string): DefaultTheme.SidebarItem[] {
  return readdirSync(join(DOCS, folder))
    .filter((file) => file.endsWith(".md") && file !== "index.md")
    .toSorted()
    .map((file) => {
      const name = file.slice(0, -".md".length);
      const heading = /^# (.+)$/m.exec(readFileSync(join(DOCS, folder, file), "utf8"));
      return { text: heading?.[1] ?? `@quorate/${name}`, link: `/${folder}/${name}` };
    });
}
