import { newBadRequest } from "../../apimachinery/status-errors.ts";

/** An object's name is the request's. Throws BadRequest for another, and for none. */
export function checkName(name: string | undefined, requested: string): void {
  if (name === requested) return;
  throw newBadRequest(
    name
      ? `the name of the object (${name}) does not match the name on the URL (${requested})`
      : `the name of the object (${requested} based on URL) was undeterminable: name must be provided`,
  );
}
