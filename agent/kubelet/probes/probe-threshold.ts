export type ProbeVerdict = "success" | "failure";

/** Counts equal results in a row; one counts when there are as many of it as the probe asks for. */
export class ProbeThreshold {
  readonly #needed: Readonly<Record<ProbeVerdict, number>>;
  #last: ProbeVerdict | undefined;
  #run = 0;

  constructor({ successThreshold = 1, failureThreshold = 3 }: ProbeThresholds) {
    this.#needed = { success: successThreshold, failure: failureThreshold };
  }

  /** Takes a result; whether it counts. */
  add(result: ProbeVerdict): boolean {
    this.#run = this.#last === result ? this.#run + 1 : 1;
    this.#last = result;
    return this.#run >= this.#needed[result];
  }
}

interface ProbeThresholds {
  readonly successThreshold?: number;
  readonly failureThreshold?: number;
}
