/** Schemas of custom resources whose publishing is checked. */

const text = (description: string, rest: object = {}): object => ({ description, type: "string", ...rest });

function list(description: string, items: object): object {
  return { description, type: "array", items };
}

function object(description: string, properties: object, rest: object = {}): object {
  return { description, type: "object", properties, ...rest };
}

export const nestedSchema = object("A shelf for tests", {
  spec: object("What the shelf shall hold", {
    boxes: list("The boxes and what they are made of.", {
      type: "object",
      required: ["name"],
      properties: {
        name: text("The name of a box."),
        age: text("The age of a box."),
        state: text("Whether a box is full.", { enum: ["Full", "Empty"] }),
        parts: list("The parts of a box.", { type: "string" }),
      },
    }),
  }),
  status: object("What the shelf holds", {
    boxes: list("The boxes that are there.", {
      type: "object",
      properties: {
        name: text("The name of a box."),
        available: { description: "Whether the box is there.", type: "boolean" },
        form: text("A form of boxes.", { pattern: "round|square" }),
      },
    }),
  }),
});

const openProperties = {
  spec: object("What is wished", { dummy: { description: "Any object.", type: "object" } }),
  status: object("What is there", { parts: list("Any objects.", { type: "object" }) }),
};

export const plainSchema = object("A plain kind for tests", openProperties);

const preserving = { "x-kubernetes-preserve-unknown-fields": true };

export const openRootSchema = object(
  "A kind that keeps unknown fields at its root",
  openProperties,
  preserving,
);

export const openSpecSchema = object("A kind that keeps unknown fields in its spec", {
  ...openProperties,
  spec: { ...openProperties.spec, ...preserving },
});
