/** Subresources that show a part of their object as another kind, `scale` above all: GET, PUT and PATCH. */
import type { JsonObject } from "../../apimachinery/json/json-value.ts";
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import { newBadRequest, newInvalid } from "../../apimachinery/status-errors.ts";
import type { Subresource } from "../../registry/resource-definition.ts";
import type { KeyValue } from "../../storage/backend.ts";
import { decodeObject } from "../negotiation/decode-object.ts";
import { type ExpectedKind, readObject } from "../negotiation/read-body.ts";
import type { ResourceContext } from "../request-context.ts";
import { textResponse } from "../response/api-response.ts";
import type { UpdateOutcome } from "../storage/object-store.ts";
import { readPatch } from "./patch.ts";
import { writeOptions } from "./request-options.ts";
import { updatedObject } from "./update-object.ts";

type View = Extract<Subresource, { readonly type: "view" }>;

function expectedKind({ group, version, kind, model }: View): ExpectedKind {
  return { kind, apiVersion: group === "" ? version : `${group}/${version}`, model };
}

function viewResponse(context: ResourceContext, view: View, object: ApiObject): Promise<Response> {
  return textResponse(context, 200, context.format, JSON.stringify(view.read(object)));
}

export async function viewHandler(context: ResourceContext, view: View): Promise<Response> {
  const { store, info } = context;
  if (info.verb === "get") {
    return viewResponse(context, view, store.codec.decode(await store.get(info.namespace, info.name)));
  }
  const { change, dryRun } =
    info.verb === "patch" ? await patchedView(context, view) : await givenView(context, view);
  const written = await store.update(info.namespace, info.name, dryRun, (existing) => {
    const object = store.codec.decode(existing);
    return writeView(context, view, change(object), object, existing, dryRun);
  });
  return viewResponse(
    context,
    view,
    written.stored === undefined ? written.object : store.codec.decode(written.stored),
  );
}

interface ViewChange {
  /** The view that the client wants of an object. */
  readonly change: (object: ApiObject) => ApiObject;
  readonly dryRun: boolean;
}

async function givenView(context: ResourceContext, view: View): Promise<ViewChange> {
  const options = writeOptions(context.info.query, "UpdateOptions");
  const expected = expectedKind(view);
  const { object, text } = await readObject(context.request, expected);
  const decoding = { validation: options.fieldValidation, text, warnings: context.warnings };
  const given = decodeObject(object, expected, decoding);
  const { name } = given.metadata;
  if (!name) throw newBadRequest("name must be provided");
  if (name !== context.info.name) {
    throw newBadRequest(
      `the name of the object (${name}) does not match the name on the URL (${context.info.name})`,
    );
  }
  return { change: () => given, dryRun: options.dryRun };
}

async function patchedView(context: ResourceContext, view: View): Promise<ViewChange> {
  const options = writeOptions(context.info.query, "PatchOptions");
  const apply = await readPatch(context.request);
  return {
    change: (object) => {
      // A view is JSON; this one was made for the patch.
      const patched = apply(view.read(object) as unknown as JsonObject, view.model);
      const decoding = { validation: options.fieldValidation, warnings: context.warnings };
      return decodeObject(patched, expectedKind(view), decoding);
    },
    dryRun: options.dryRun,
  };
}

/** Throws Invalid for a view that cannot be, Conflict for one of an older state. */
function writeView(
  context: ResourceContext,
  view: View,
  wanted: ApiObject,
  object: ApiObject,
  existing: KeyValue,
  dryRun: boolean,
): Promise<UpdateOutcome> {
  const errors = view.validate(wanted);
  if (errors.length > 0) {
    throw newInvalid({ group: view.group, kind: view.kind }, context.info.name, errors);
  }
  view.write(object, wanted);
  const { resourceVersion, uid } = wanted.metadata;
  if (resourceVersion) object.metadata.resourceVersion = resourceVersion;
  if (uid) object.metadata.uid = uid;
  return updatedObject(context, object, existing, dryRun);
}
