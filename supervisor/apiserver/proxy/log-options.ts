import {
  type FieldError,
  forbiddenField,
  invalidField,
  notSupportedField,
} from "../../apimachinery/field-error.ts";
import { newBadRequest, newInvalid } from "../../apimachinery/status-errors.ts";

const logStreams = ["All", "Stderr", "Stdout"];
const wholeNumber = /^[+-]?[0-9]{1,18}$/;

/** Checks the query of a log request as `ValidatePodLogOptions` does. Throws an {@link ApiError}, 400 or 422. */
export function checkLogOptions(podName: string, query: URLSearchParams): void {
  const errors: FieldError[] = [];
  const [tailLines, limitBytes, sinceSeconds] = ["tailLines", "limitBytes", "sinceSeconds"].map((name) =>
    readNumber(query, name),
  );
  if (tailLines !== undefined && tailLines < 0) {
    errors.push(invalidField("tailLines", tailLines, "must be greater than or equal to 0"));
  }
  if (limitBytes !== undefined && limitBytes < 1) {
    errors.push(invalidField("limitBytes", limitBytes, "must be greater than 0"));
  }
  const sinceTime = query.get("sinceTime") ?? "";
  if (sinceTime !== "" && Number.isNaN(Date.parse(sinceTime))) {
    throw newBadRequest(
      `parsing time ${JSON.stringify(sinceTime)} as "2006-01-02T15:04:05Z07:00": cannot parse`,
    );
  }
  if (sinceTime !== "" && sinceSeconds !== undefined) {
    errors.push(forbiddenField("", "at most one of `sinceTime` or `sinceSeconds` may be specified"));
  } else if (sinceSeconds !== undefined && sinceSeconds < 1) {
    errors.push(invalidField("sinceSeconds", sinceSeconds, "must be greater than 0"));
  }
  checkStream(query.get("stream") ?? "", tailLines !== undefined, errors);
  if (errors.length > 0) throw newInvalid({ group: "", kind: "PodLogOptions" }, podName, errors);
}

function checkStream(stream: string, hasTail: boolean, errors: FieldError[]): void {
  if (stream === "") return;
  if (!logStreams.includes(stream)) errors.push(notSupportedField("stream", stream, logStreams));
  else if (stream !== "All" && hasTail) {
    errors.push(forbiddenField("", "`tailLines` and specific `stream` are mutually exclusive for now"));
  }
}

function readNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  if (wholeNumber.test(text)) return Number(text);
  throw newBadRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
}
