import type { ResourceDefinition } from "../resource-definition.ts";
import { cronJobDefinition } from "./cron-job/cron-job-definition.ts";
import { jobDefinition } from "./job/job-definition.ts";

export const batchDefinitions: readonly ResourceDefinition[] = [cronJobDefinition, jobDefinition];
