/** Asks a schema's rules in CEL about values (apiextensions-apiserver `pkg/apiserver/schema/cel/validation.go`). */
import { CelError } from "../cel/cel-error.ts";
import type { DeclType } from "../cel/decl-type.ts";
import { escapeFieldName } from "../cel/field-names.ts";
import { celFromJson } from "../cel/json-views.ts";
import { schemaType } from "../cel/schema-type.ts";
import { CelOptional, type CelValue } from "../cel/values.ts";
import {
  duplicateField,
  type FieldError,
  forbiddenField,
  invalidField,
  requiredField,
} from "../field-error.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json/json-value.ts";
import { type CompiledRule, compileRules } from "./compile-rules.ts";
import { type Correlation, oldItem } from "./correlation.ts";
import { fieldOf, type Structural } from "./structural.ts";

/** What all rules of one request may cost together (apiserver `apis/cel` `RuntimeCELCostBudget`). */
const requestCostBudget = 10_000_000;
const maxMessageBytes = 5 * 1024;

const outOfBudget =
  "validation failed due to running out of cost budget, no further validation rules will be run";

/** One request's rules: what they may still cost, and what they have found. */
interface Run {
  budget: number;
  readonly errors: FieldError[];
}

/** What the values of one place in an object have to do with those of before. */
interface Context {
  readonly path: string;
  readonly old: JsonValue | undefined;
  readonly correlation: Correlation | undefined;
  /** The nearest value around this one that has a counterpart in the old object. */
  readonly parent: Correlation | undefined;
}

/** The rules of a schema and of those in it; parts without rules are left out. Made once of a version's schema. */
export class RuleValidator {
  readonly #structural: Structural;
  readonly #type: DeclType;
  readonly #rules: readonly CompiledRule[];
  readonly #properties = new Map<string, RuleValidator>();
  readonly #additional: RuleValidator | undefined;
  readonly #items: RuleValidator | undefined;

  private constructor(structural: Structural, type: DeclType) {
    this.#structural = structural;
    this.#type = type;
    this.#rules = compileRules(structural.schema, type);
    for (const [name, property] of structural.properties) {
      const escaped = escapeFieldName(name);
      const field = escaped === undefined ? undefined : type.fields?.get(escaped)?.type;
      const validator = RuleValidator.#of(property, field ?? schemaType(property.schema, name));
      if (validator !== undefined) this.#properties.set(name, validator);
    }
    const { additionalProperties } = structural;
    this.#additional =
      typeof additionalProperties === "object"
        ? RuleValidator.#of(additionalProperties, type.element)
        : undefined;
    this.#items = structural.items && RuleValidator.#of(structural.items, type.element);
  }

  /** The rules of a whole object; undefined where it has none. */
  static ofRoot(structural: Structural): RuleValidator | undefined {
    return RuleValidator.#of(structural, schemaType(structural.schema, "selfType", true));
  }

  static #of(structural: Structural, type: DeclType | undefined): RuleValidator | undefined {
    return structural.holds.rules && type !== undefined ? new RuleValidator(structural, type) : undefined;
  }

  /** What the rules say of an object, and with `old` of its change. */
  validate(
    object: JsonObject,
    old: JsonObject | undefined,
    correlation?: Correlation,
  ): readonly FieldError[] {
    const run: Run = { budget: requestCostBudget, errors: [] };
    this.#visit(object, { path: "", old, correlation, parent: undefined }, run);
    return run.errors;
  }

  #visit(value: JsonValue | undefined, context: Context, run: Run): void {
    if (value === null || value === undefined || run.budget < 0) return;
    this.#ask(value, context, run);
    if (Array.isArray(value)) this.#visitItems(value, context, run);
    else if (isJsonObject(value)) this.#visitFields(value, context, run);
  }

  #visitItems(list: readonly JsonValue[], context: Context, run: Run): void {
    const items = this.#items;
    if (items === undefined) return;
    const { listType, listMapKeys } = this.#structural;
    const old = listType === "map" && Array.isArray(context.old) ? context.old : [];
    list.forEach((item, index) => {
      const { correlation } = context;
      items.#visit(
        item,
        {
          path: `${context.path}[${index}]`,
          old: oldItem(item, old, listMapKeys),
          correlation: correlation?.item(index),
          parent: correlation ?? context.parent,
        },
        run,
      );
    });
  }

  #visitFields(object: JsonObject, context: Context, run: Run): void {
    const old = isJsonObject(context.old) ? context.old : {};
    const { correlation, path } = context;
    for (const name of Object.keys(object)) {
      const isNamed = this.#structural.properties.has(name);
      const validator = isNamed ? this.#properties.get(name) : this.#additional;
      if (validator === undefined || fieldOf(this.#structural, name) === undefined) continue;
      validator.#visit(
        object[name],
        {
          path: !isNamed ? `${path}[${name}]` : path === "" ? name : `${path}.${name}`,
          old: old[name],
          correlation: correlation?.field(name),
          parent: correlation ?? context.parent,
        },
        run,
      );
    }
  }

  #ask(value: JsonValue, context: Context, run: Run): void {
    if (this.#rules.length === 0) return;
    const field = context.path === "" ? "<nil>" : context.path;
    const hasOld = context.old !== undefined && context.old !== null;
    const self = this.#celValue(value, field, run);
    const oldSelf = hasOld ? this.#celValue(context.old, field, run) : undefined;
    if (self === undefined || (hasOld && oldSelf === undefined)) return;
    for (const compiled of this.#rules) {
      if (run.budget < 0) return;
      const isOptional = compiled.rule.optionalOldSelf ?? false;
      if (compiled.program === undefined) {
        if (compiled.problem !== undefined) this.#fail(run, field, `rule compile error: ${compiled.problem}`);
        continue;
      }
      // Rules of change have nothing to say of what is new.
      if (compiled.usesOldSelf && !hasOld && !isOptional) continue;
      const bindings = new Map<string, CelValue>([["self", self]]);
      if (isOptional) bindings.set("oldSelf", new CelOptional(oldSelf));
      else if (oldSelf !== undefined) bindings.set("oldSelf", oldSelf);
      this.#evaluate(compiled, compiled.program, bindings, value, context, run);
    }
  }

  /** A value as expressions see it; undefined, with an error, for a text that is not of its format. */
  #celValue(value: JsonValue | undefined, field: string, run: Run): CelValue | undefined {
    try {
      return celFromJson(value, this.#type);
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      this.#fail(run, field, error.message);
      return undefined;
    }
  }

  #evaluate(
    compiled: CompiledRule,
    program: NonNullable<CompiledRule["program"]>,
    bindings: ReadonlyMap<string, CelValue>,
    value: JsonValue,
    context: Context,
    run: Run,
  ): void {
    const field = context.path === "" ? "<nil>" : context.path;
    const result = program.evaluate(bindings);
    run.budget -= result.cost;
    if (run.budget < 0) this.#fail(run, field, outOfBudget);
    else if (!result.ok) this.#failEvaluation(result, compiled, field, run);
    else if (result.value !== true) this.#refuse(compiled, bindings, value, context, run);
  }

  /** A rule does not hold. */
  #refuse(
    compiled: CompiledRule,
    bindings: ReadonlyMap<string, CelValue>,
    value: JsonValue,
    context: Context,
    run: Run,
  ): void {
    const field = context.path === "" ? "<nil>" : context.path;
    const detail = this.#detail(compiled, bindings, field, run);
    if (detail === undefined) return;
    const name = [context.path, compiled.fieldPath].filter((part) => part !== "").join(".") || "<nil>";
    const isKnown = (context.correlation ?? context.parent)?.isUnchanged ?? false;
    // What was wrong already and has not changed is not held against an update.
    if (isKnown && !compiled.usesOldSelf) return;
    run.errors.push(errorFor(compiled.rule.reason, name, this.#shown(value), detail));
  }

  /** Objects and lists are not repeated in messages. */
  #shown(value: JsonValue): JsonValue | undefined {
    const { type } = this.#structural;
    return type === "object" || type === "array" ? undefined : value;
  }

  #failEvaluation(
    { message, costExceeded }: { readonly message: string; readonly costExceeded: boolean },
    { rule }: CompiledRule,
    field: string,
    run: Run,
  ): void {
    const text = rule.message?.trim() || rule.rule.trim();
    if (costExceeded) {
      const why = `'${message}': no further validation rules will be run due to call cost exceeds limit for rule: ${text}`;
      this.#fail(run, field, why);
      run.budget = -1;
    } else if (message.startsWith("no such overload")) {
      const why = `call arguments did not match a supported operator, function or macro signature for rule: ${text}`;
      this.#fail(run, field, `'${message}': ${why}`);
    } else this.#fail(run, field, `${message} evaluating rule: ${text}`);
  }

  #fail(run: Run, field: string, detail: string): void {
    run.errors.push(invalidField(field, this.#structural.type, detail));
  }

  /** What a rule that does not hold has to say; undefined where nothing more can be asked. */
  #detail(
    compiled: CompiledRule,
    bindings: ReadonlyMap<string, CelValue>,
    field: string,
    run: Run,
  ): string | undefined {
    const { rule, message } = compiled;
    const standing = rule.message ? rule.message.trim() : `failed rule: ${rule.rule.trim()}`;
    if (message === undefined) return standing;
    const result = message.evaluate(bindings);
    run.budget -= result.cost;
    if (run.budget < 0) {
      const why =
        "messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run";
      this.#fail(run, field, why);
      return undefined;
    }
    if (!result.ok || typeof result.value !== "string") return standing;
    const text = result.value.trim();
    return text === "" || text.includes("\n") || Buffer.byteLength(text) > maxMessageBytes ? standing : text;
  }
}

function errorFor(
  reason: string | undefined,
  field: string,
  value: JsonValue | undefined,
  detail: string,
): FieldError {
  if (reason === "FieldValueForbidden") return forbiddenField(field, detail);
  if (reason === "FieldValueRequired") return requiredField(field, detail);
  if (reason === "FieldValueDuplicate") {
    return value === undefined
      ? { type: "FieldValueDuplicate", field, body: "Duplicate value" }
      : duplicateField(field, value);
  }
  if (value !== undefined) return invalidField(field, value, detail);
  return { type: "FieldValueInvalid", field, body: `Invalid value: ${detail}` };
}
