import type { MachineTemplate } from "../template/machine-template.ts";
import type { TemplateKeeper } from "../template/template-keeper.ts";
import { MachinePool } from "./machine-pool.ts";
import {
  makePooledMachine,
  type PooledMachine,
  type PoolPlan,
  removePooledMachine,
} from "./pooled-machine.ts";

export type ClonePool = MachinePool<MachineTemplate, PooledMachine>;

/** The pool of a host's ready clones, of this size, from the keeper's template. */
export function openPool(plan: PoolPlan, templates: TemplateKeeper, size: number): ClonePool {
  const { context } = plan;
  return new MachinePool({
    size,
    clock: context.clock,
    logger: context.logger,
    template: () => templates.current(),
    make: (template, signal) => makePooledMachine(plan, template, signal),
    remove: (machine) => removePooledMachine(context, machine),
  });
}
