import { constants } from "node:os";
import { RuntimeError } from "../runtime.ts";

const firstRealTime = 34;
const lastRealTime = 64;

/**
 * The number of a signal as an image or a Pod names it: `SIGTERM`, `TERM`, `15`, `SIGRTMIN+3`, `SIGRTMAX-1`; 15 for the
 * empty text. Throws {@link RuntimeError} `invalid` for anything else.
 */
export function signalNumber(text: string): number {
  if (text === "") return constants.signals.SIGTERM;
  const name = text.toUpperCase().replace(/^SIG/, "");
  const realTime = /^RTM(IN|AX)([+-]\d{1,2})?$/.exec(name);
  const number = realTime
    ? (realTime[1] === "IN" ? firstRealTime : lastRealTime) + Number(realTime[2] ?? 0)
    : /^\d{1,2}$/.test(name)
      ? Number(name)
      : new Map(Object.entries(constants.signals)).get(`SIG${name}`);
  if (number === undefined || number < 1 || number > lastRealTime) {
    throw new RuntimeError(
      "invalid",
      `Stop signal ${text} is unknown, expected a name such as SIGTERM or a number`,
    );
  }
  return number;
}
