import { expect, test } from "bun:test";
import { renderTable } from "./render-table.ts";

test("renderTable aligns its columns", () => {
  expect(renderTable(["ID", "USES"], [["abcdef", "1"]])).toBe("ID       USES\nabcdef   1\n");
});
