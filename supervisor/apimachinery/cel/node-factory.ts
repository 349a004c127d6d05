import type {
  CallNode,
  ComprehensionNode,
  ConstNode,
  Expr,
  IdentNode,
  ListNode,
  MapNode,
  SelectNode,
  StructField,
  StructNode,
} from "./ast.ts";
import type { CelValue } from "./values.ts";

/** Makes the nodes of one expression, each with a number of its own. */
export class NodeFactory {
  #last = 0;

  constant(offset: number, value: CelValue): ConstNode {
    return { kind: "const", id: ++this.#last, offset, value };
  }

  ident(offset: number, name: string): IdentNode {
    return { kind: "ident", id: ++this.#last, offset, name };
  }

  select(offset: number, operand: Expr, field: string, testOnly = false): SelectNode {
    return { kind: "select", id: ++this.#last, offset, operand, field, testOnly };
  }

  call(offset: number, name: string, args: readonly Expr[], target?: Expr): CallNode {
    return {
      kind: "call",
      id: ++this.#last,
      offset,
      name,
      args,
      ...(target === undefined ? {} : { target }),
    };
  }

  list(offset: number, elements: ListNode["elements"]): ListNode {
    return { kind: "list", id: ++this.#last, offset, elements };
  }

  map(offset: number, entries: MapNode["entries"]): MapNode {
    return { kind: "map", id: ++this.#last, offset, entries };
  }

  struct(offset: number, typeName: string, fields: readonly StructField[]): StructNode {
    return { kind: "struct", id: ++this.#last, offset, typeName, fields };
  }

  comprehension(
    offset: number,
    parts: Omit<ComprehensionNode, "kind" | "id" | "offset" | "accuVar">,
    accuVar = "@result",
  ): ComprehensionNode {
    return { kind: "comprehension", id: ++this.#last, offset, accuVar, ...parts };
  }
}
