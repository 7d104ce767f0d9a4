// The one entry of the front end: styles, and the islands that a page asks for, each loaded only where it is there.

import "./theme/theme.css";
import "./theme/generated/icons.svg?url&no-inline";
import { type IslandModule, mountIslands } from "./page/islands";

const islands = import.meta.glob<IslandModule>([
  "./islands/*.ts",
  "../../src/dothi/{core,domains}/*/frontend/*.ts",
  "!**/*.test.ts",
]);

void mountIslands(document, islands);
