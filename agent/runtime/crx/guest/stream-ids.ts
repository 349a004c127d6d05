import type { FieldReader } from "../channel/fields.ts";
import { ProtocolError, tag } from "../channel/protocol.ts";

/** The streams of a container, a process or a connection, as the guest numbered them. */
export interface StreamIds {
  readonly stdin?: number;
  readonly stdout?: number;
  readonly stderr?: number;
}

export function readStreamIds(fields: FieldReader): StreamIds {
  const stdin = fields.u32(tag.stdin);
  const stdout = fields.u32(tag.stdout);
  const stderr = fields.u32(tag.stderr);
  const given = [stdin, stdout, stderr].filter((id) => id !== undefined);
  if (new Set(given).size < given.length) throw new ProtocolError("The guest gave one stream id twice");
  return {
    ...(stdin === undefined ? {} : { stdin }),
    ...(stdout === undefined ? {} : { stdout }),
    ...(stderr === undefined ? {} : { stderr }),
  };
}
