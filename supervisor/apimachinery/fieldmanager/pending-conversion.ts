/**
 * Thrown in the middle of field management where it needs an object in a version that somebody else converts to: all of
 * it is done again when the answer is there, so that what has nobody to ask stays without promises.
 */
export class PendingConversion extends Error {
  override readonly name = "PendingConversion";

  constructor(readonly answer: Promise<unknown>) {
    super("An object is still being converted");
  }
}

/** Does `work`, which changes nothing before its conversions are there. Rejects with what work or a conversion throws. */
export async function withConversions<T>(work: () => T): Promise<T> {
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof PendingConversion)) throw error;
      await error.answer;
    }
  }
}
