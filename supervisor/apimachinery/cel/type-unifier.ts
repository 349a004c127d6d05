import { type CelType, dynType, equalTypes } from "./types.ts";

/** Which type parameters stand for what, and whether types go together (cel-go `checker/types.go`). */
export class TypeUnifier {
  readonly #substitutions = new Map<string, CelType>();
  /** What each substitution was before, the newest last. */
  readonly #changes: Array<readonly [string, CelType | undefined]> = [];
  #freeNames = 0;

  /** A parameter that nothing is known of yet. */
  fresh(): CelType {
    return { kind: "param", name: `_var${this.#freeNames++}` };
  }

  /** Whether a value of `actual` may stand where `expected` is; parameters learn what they stand for. */
  assignable(actual: CelType, expected: CelType): boolean {
    return this.assignableAll([actual], [expected]);
  }

  /** Parameters learn only where all of the pairs go together. */
  assignableAll(actual: readonly CelType[], expected: readonly CelType[]): boolean {
    if (actual.length !== expected.length) return false;
    const mark = this.#changes.length;
    for (const [index, type] of actual.entries()) {
      const other = expected[index];
      if (other !== undefined && this.#assignable(type, other)) continue;
      this.#undo(mark);
      return false;
    }
    return true;
  }

  /** `type` with its parameters replaced by what they stand for; free ones become dyn on `freeToDyn`. */
  substitute(type: CelType, freeToDyn: boolean): CelType {
    switch (type.kind) {
      case "param": {
        const known = this.#substitutions.get(type.name);
        if (known !== undefined) return this.substitute(known, freeToDyn);
        return freeToDyn ? dynType : type;
      }
      case "list":
        return { kind: "list", element: this.substitute(type.element, freeToDyn) };
      case "optional":
        return { kind: "optional", element: this.substitute(type.element, freeToDyn) };
      case "type":
        return { kind: "type", of: this.substitute(type.of, freeToDyn) };
      case "map": {
        const key = this.substitute(type.key, freeToDyn);
        return { kind: "map", key, value: this.substitute(type.value, freeToDyn) };
      }
      default:
        return type;
    }
  }

  #assignable(actual: CelType, expected: CelType): boolean {
    if (expected.kind === "param") {
      const { valid, known } = this.#bind(actual, expected);
      if (valid) return true;
      if (known) return false;
    }
    if (actual.kind === "param") return this.#bind(expected, actual).valid;
    if (isDynOrError(actual) || isDynOrError(expected)) return true;
    if (actual.kind === "null") return isNullable(expected);
    if (expected.kind === "null") return isNullable(actual);
    if (actual.kind === "list" && expected.kind === "list") {
      return this.#assignable(actual.element, expected.element);
    }
    if (actual.kind === "optional" && expected.kind === "optional") {
      return this.#assignable(actual.element, expected.element);
    }
    if (actual.kind === "map" && expected.kind === "map") {
      return this.#assignable(actual.key, expected.key) && this.#assignable(actual.value, expected.value);
    }
    if (actual.kind === "type" && expected.kind === "type") return true;
    return equalTypes(actual, expected);
  }

  #bind(type: CelType, param: CelType & { kind: "param" }): { valid: boolean; known: boolean } {
    if (equalTypes(type, param)) return { valid: true, known: true };
    const known = this.#substitutions.get(param.name);
    if (known === undefined) {
      if (this.#refersTo(type, param.name)) return { valid: false, known: false };
      this.#set(param.name, type);
      return { valid: true, known: false };
    }
    if (equalTypes(type, known)) return { valid: true, known: true };
    if (!this.#assignable(type, known)) return { valid: false, known: true };
    const general = mostGeneral(type, known);
    if (!this.#refersTo(general, param.name)) this.#set(param.name, general);
    return { valid: true, known: true };
  }

  #set(name: string, type: CelType): void {
    this.#changes.push([name, this.#substitutions.get(name)]);
    this.#substitutions.set(name, type);
  }

  #undo(mark: number): void {
    for (const [name, before] of this.#changes.splice(mark).reverse()) {
      if (before === undefined) this.#substitutions.delete(name);
      else this.#substitutions.set(name, before);
    }
  }

  #refersTo(type: CelType, name: string): boolean {
    switch (type.kind) {
      case "param": {
        if (type.name === name) return true;
        const known = this.#substitutions.get(type.name);
        return known !== undefined && this.#refersTo(known, name);
      }
      case "list":
      case "optional":
        return this.#refersTo(type.element, name);
      case "map":
        return this.#refersTo(type.key, name) || this.#refersTo(type.value, name);
      case "type":
        return this.#refersTo(type.of, name);
      default:
        return false;
    }
  }
}

export function isDynOrError({ kind }: CelType): boolean {
  return kind === "dyn" || kind === "error";
}

function isNullable({ kind }: CelType): boolean {
  return ["null", "object", "optional", "timestamp", "duration"].includes(kind);
}

/** The one of two assignable types that takes more values. */
export function mostGeneral(left: CelType, right: CelType): CelType {
  return isEqualOrLessSpecific(left, right) ? left : isEqualOrLessSpecific(right, left) ? right : left;
}

function isEqualOrLessSpecific(left: CelType, right: CelType): boolean {
  if (left.kind === "dyn" || left.kind === "param") return true;
  if (right.kind === "dyn" || right.kind === "param") return false;
  if (left.kind === "list" && right.kind === "list")
    return isEqualOrLessSpecific(left.element, right.element);
  if (left.kind === "optional" && right.kind === "optional") {
    return isEqualOrLessSpecific(left.element, right.element);
  }
  if (left.kind === "map" && right.kind === "map") {
    return isEqualOrLessSpecific(left.key, right.key) && isEqualOrLessSpecific(left.value, right.value);
  }
  if (right.kind === "null") return isNullable(left);
  return equalTypes(left, right);
}
