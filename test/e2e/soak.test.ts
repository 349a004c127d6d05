/** Pods come and go, and the host has no more of anything than before. */
import { soakTest } from "../framework/soak/soak-test.ts";

soakTest("e2e-soak", 16454, 50);
