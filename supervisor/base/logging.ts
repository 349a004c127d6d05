/** A value that a log line can carry beside its message. */
import { messageOf } from "./errors.ts";

type LogValue = string | number | boolean | undefined | Error;
export type LogFields = Readonly<Record<string, LogValue>>;
export type LogLevel = "debug" | "info" | "warn" | "error";

const order: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Writes one line an entry, `2026-01-31T12:00:00.000Z INFO  message key=value`, to standard error by default. */
export class Logger {
  readonly #level: LogLevel;
  readonly #fields: LogFields;
  readonly #write: (line: string) => void;

  constructor(
    level: LogLevel,
    write: (line: string) => void = (line) => process.stderr.write(line),
    fields: LogFields = {},
  ) {
    this.#level = level;
    this.#write = write;
    this.#fields = fields;
  }

  /** A logger whose every line carries these fields too. */
  with(fields: LogFields): Logger {
    return new Logger(this.#level, this.#write, { ...this.#fields, ...fields });
  }

  debug(message: string, fields: LogFields = {}): void {
    this.#log("debug", message, fields);
  }

  info(message: string, fields: LogFields = {}): void {
    this.#log("info", message, fields);
  }

  warn(message: string, fields: LogFields = {}): void {
    this.#log("warn", message, fields);
  }

  error(message: string, fields: LogFields = {}): void {
    this.#log("error", message, fields);
  }

  #log(level: LogLevel, message: string, fields: LogFields): void {
    if (order[level] < order[this.#level]) return;
    let line = `${new Date().toISOString()} ${level.toUpperCase().padEnd(5)} ${message}`;
    for (const [key, value] of Object.entries({ ...this.#fields, ...fields })) {
      if (value !== undefined) line += ` ${key}=${renderValue(value)}`;
    }
    this.#write(`${line}\n`);
  }
}

function renderValue(value: string | number | boolean | Error): string {
  const text = messageOf(value);
  return /^[\w./:@+-]+$/.test(text) ? text : JSON.stringify(text);
}
