/** The authorizers of the API server in their order, with what they know. */
import type { Logger } from "../../base/logging.ts";
import type { Backend } from "../../storage/backend.ts";
import { type Authorizer, firstOpinion, superuserAuthorizer } from "./authorizer.ts";
import { nodeAuthorizer } from "./node/node-authorizer.ts";
import { NodeGraph } from "./node/node-graph.ts";
import { rbacAuthorizer } from "./rbac/rbac-authorizer.ts";
import { RoleStore } from "./rbac/role-store.ts";

export class Authorization {
  readonly roles: RoleStore;
  readonly nodes: NodeGraph;
  /** Superusers, then nodes, then roles. */
  readonly authorizer: Authorizer;

  constructor(backend: Backend, logger: Logger) {
    this.roles = new RoleStore(backend, logger);
    this.nodes = new NodeGraph(backend, logger);
    this.authorizer = firstOpinion([
      superuserAuthorizer,
      nodeAuthorizer(this.nodes),
      rbacAuthorizer(this.roles),
    ]);
  }

  /** Reads all that they must know, and follows the store until {@link stop}. */
  async start(): Promise<void> {
    await Promise.all([this.roles.start(), this.nodes.start()]);
  }

  stop(): void {
    this.roles.stop();
    this.nodes.stop();
  }
}
