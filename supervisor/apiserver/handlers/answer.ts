/** Requests that are answered at once and store nothing: reviews, and subresources such as `token`. */
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import { newPathNotFound } from "../../apimachinery/status-errors.ts";
import { decodeObject } from "../negotiation/decode-object.ts";
import { type ExpectedKind, readObject } from "../negotiation/read-body.ts";
import type { ResourceContext } from "../request-context.ts";
import { textResponse } from "../response/api-response.ts";
import { writeOptions } from "./request-options.ts";

/** Answers a question of one kind; its result is sent. May change `question`. Throws API errors. */
export type Answer = (context: ResourceContext, question: ApiObject) => Promise<ApiObject> | ApiObject;

/** By the question's kind. */
export type Answers = Readonly<Record<string, Answer>>;

export async function answerHandler(context: ResourceContext, expected: ExpectedKind): Promise<Response> {
  const answer = context.answers[expected.kind];
  if (answer === undefined) throw newPathNotFound();
  const options = writeOptions(context.info.query, "CreateOptions");
  const { object: body, text } = await readObject(context.request, expected);
  const decoding = { validation: options.fieldValidation, text, warnings: context.warnings };
  const object = decodeObject(body, expected, decoding);
  const admission = { operation: "CREATE", context, object, dryRun: options.dryRun } as const;
  await context.admission.admit(admission);
  await context.admission.validate(admission);
  return textResponse(context, 201, context.format, JSON.stringify(await answer(context, object)));
}
