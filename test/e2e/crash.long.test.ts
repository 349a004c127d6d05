/** As `crash.test.ts`, ten times as long. */
import { crashTest } from "../framework/crash/crash-test.ts";

crashTest("e2e-crash.long", 16453, 200, Date.now() % 1_000_000);
