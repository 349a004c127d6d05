import { newMethodNotAllowed, newPathNotFound } from "../../apimachinery/status-errors.ts";
import { apiVersionOf, type Subresource } from "../../registry/resource-definition.ts";
import { expectedKindOf } from "../negotiation/read-body.ts";
import type { ResourceContext } from "../request-context.ts";
import type { Verb } from "../request-info.ts";
import { actionHandler } from "./action.ts";
import { answerHandler } from "./answer.ts";
import { createHandler } from "./create.ts";
import { deleteHandler } from "./delete.ts";
import { deleteCollectionHandler } from "./delete-collection.ts";
import { getHandler } from "./get.ts";
import { listHandler } from "./list.ts";
import { patchHandler } from "./patch.ts";
import { updateHandler } from "./update.ts";
import { viewHandler } from "./view.ts";
import { watchHandler } from "./watch.ts";

type Handler = (context: ResourceContext) => Promise<Response> | Response;

/** What serves a `connect` subresource: log, exec and the like. */
export type ConnectHandler = (context: ResourceContext) => Promise<Response>;

const collectionHandlers: Partial<Record<Verb, Handler>> = {
  list: listHandler,
  watch: watchHandler,
  create: createHandler,
  deletecollection: deleteCollectionHandler,
};

const itemHandlers: Partial<Record<Verb, Handler>> = {
  get: getHandler,
  update: updateHandler,
  patch: patchHandler,
  delete: deleteHandler,
};

const partHandlers: Partial<Record<Verb, Handler>> = {
  get: getHandler,
  update: updateHandler,
  patch: patchHandler,
};

/** Serves a request for a resource. Throws API errors. */
export async function dispatch(context: ResourceContext, connect: ConnectHandler): Promise<Response> {
  const { info, store, subresource } = context;
  if (store.definition.namespaced && info.namespace === "" && !isCollectionRead(info.verb)) {
    throw newMethodNotAllowed();
  }
  if (subresource !== undefined) return serveSubresource(context, subresource, connect);
  if (info.subresource !== "") throw newPathNotFound();
  if (store.definition.isReview) {
    if (info.verb !== "create" || info.name !== "") throw newMethodNotAllowed();
    return answerHandler(context, expectedKindOf(store.definition));
  }
  const isCollection = info.name === "" || isCollectionRead(info.verb);
  const handler = (isCollection ? collectionHandlers : itemHandlers)[info.verb];
  const isMissing = store.definition.withoutVerbs?.some((verb) => verb === info.verb) ?? false;
  if (handler === undefined || isMissing) throw newMethodNotAllowed();
  return handler(context);
}

/** Lists and watches reach over all namespaces. */
function isCollectionRead(verb: Verb): boolean {
  return verb === "list" || verb === "watch";
}

async function serveSubresource(
  context: ResourceContext,
  subresource: Subresource,
  connect: ConnectHandler,
): Promise<Response> {
  if (subresource.type === "connect") {
    if (!subresource.methods.includes(context.request.method)) throw newMethodNotAllowed();
    return connect(context);
  }
  if (subresource.type === "action") {
    if (context.info.verb !== "create") throw newMethodNotAllowed();
    return actionHandler(context, subresource);
  }
  if (subresource.type === "answer") {
    if (context.info.verb !== "create") throw newMethodNotAllowed();
    const { group, version, kind, model } = subresource;
    return answerHandler(context, { kind, apiVersion: apiVersionOf({ group, version }), model });
  }
  const handler = partHandlers[context.info.verb];
  if (subresource.type === "view" && handler !== undefined) return viewHandler(context, subresource);
  const { verb } = context.info;
  const isMissing = subresource.type === "part" && subresource.verbs?.every((known) => known !== verb);
  if (handler === undefined || isMissing) throw newMethodNotAllowed();
  return handler(context);
}
