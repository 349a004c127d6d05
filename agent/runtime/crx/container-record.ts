import type { ContainerConfig, ContainerUser } from "../runtime.ts";

/** What is kept of a container, as JSON in its folder. Times are ISO 8601. */
export interface ContainerRecord {
  readonly version: 1;
  readonly id: string;
  readonly config: ContainerConfig;
  readonly createdAt: string;
  /** `creating` until the guest has it: a record that is found like this belongs to nobody. */
  readonly state: "creating" | "created" | "running" | "exited";
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly exitCode?: number;
  readonly signal?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly terminationMessage?: string;
  readonly user?: ContainerUser;
}

export function isContainerRecord(value: unknown): value is ContainerRecord {
  const record = Object(value);
  return record.version === 1 && typeof record.id === "string" && typeof record.config === "object";
}

/** Whether both are the same attempt at a container of one Pod. */
export function isSameContainer(one: ContainerConfig, other: ContainerConfig): boolean {
  return one.metadata.name === other.metadata.name && one.metadata.attempt === other.metadata.attempt;
}
