/** Reads the address of a supervisor, without a slash at its end. Throws an error that says what was expected. */
export function parseServerUrl(text: string): string {
  const url = URL.parse(text);
  if (url?.protocol === "https:" && url.host !== "") return text.replace(/\/+$/, "");
  throw new Error("expected an address such as https://192.0.2.1:6443");
}
