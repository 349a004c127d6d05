import type { FieldError } from "../field-error.ts";

/** What checking a value against a schema has found. */
export class ValidationResult {
  readonly #errors = new Map<string, FieldError>();
  /** How many checks the value has passed: of alternatives that all fail, the one with most of them is reported. */
  matches = 0;

  get errors(): readonly FieldError[] {
    return Array.from(this.#errors.values());
  }

  get isValid(): boolean {
    return this.#errors.size === 0;
  }

  /** Each message is kept once. */
  add(message: string, error: FieldError): void {
    if (!this.#errors.has(message)) this.#errors.set(message, error);
  }

  merge(other: ValidationResult): void {
    this.matches += other.matches;
    for (const [message, error] of other.#errors) this.add(message, error);
  }
}
