/** What regular expressions find (apiserver `cel/library/regex.go`). */
import { type CallCost, declare, type Library } from "../declarations.ts";
import { findRegex } from "../regex.ts";
import { costSize, regexLengthFactor, traversal } from "../sizes.ts";
import { ListValue } from "../values.ts";
import { integer, text } from "./arguments.ts";

const findCost: CallCost = ([subject, pattern]) =>
  traversal(1 + costSize(subject)) * Math.ceil(costSize(pattern) * regexLengthFactor);

export const regexLibrary: Library = {
  functions: [
    declare(
      "find",
      {
        "string.(string) -> string": ([subject, pattern]) =>
          findRegex(text(subject), text(pattern), 1)[0] ?? "",
      },
      findCost,
    ),
    declare(
      "findAll",
      {
        "string.(string) -> list(string)": ([subject, pattern]) =>
          new ListValue(findRegex(text(subject), text(pattern), -1)),
        "string.(string, int) -> list(string)": ([subject, pattern, limit]) =>
          new ListValue(findRegex(text(subject), text(pattern), integer(limit))),
      },
      findCost,
    ),
  ],
};
