import { expect, test } from "bun:test";
import { ResponseParser } from "./response-parser.ts";

/** What the parser says of these bytes, given in parts of `size`. */
function parse(text: string, size: number): string[] {
  const said: string[] = [];
  let body = "";
  const parser = new ResponseParser({
    head: (status) => {
      body = "";
      said.push(String(status));
    },
    body: (part) => {
      body += part.toString();
    },
    end: () => said.push(body),
  });
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) parser.push(bytes.subarray(at, at + size));
  return said;
}

const stream = [
  "HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nhello",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n",
  "HTTP/1.1 204 No Content\r\n\r\n",
  "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
].join("");

test.each([1, 2, 3, 7, 50, 10_000])("responses one after another are read from parts of %d bytes", (size) => {
  expect(parse(stream, size)).toEqual(["201", "hello", "200", "abc0123456789abcdef", "204", "", "200", ""]);
});
