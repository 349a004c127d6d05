/** The messages of the gRPC health protocol (`grpc.health.v1`), in protobuf, framed as gRPC sends them. */

const statusNames = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];

/** A `HealthCheckRequest` that asks for the service; "" asks for the server as a whole. */
export function healthCheckRequest(service: string): Buffer {
  const name = Buffer.from(service);
  const message = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a]), varint(name.length), name]);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** The status in a `HealthCheckResponse`, by its name. Throws for what is none. */
export function healthCheckStatus(frame: Buffer): string {
  if (frame.length < 5) throw new Error("the answer has no message");
  if (frame[0] !== 0) throw new Error("the answer is compressed");
  const message = frame.subarray(5, 5 + frame.readUInt32BE(1));
  // Field 1, a number, absent where it is 0.
  const status = message[0] === 0x08 ? (message[1] ?? 0) : 0;
  return statusNames[status] ?? String(status);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}
