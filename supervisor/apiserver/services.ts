import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logging.ts";

/** What comes in from outside, so that tests decide it. */
export interface Services {
  readonly clock: Clock;
  readonly logger: Logger;
  /** A new object's uid. */
  uid(): string;
  /** The five characters that end a generated name. */
  nameSuffix(): string;
  /** A number from 0 up to 1, for spreading time-outs. */
  random(): number;
}

/** Letters and digits that make no words and are not taken for each other (apimachinery `util/rand`). */
const suffixAlphabet = "bcdfghjklmnpqrstvwxz2456789";
const suffixLength = 5;

export function randomNameSuffix(random: () => number = Math.random): string {
  let suffix = "";
  for (let index = 0; index < suffixLength; index++) {
    suffix += suffixAlphabet.charAt(Math.floor(random() * suffixAlphabet.length));
  }
  return suffix;
}
