/** A host's daemon and its machines are killed at random moments, and nothing is lost, doubled or left behind. */
import { crashTest } from "../framework/crash/crash-test.ts";

crashTest("e2e-crash", 16452, 20, 20);
