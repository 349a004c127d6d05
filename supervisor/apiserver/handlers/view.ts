/** Subresources that show a part of their object as another kind, `scale` above all: GET, PUT and PATCH. */
import { applyConfig } from "../../apimachinery/fieldmanager/apply.ts";
import { type FieldWrite, trackUpdate } from "../../apimachinery/fieldmanager/field-manager.ts";
import {
  managersAfterScale,
  managersOfScale,
  type ReplicasPaths,
} from "../../apimachinery/fieldmanager/scale-managers.ts";
import { cloneJson, type JsonObject } from "../../apimachinery/json/json-value.ts";
import type { ApiObject, ManagedFieldsEntry } from "../../apimachinery/object-meta.ts";
import { newInvalid } from "../../apimachinery/status-errors.ts";
import { apiVersionOf, type Subresource } from "../../registry/resource-definition.ts";
import type { KeyValue } from "../../storage/backend.ts";
import { type DecodeOptions, decodeObject } from "../negotiation/decode-object.ts";
import { type ExpectedKind, mediaTypeOf, readObject } from "../negotiation/read-body.ts";
import type { ResourceContext } from "../request-context.ts";
import { textResponse } from "../response/api-response.ts";
import { partialMetadata } from "../response/partial-metadata.ts";
import { tableText } from "../response/table-text.ts";
import type { UpdateOutcome } from "../storage/object-store.ts";
import { applyMediaType, readApplication } from "./apply.ts";
import { checkName } from "./check-name.ts";
import { viewWrite } from "./field-write.ts";
import { decodePatched } from "./patch.ts";
import { readPatch } from "./read-patch.ts";
import { type WriteOptions, writeOptions } from "./request-options.ts";
import { updatedObject } from "./update-object.ts";

type View = Extract<Subresource, { readonly type: "view" }>;

function expectedKind(view: View): ExpectedKind {
  return { kind: view.kind, apiVersion: apiVersionOf(view), model: view.model };
}

function viewResponse(context: ResourceContext, view: View, object: ApiObject): Promise<Response> {
  return textResponse(context, 200, context.format, viewText(context, view, view.read(object)));
}

/** The view's JSON in the form that the client asked for. */
function viewText(context: ResourceContext, { table }: View, shown: ApiObject): string {
  const { as, version } = context.format;
  if (as === "Table") return tableText(context, [shown], shown.metadata.resourceVersion, { table });
  return JSON.stringify(as === "" ? shown : partialMetadata(shown, version));
}

export async function viewHandler(context: ResourceContext, view: View): Promise<Response> {
  const { store, info } = context;
  if (info.verb === "get") {
    return viewResponse(context, view, store.codec.decode(await store.get(info.namespace, info.name)));
  }
  const { change, dryRun } = await viewChange(context, view);
  const written = await store.update(info.namespace, info.name, dryRun, (existing) =>
    writeView(context, view, change, existing, dryRun),
  );
  return viewResponse(
    context,
    view,
    written.stored === undefined ? written.object : store.codec.decode(written.stored),
  );
}

interface ViewChange {
  /** Makes the view that the client wants of the live one, with its managers. */
  readonly change: (live: ApiObject) => ApiObject;
  readonly dryRun: boolean;
}

function viewChange(context: ResourceContext, view: View): Promise<ViewChange> {
  if (context.info.verb !== "patch") return givenView(context, view);
  const isApplied = mediaTypeOf(context.request) === applyMediaType;
  return isApplied ? appliedView(context, view) : patchedView(context, view);
}

/** Settles who manages what of a view that was made of the live one. */
function tracked(live: ApiObject, wanted: ApiObject, write: FieldWrite): ApiObject {
  trackUpdate(live, wanted, write);
  return wanted;
}

function decodingOf(context: ResourceContext, options: WriteOptions): DecodeOptions {
  return { validation: options.fieldValidation, warnings: context.warnings };
}

async function givenView(context: ResourceContext, view: View): Promise<ViewChange> {
  const options = writeOptions(context.info.query, "UpdateOptions");
  const expected = expectedKind(view);
  const { object, text } = await readObject(context.request, expected);
  const given = decodeObject(object, expected, { ...decodingOf(context, options), text });
  checkName(given.metadata.name, context.info.name);
  const write = viewWrite(context, view, options);
  // A view is JSON; each attempt gets its own copy.
  const copy = () => cloneJson(given as unknown as JsonObject) as unknown as ApiObject;
  return { change: (live) => tracked(live, copy(), write), dryRun: options.dryRun };
}

async function patchedView(context: ResourceContext, view: View): Promise<ViewChange> {
  const options = writeOptions(context.info.query, "PatchOptions");
  const patch = await readPatch(context.request, false);
  const write = viewWrite(context, view, options);
  return {
    change(live) {
      // A view is JSON; the patch gets its own copy.
      const patched = () => patch.apply(cloneJson(live as unknown as JsonObject), view.model);
      const decoding = decodingOf(context, options);
      const wanted = decodePatched(patched(), patch, expectedKind(view), decoding, patched);
      return tracked(live, wanted, write);
    },
    dryRun: options.dryRun,
  };
}

async function appliedView(context: ResourceContext, view: View): Promise<ViewChange> {
  const { options, config } = await readApplication(context);
  const { namespace, name } = context.info;
  const request = {
    ...viewWrite(context, view, options),
    kind: view.kind,
    namespace,
    name,
    force: options.force,
    finish: (merged: JsonObject) =>
      decodeObject(merged, expectedKind(view), { validation: "Ignore", warnings: context.warnings }),
  };
  return { change: (live) => applyConfig(live, cloneJson(config), request), dryRun: options.dryRun };
}

function setManagers({ metadata }: ApiObject, entries: ManagedFieldsEntry[] | undefined): void {
  if (entries === undefined) delete metadata.managedFields;
  else metadata.managedFields = entries;
}

function replicasPaths({ store }: ResourceContext, view: View): ReplicasPaths {
  const { custom } = store.definition;
  if (custom === undefined) return () => view.replicasPath;
  return (apiVersion) => {
    const kind = custom.versions.get(apiVersion);
    return kind === undefined ? undefined : (kind.replicasPath ?? null);
  };
}

/** Throws Invalid for a view that cannot be, Conflict for one of an older state. */
function writeView(
  context: ResourceContext,
  view: View,
  change: (live: ApiObject) => ApiObject,
  existing: KeyValue,
  dryRun: boolean,
): Promise<UpdateOutcome> {
  const { definition, codec } = context.store;
  const object = codec.decode(existing);
  const { managedFields } = object.metadata;
  const pathIn = replicasPaths(context, view);
  const live = view.read(object);
  setManagers(live, managersOfScale(managedFields, pathIn));
  const wanted = change(live);
  const errors = view.validate(wanted);
  if (errors.length > 0) {
    throw newInvalid({ group: view.group, kind: view.kind }, context.info.name, errors);
  }
  view.write(object, wanted);
  const { resourceVersion, uid } = wanted.metadata;
  if (resourceVersion) object.metadata.resourceVersion = resourceVersion;
  if (uid) object.metadata.uid = uid;
  const ofView = wanted.metadata.managedFields;
  const apiVersion = apiVersionOf(definition);
  setManagers(object, managersAfterScale(managedFields, ofView, pathIn, apiVersion));
  return updatedObject(context, object, existing, dryRun);
}
