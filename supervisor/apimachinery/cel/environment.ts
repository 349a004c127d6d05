import type { DeclType } from "./decl-type.ts";
import type { FunctionDeclaration, Library } from "./declarations.ts";
import { type CelType, objectType } from "./types.ts";

export interface EnvironmentOptions {
  readonly libraries?: readonly Library[];
  /** By name; a name may have dots: `authorizer.requestResource`. */
  readonly variables?: Readonly<Record<string, CelType>>;
  /** The fields of the object types that variables are of. */
  readonly objects?: readonly DeclType[];
  /** Finds types that are named by what they are a part of: `Object.spec`. */
  readonly resolver?: TypeResolver;
}

export interface TypeResolver {
  /** The type of a field; undefined where the type has no such field or is none of the resolver's. */
  fieldType(typeName: string, field: string): CelType | undefined;
  hasType(typeName: string): boolean;
}

/** What an expression may name: variables, functions and types. */
export class Environment {
  readonly #parent: Environment | undefined;
  readonly #variables = new Map<string, CelType>();
  readonly #functions = new Map<string, FunctionDeclaration>();
  readonly #typeNames = new Map<string, CelType>();
  readonly #objects = new Map<string, DeclType>();
  readonly #resolver: TypeResolver | undefined;

  constructor(options: EnvironmentOptions, parent?: Environment) {
    this.#parent = parent;
    this.#resolver = options.resolver;
    for (const [name, type] of Object.entries(options.variables ?? {})) this.#variables.set(name, type);
    for (const library of options.libraries ?? []) this.#add(library);
    for (const object of options.objects ?? []) this.#addObject(object);
  }

  extend(options: EnvironmentOptions): Environment {
    return new Environment(options, this);
  }

  #add({ functions, typeNames = {} }: Library): void {
    for (const declaration of functions) {
      const { name } = declaration;
      const known = this.function(name);
      const overloads = [...(known?.overloads ?? []), ...declaration.overloads];
      const direct = (known ?? declaration).direct ?? false;
      this.#functions.set(name, { name, overloads, direct });
    }
    for (const [name, type] of Object.entries(typeNames)) this.#typeNames.set(name, type);
  }

  #addObject(object: DeclType): void {
    if (object.element !== undefined) this.#addObject(object.element);
    if (object.type.kind !== "object" || this.#objects.has(object.type.name)) return;
    this.#objects.set(object.type.name, object);
    for (const field of object.fields?.values() ?? []) this.#addObject(field.type);
  }

  variable(name: string): CelType | undefined {
    return this.#variables.get(name) ?? this.#parent?.variable(name);
  }

  function(name: string): FunctionDeclaration | undefined {
    return this.#functions.get(name) ?? this.#parent?.function(name);
  }

  /** The type that a name of a type stands for. */
  namedType(name: string): CelType | undefined {
    const named = this.#typeNames.get(name);
    if (named !== undefined) return named;
    if (this.#objects.has(name) || this.#resolver?.hasType(name)) return objectType(name);
    return this.#parent?.namedType(name);
  }

  object(name: string): DeclType | undefined {
    return this.#objects.get(name) ?? this.#parent?.object(name);
  }

  fieldType(typeName: string, field: string): CelType | undefined {
    const own = this.#objects.get(typeName)?.fields?.get(field)?.type.type;
    return own ?? this.#resolver?.fieldType(typeName, field) ?? this.#parent?.fieldType(typeName, field);
  }
}
