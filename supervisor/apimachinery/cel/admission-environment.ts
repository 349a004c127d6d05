/** What expressions of admission policies and of webhooks' match conditions may name (apiserver `plugin/cel/compile.go`). */
import type { DeclType } from "./decl-type.ts";
import type { Environment, TypeResolver } from "./environment.ts";
import { kubernetesEnvironment } from "./kubernetes-environment.ts";
import { jsonPatchLibrary } from "./library/json-patch.ts";
import { mutationResolver } from "./mutation-types.ts";
import {
  boolType,
  type CelType,
  dynType,
  intType,
  listType,
  mapType,
  objectType,
  stringType,
  timestampType,
} from "./types.ts";

const text: DeclType = { type: stringType };
const whole: DeclType = { type: intType };
const time: DeclType = { type: timestampType };

function listOf(element: DeclType): DeclType {
  return { type: listType(element.type), element };
}

function mapOf(element: DeclType): DeclType {
  return { type: mapType(stringType, element.type), element };
}

function object(name: string, fields: Readonly<Record<string, DeclType>>): DeclType {
  const entries = Object.entries(fields).map(([field, type]) => [field, { name: field, type }] as const);
  return { type: objectType(name), fields: new Map(entries) };
}

const groupVersionKind = object("kubernetes.GroupVersionKind", { group: text, version: text, kind: text });
const groupVersionResource = object("kubernetes.GroupVersionResource", {
  group: text,
  version: text,
  resource: text,
});

const requestType = object("kubernetes.AdmissionRequest", {
  kind: groupVersionKind,
  resource: groupVersionResource,
  subResource: text,
  requestKind: groupVersionKind,
  requestResource: groupVersionResource,
  requestSubResource: text,
  name: text,
  namespace: text,
  operation: text,
  userInfo: object("kubernetes.UserInfo", {
    username: text,
    uid: text,
    groups: listOf(text),
    extra: mapOf(listOf(text)),
  }),
  dryRun: { type: boolType },
  options: { type: dynType },
});

const namespaceType = object("kubernetes.Namespace", {
  metadata: object("kubernetes.NamespaceMetadata", {
    name: text,
    generateName: text,
    namespace: text,
    labels: mapOf(text),
    annotations: mapOf(text),
    UID: text,
    creationTimestamp: time,
    deletionGracePeriodSeconds: whole,
    deletionTimestamp: time,
    generation: whole,
    resourceVersion: text,
    finalizers: listOf(text),
  }),
  spec: object("kubernetes.NamespaceSpec", { finalizers: listOf(text) }),
  status: object("kubernetes.NamespaceStatus", {
    conditions: listOf(
      object("kubernetes.NamespaceCondition", {
        status: text,
        type: text,
        lastTransitionTime: time,
        message: text,
        reason: text,
      }),
    ),
    phase: text,
  }),
});

export interface AdmissionVariables {
  readonly hasParams?: boolean;
  readonly hasAuthorizer?: boolean;
  /** Expressions make `Object{…}` and `JSONPatch{…}`. */
  readonly makesPatches?: boolean;
  /** The types of `variables`, in the order in which they may refer to each other. */
  readonly variables?: ReadonlyMap<string, CelType>;
  /** What `object`, `oldObject` and `params` are, where that is known; dyn otherwise. */
  readonly known?: KnownTypes;
}

export interface KnownTypes {
  readonly object: CelType;
  readonly params?: CelType | undefined;
  /** The types by schemas among them. */
  readonly objects: readonly DeclType[];
  /** Finds the fields of all others. */
  readonly resolver: TypeResolver;
}

const environments = new Map<string, Environment>();

/** The environments without variables of a policy's own are the same for all. */
function commonEnvironment({ hasParams, hasAuthorizer, makesPatches }: AdmissionVariables): Environment {
  const key = `${hasParams}/${hasAuthorizer}/${makesPatches}`;
  const known = environments.get(key);
  if (known !== undefined) return known;
  const environment = kubernetesEnvironment.extend({
    variables: {
      object: dynType,
      oldObject: dynType,
      namespaceObject: namespaceType.type,
      request: requestType.type,
      ...(hasParams ? { params: dynType } : {}),
      ...(hasAuthorizer
        ? {
            authorizer: objectType("kubernetes.authorization.Authorizer"),
            "authorizer.requestResource": objectType("kubernetes.authorization.ResourceCheck"),
          }
        : {}),
    },
    objects: [namespaceType, requestType],
    ...(makesPatches ? { resolver: mutationResolver, libraries: [jsonPatchLibrary] } : {}),
  });
  environments.set(key, environment);
  return environment;
}

export function admissionEnvironment(options: AdmissionVariables): Environment {
  const common = commonEnvironment(options);
  const { variables, known } = options;
  if (variables === undefined && known === undefined) return common;
  const own = new Map(Array.from(variables ?? [], ([name, type]) => [name, { name, type: { type } }]));
  const variablesType: DeclType = { type: objectType("kubernetes.variables"), fields: own };
  return common.extend({
    variables: {
      ...(variables === undefined ? {} : { variables: variablesType.type }),
      ...(known === undefined ? {} : { object: known.object, oldObject: known.object }),
      ...(known?.params === undefined ? {} : { params: known.params }),
    },
    objects: [variablesType, ...(known?.objects ?? [])],
    ...(known === undefined ? {} : { resolver: known.resolver }),
  });
}
