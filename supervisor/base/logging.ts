import { messageOf } from "./errors.ts";
import { writesToJournal } from "./writes-to-journal.ts";

/** A value that a log line can carry beside its message. */
type LogValue = string | number | boolean | undefined | Error;
export type LogFields = Readonly<Record<string, LogValue>>;
export type LogLevel = "debug" | "info" | "warn" | "error";

const order: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** What systemd's journal takes before a line as its priority (sd-daemon(3)). */
const priority: Readonly<Record<LogLevel, number>> = { debug: 7, info: 6, warn: 4, error: 3 };

/** Writes one line an entry, `2026-01-31T12:00:00.000Z INFO  message key=value`, to standard error by default. */
export class Logger {
  readonly #level: LogLevel;
  readonly #fields: LogFields;
  readonly #write: (line: string) => void;
  readonly #head: (level: LogLevel) => string;

  constructor(
    level: LogLevel,
    write: (line: string) => void = (line) => process.stderr.write(line),
    fields: LogFields = {},
    head: (level: LogLevel) => string = timedHead,
  ) {
    this.#level = level;
    this.#write = write;
    this.#fields = fields;
    this.#head = head;
  }

  /** A daemon's logger. In systemd's journal, which keeps the time of each line, its lines begin with the level alone. */
  static ofDaemon(level: LogLevel, isJournal = writesToJournal(), write?: (line: string) => void): Logger {
    return new Logger(level, write, {}, isJournal ? journalHead : timedHead);
  }

  /** A logger whose every line carries these fields too. */
  with(fields: LogFields): Logger {
    return new Logger(this.#level, this.#write, { ...this.#fields, ...fields }, this.#head);
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
    let line = `${this.#head(level)} ${message}`;
    for (const [key, value] of Object.entries({ ...this.#fields, ...fields })) {
      if (value !== undefined) line += ` ${key}=${renderValue(value)}`;
    }
    this.#write(`${line}\n`);
  }
}

function timedHead(level: LogLevel): string {
  return `${new Date().toISOString()} ${level.toUpperCase().padEnd(5)}`;
}

function journalHead(level: LogLevel): string {
  return `<${priority[level]}>${level.toUpperCase().padEnd(5)}`;
}

function renderValue(value: string | number | boolean | Error): string {
  const text = messageOf(value);
  return /^[\w./:@+-]+$/.test(text) ? text : JSON.stringify(text);
}
