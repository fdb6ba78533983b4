import { lexer, walkTokens } from "marked";

/** The code of every block fenced as `ts`, also inside lists and quotes, in order. */
export function typescriptBlocks(markdown: string): readonly string[] {
  const blocks: string[] = [];
  // Its result only matters to callbacks that are asynchronous.
  void walkTokens(lexer(markdown), (token) => {
    if (token.type === "code" && token["lang"] === "ts") blocks.push(String(token["text"]));
  });
  return blocks;
}
