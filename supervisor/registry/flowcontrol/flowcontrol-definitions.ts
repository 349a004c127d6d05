import {
  validateFlowConditions,
  validateFlowSchema,
} from "../../api/flowcontrol/v1/flow-schema-validation.ts";
import {
  setPriorityLevelDefaults,
  validatePriorityLevel,
} from "../../api/flowcontrol/v1/priority-level-validation.ts";
import type { V1FlowSchema, V1PriorityLevelConfiguration } from "../../api/generated/types.ts";
import { defineResource } from "../define-resource.ts";
import type { ResourceDefinition, Typed } from "../resource-definition.ts";
import { countedGeneration, ownStatus, prepared, statusPart } from "../status-strategy.ts";
import { ageColumn, column, tableOf } from "../table.ts";

const group = "flowcontrol.apiserver.k8s.io";
const none = "<none>";

type FlowSchema = Typed<V1FlowSchema>;
type PriorityLevel = Typed<V1PriorityLevelConfiguration>;

const status = statusPart({
  keepsMetadata: true,
  validateUpdate: (object: FlowSchema) => validateFlowConditions(object),
});

const flowSchemaDefinition = defineResource({
  group,
  resource: "flowschemas",
  kind: "FlowSchema",
  namespaced: false,
  strategy: {
    ...prepared(ownStatus(), countedGeneration()),
    setDefaults({ spec }: FlowSchema) {
      if (spec !== undefined) spec.matchingPrecedence ||= 1000;
    },
    validate: (schema: FlowSchema) => validateFlowSchema(schema),
    validateUpdate: (schema: FlowSchema) => validateFlowSchema(schema),
  },
  subresources: { status },
  table: tableOf(
    [
      column("PriorityLevel", "The priority level of the requests that match."),
      column("MatchingPrecedence", "Among the schemas that match, the lowest decides."),
      column("DistinguisherMethod", "What tells flows apart."),
      ageColumn,
      column("MissingPL", "references a broken or non-existent PriorityLevelConfiguration"),
    ],
    ({ spec, status }: V1FlowSchema, age) => [
      spec?.priorityLevelConfiguration?.name || none,
      spec?.matchingPrecedence ?? 0,
      spec?.distinguisherMethod?.type || none,
      age,
      (status?.conditions ?? []).find(({ type }) => type === "Dangling")?.status ?? "?",
    ],
  ),
});

const priorityLevelConfigurationDefinition = defineResource({
  group,
  resource: "prioritylevelconfigurations",
  kind: "PriorityLevelConfiguration",
  namespaced: false,
  strategy: {
    ...prepared(ownStatus(), countedGeneration()),
    setDefaults({ spec }: PriorityLevel) {
      if (spec !== undefined) setPriorityLevelDefaults(spec);
    },
    validate: (level: PriorityLevel) => validatePriorityLevel(level),
    validateUpdate: (level: PriorityLevel) => validatePriorityLevel(level),
  },
  subresources: { status },
  table: tableOf(
    [
      column("Type", "Whether the level is subject to limits."),
      column("NominalConcurrencyShares", "The level's share of the server's concurrency."),
      column("Queues", "The number of queues."),
      column("HandSize", "How many queues a flow is dealt."),
      column("QueueLengthLimit", "How many requests may wait in a queue."),
      ageColumn,
    ],
    ({ spec }: V1PriorityLevelConfiguration, age) => {
      const queuing = spec?.limited?.limitResponse?.queuing;
      return [
        spec?.type ?? "",
        spec?.limited?.nominalConcurrencyShares ?? none,
        queuing?.queues ?? none,
        queuing?.handSize ?? none,
        queuing?.queueLengthLimit ?? none,
        age,
      ];
    },
  ),
});

/** Which requests get how much of the server (kubernetes `pkg/registry/flowcontrol`). */
export const flowcontrolDefinitions: readonly ResourceDefinition[] = [
  flowSchemaDefinition,
  priorityLevelConfigurationDefinition,
];
