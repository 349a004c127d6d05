/** As `soak.test.ts`, ten times as long. */
import { soakTest } from "../framework/soak/soak-test.ts";

soakTest("e2e-soak.long", 16455, 500);
