import { newPathNotFound } from "../apimachinery/status-errors.ts";
import type { ResourceDefinition, Subresource } from "../registry/resource-definition.ts";
import { seesOwnOnly } from "./authorization/own-requests.ts";
import { type ConnectHandler, dispatch } from "./handlers/dispatch.ts";
import { checkForm } from "./negotiation/check-form.ts";
import { negotiateOutput } from "./negotiation/output-format.ts";
import { outputRules } from "./negotiation/output-rules.ts";
import type { RequestContext, ResourceContext } from "./request-context.ts";
import type { ResourceRequestInfo } from "./request-info.ts";
import { PageNotFoundError } from "./response/page-not-found.ts";
import type { ServerParts } from "./server-parts.ts";
import type { Services } from "./services.ts";

/** Finds the resource that a request is for, and hands it to the verb's handler. */
export class ResourceRouter {
  readonly #parts: ServerParts;
  readonly #services: Services;
  readonly #connect: ConnectHandler;

  constructor(parts: ServerParts, services: Services, connect: ConnectHandler) {
    this.#parts = parts;
    this.#services = services;
    this.#connect = connect;
  }

  /** Rejects with API errors, and with {@link PageNotFoundError} for what no group's version could have. */
  async fetch(context: RequestContext): Promise<Response> {
    const { info } = context;
    if (info.isResource && !this.#mayHave(info)) throw new PageNotFoundError();
    return dispatch(this.resourceContext(context), this.#connect);
  }

  #mayHave({ group, version, resource }: ResourceRequestInfo): boolean {
    const { index } = this.#parts;
    return index.store(group, version, resource) !== undefined || index.isBuiltInVersion(group, version);
  }

  /** Throws NotFound for what the API does not have, and NotAcceptable. */
  resourceContext(context: RequestContext): ResourceContext {
    const { info } = context;
    if (!info.isResource) throw newPathNotFound();
    const { index, admission, metrics, authorization, answers } = this.#parts;
    const store = index.store(info.group, info.version, info.resource);
    if (store === undefined) throw newPathNotFound();
    const { custom, deprecationWarning = custom?.deprecationWarning } = store.definition;
    const subresource = subresourceOf(store.definition, info);
    if (deprecationWarning !== undefined) {
      context.warnings.push(deprecationWarning);
      metrics.requestedDeprecated(info);
    }
    const accept = context.request.headers.get("accept");
    const format = negotiateOutput(accept, outputRules(info, store.definition));
    checkForm(format, info, store.definition);
    return {
      ...context,
      info,
      store,
      format,
      services: this.#services,
      admission,
      metrics,
      authorizer: authorization.authorizer,
      answers,
      ...(subresource === undefined ? {} : { subresource }),
      ...(seesOwnOnly(context.user, info) ? { requestedBy: context.user.name } : {}),
    };
  }
}

function subresourceOf(
  { subresources }: ResourceDefinition,
  { subresource }: ResourceRequestInfo,
): Subresource | undefined {
  if (subresource === "") return undefined;
  const found = subresources[subresource];
  if (found === undefined) throw newPathNotFound();
  return found;
}
