import { createContentLoader } from "vitepress";

/** A decision note as the list shows it. */
export interface Decision {
  readonly title: string;
  readonly url: string;
}

declare const data: readonly Decision[];
export { data };

export default createContentLoader("decisions/[0-9]*.md", {
  includeSrc: true,
  transform: (notes): Decision[] =>
    notes
      .map(({ url, src }) => ({ url, title: /^# (.+)$/m.exec(src ?? "")?.[1] ?? url }))
      .toSorted((one, other) => one.url.localeCompare(other.url)),
});
