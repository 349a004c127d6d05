/**
 * What the generic handlers need to know of one resource. A resource is a row of these and a strategy: never a handler
 * of its own.
 */
import type { FieldError } from "../apimachinery/field-error.ts";
import type { Mutable } from "../apimachinery/mutable.ts";
import type { ApiObject, ObjectMeta } from "../apimachinery/object-meta.ts";
import type { FormatCheck } from "../apimachinery/validation/formats.ts";
import type { CustomKind } from "./custom-kind.ts";
import type { TableDefinition } from "./table.ts";

/** An object whose model is known: what decoding has checked. */
export type Typed<T> = Mutable<Omit<T, "metadata" | "kind" | "apiVersion">> & {
  kind: string;
  apiVersion: string;
  metadata: ObjectMeta;
};

/** Who asks (authentication.k8s.io `UserInfo`). */
export interface UserInfo {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** What a strategy may know of the request. */
export interface StrategyContext {
  readonly user: UserInfo;
  /** The time of the request as the API writes times. */
  readonly now: string;
}

/**
 * The rules of one kind. Every method gets objects that decoding has checked against the model and may change the new
 * one in place, never the old one. Absent methods have no rules.
 */
export interface Strategy {
  /** Fills in what the client left out, at every decoding of a body. */
  setDefaults?(object: ApiObject): void;
  /** Clears what clients may not set, and sets what the server does. */
  prepareForCreate?(object: ApiObject, context: StrategyContext): void;
  validate?(object: ApiObject): readonly FieldError[];
  prepareForUpdate?(object: ApiObject, old: ApiObject, context: StrategyContext): void;
  validateUpdate?(object: ApiObject, old: ApiObject): readonly FieldError[];
  /** What the client should know although the object is taken; `old` where it changes one that is there. */
  warnings?(object: ApiObject, old?: ApiObject): readonly string[];
}

/** A strategy with what only whole resources have. */
export interface ResourceStrategy extends Strategy {
  readonly checkName: FormatCheck;
  /** Whether a PUT without a resourceVersion is taken. */
  readonly allowUnconditionalUpdate: boolean;
  /** Whether a PUT creates what is not there. */
  readonly allowCreateOnUpdate: boolean;
  /** Whether DELETE answers with the object instead of a `Status`. */
  readonly returnsDeletedObject: boolean;
  /**
   * The seconds that a deletion waits for somebody to end what the object stands for; 0 to delete at once. Kinds
   * without this method are always deleted at once.
   */
  gracePeriodSeconds?(object: ApiObject, requested: number | undefined): number;
  /** Finalizers that the kind keeps elsewhere than in `metadata`. */
  finalizersInSpec?(object: ApiObject): readonly string[];
  /**
   * What a deletion does with dependents where neither client nor object say it: `Orphan` leaves them; `None` for kinds
   * that own nothing. Without it the garbage collector deletes them in the background.
   */
  readonly defaultPropagation?: "Orphan" | "None";
  /** What a client that leaves it to that default is told. */
  readonly defaultPropagationWarning?: string;
  /** Called when a deletion is asked for the first time and has to wait. */
  markTerminating?(object: ApiObject): void;
}

export type Subresource =
  /** A part of the object: GET, PUT and PATCH, of the same kind; `verbs` where it has not all of these. */
  | {
      readonly type: "part";
      readonly strategy: Strategy;
      readonly verbs?: readonly ("get" | "patch" | "update")[];
    }
  /** A POST of another kind that changes the object. */
  | {
      readonly type: "action";
      readonly kind: string;
      readonly model: string;
      /** Changes `object` as `body` says; an API error refuses. */
      apply(object: ApiObject, body: ApiObject, context: StrategyContext): void;
    }
  /** Another kind that shows a part of the object: GET, PUT and PATCH, as `scale` does. */
  | {
      readonly type: "view";
      readonly group: string;
      readonly version: string;
      readonly kind: string;
      readonly model: string;
      /** Where the object has the number that is the view's `spec.replicas`, so that it has the same owners. */
      readonly replicasPath: string;
      readonly table: TableDefinition;
      /** The view of an object; an API error where it cannot be shown so. */
      read(object: ApiObject): ApiObject;
      validate(view: ApiObject): readonly FieldError[];
      /** Changes `object` as `view` says. */
      write(object: ApiObject, view: ApiObject): void;
    }
  /** A POST of another kind that is answered at once and stores nothing, as `token` does. */
  | {
      readonly type: "answer";
      readonly group: string;
      readonly version: string;
      readonly kind: string;
      readonly model: string;
    }
  /** Streams that the proxy serves. */
  | { readonly type: "connect"; readonly kind: string; readonly methods: readonly string[] };

/** Another form of an object that is stored in a different one. */
export interface StorageView {
  /** The kind and version that the stored texts have. */
  readonly storedApiVersion: string;
  fromStorage(stored: ApiObject): ApiObject;
  toStorage(object: ApiObject): ApiObject;
}

export interface ResourceDefinition {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** The model's name in the schema tables; empty for custom resources. */
  readonly model: string;
  /** The schema by which custom resources are read, instead of a model. */
  readonly custom?: CustomKind;
  /** What everybody who asks for the resource is told. */
  readonly deprecationWarning?: string;
  /** All keys of the resource begin with this: `/registry/pods/`. */
  readonly storagePrefix: string;
  readonly view?: StorageView;
  readonly strategy: ResourceStrategy;
  readonly subresources: Readonly<Record<string, Subresource>>;
  readonly table: TableDefinition;
  /** A POST is answered at once; nothing is stored, listed or watched. */
  readonly isReview?: true;
  /** Verbs that other resources have. */
  readonly withoutVerbs?: ReadonlyArray<
    "create" | "delete" | "deletecollection" | "patch" | "update" | "watch"
  >;
  /** Makes the objects whenever they are read; nothing is stored. */
  compute?(): readonly ApiObject[];
  /** The fields that field selectors may name, beside `metadata.name` and `metadata.namespace`. */
  selectableFields?(object: ApiObject): Readonly<Record<string, string>>;
}

/** The kind of the resource's lists. */
export function listKindOf({ custom, kind }: Pick<ResourceDefinition, "custom" | "kind">): string {
  return custom?.listKind ?? `${kind}List`;
}

export function apiVersionOf(definition: Pick<ResourceDefinition, "group" | "version">): string {
  return definition.group === "" ? definition.version : `${definition.group}/${definition.version}`;
}
