/**
 * The forms of names and keys, each check giving its complaints in the texts of apimachinery
 * (`pkg/util/validation`, `pkg/api/validate/content`); none for a good value.
 */
export type FormatCheck = (value: string) => readonly string[];

const none: readonly string[] = [];

function byteLength(text: string): number {
  return Buffer.byteLength(text);
}

function maxLengthMessage(bytes: number): string {
  return `must be no more than ${bytes} bytes`;
}

export function rangeMessage(low: number, high: number): string {
  return `must be between ${low} and ${high}, inclusive`;
}

const emptyMessage = "must be non-empty";
export const nonNegativeMessage = "must be greater than or equal to 0";

function regexMessage(text: string, regex: string, ...examples: readonly string[]): string {
  const shown = examples.map((example) => `'${example}'`).join(",  or ");
  return `${text} (e.g. ${shown}, regex used for validation is '${regex}')`;
}

interface Format {
  readonly maxBytes?: number;
  readonly regex: string;
  readonly message: string;
  readonly examples: readonly string[];
}

function formatCheck(format: Format): FormatCheck {
  const pattern = new RegExp(`^${format.regex}$`);
  return (value) => {
    const tooLong = format.maxBytes !== undefined && byteLength(value) > format.maxBytes;
    const matches = pattern.test(value);
    if (!tooLong && matches) return none;
    return [
      ...(tooLong ? [maxLengthMessage(format.maxBytes ?? 0)] : []),
      ...(matches ? [] : [regexMessage(format.message, format.regex, ...format.examples)]),
    ];
  };
}

const labelRegex = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const subdomainRegex = `${labelRegex}(\\.${labelRegex})*`;
const subdomainPattern = new RegExp(`^${subdomainRegex}$`);

const dnsLabel = formatCheck({
  maxBytes: 63,
  regex: labelRegex,
  message:
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  examples: ["my-name", "123-abc"],
});

export const checkDnsLabel: FormatCheck = (value) => {
  const complaints = dnsLabel(value);
  if (complaints.length === 0 || !value.includes(".") || !subdomainPattern.test(value)) return complaints;
  return [...complaints.slice(0, -1), "must not contain dots"];
};

/** A DNS label that begins with a letter (RFC 1035). */
export const checkDns1035Label = formatCheck({
  maxBytes: 63,
  regex: "[a-z]([-a-z0-9]*[a-z0-9])?",
  message:
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  examples: ["my-name", "abc-123"],
});

export const checkDnsSubdomain = formatCheck({
  maxBytes: 253,
  regex: subdomainRegex,
  message:
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  examples: ["example.com"],
});

export const checkWildcardSubdomain = formatCheck({
  maxBytes: 253,
  regex: `\\*\\.${subdomainRegex}`,
  message:
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  examples: ["*.example.com"],
});

const keyNameRegex = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const keyNameMessage =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const keyNameExamples = ["MyName", "my.name", "123-abc"];
const keyName = formatCheck({
  maxBytes: 63,
  regex: keyNameRegex,
  message: keyNameMessage,
  examples: keyNameExamples,
});

/** A label's key: `name`, or `prefix/name`. */
export const checkQualifiedName: FormatCheck = (value) => {
  const slash = value.indexOf("/");
  if (slash < 0) return keyNameComplaints(value);
  if (value.includes("/", slash + 1)) {
    const message = regexMessage(`a valid label key ${keyNameMessage}`, keyNameRegex, ...keyNameExamples);
    return [`${message} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const prefix = value.slice(0, slash);
  const complaints = prefix === "" ? [emptyMessage] : checkDnsSubdomain(prefix);
  const ofName = keyNameComplaints(value.slice(slash + 1));
  if (complaints.length === 0) return ofName;
  return [...complaints.map((complaint) => `prefix part ${complaint}`), ...ofName];
};

function keyNameComplaints(name: string): readonly string[] {
  const complaints = keyName(name);
  if (complaints.length === 0) return none;
  const all = name === "" ? [emptyMessage, ...complaints] : complaints;
  return all.map((complaint) => `name part ${complaint}`);
}

export const checkLabelValue = formatCheck({
  maxBytes: 63,
  regex: `(${keyNameRegex})?`,
  message:
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  examples: ["MyValue", "my_value", "12345"],
});

const configKey = formatCheck({
  maxBytes: 253,
  regex: "[-._a-zA-Z0-9]+",
  message: "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  examples: ["key.name", "KEY_NAME", "key-name"],
});

/** A key of a ConfigMap or Secret, which becomes a file's name. */
export const checkConfigKey: FormatCheck = (value) => {
  const complaints = configKey(value);
  if (value === ".") return [...complaints, "must not be '.'"];
  if (value === "..") return [...complaints, "must not be '..'"];
  return value.startsWith("..") ? [...complaints, "must not start with '..'"] : complaints;
};

/** An environment variable's name: printable ASCII without `=`. */
export const checkEnvName: FormatCheck = (value) => {
  if (value === "") return ["environment variable name must not be empty"];
  if (/^[\x20-\x3c\x3e-\x7e]+$/.test(value)) return none;
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
};

export const checkHttpHeaderName = formatCheck({
  regex: "[-A-Za-z0-9]+",
  message: "a valid HTTP header must consist of alphanumeric characters or '-'",
  examples: ["X-Header-Name"],
});

export const checkPercent = formatCheck({
  regex: "[0-9]+%",
  message: "a valid percent string must be a numeric string followed by an ending '%'",
  examples: ["1%", "93%"],
});

const underscoreLabelRegex = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";

/** A domain in which to search for names; names of services may begin with an underscore. */
export const checkSearchDomain = formatCheck({
  maxBytes: 253,
  regex: `${underscoreLabelRegex}(\\.${underscoreLabelRegex})*`,
  message:
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
  examples: ["example.com"],
});

const maxId = 2 ** 31 - 1;

/** A user's or group's number. */
export function checkId(id: number): readonly string[] {
  return id >= 0 && id <= maxId ? none : [rangeMessage(0, maxId)];
}

/** A service port's name (RFC 6335). */
export const checkPortName: FormatCheck = (value) => {
  const complaints: string[] = [];
  if (value.length > 15) complaints.push("must be no more than 15 characters");
  if (!/^[-a-z0-9]+$/.test(value)) {
    complaints.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  }
  if (!/[a-z]/.test(value)) complaints.push("must contain at least one letter (a-z)");
  if (value.includes("--")) complaints.push("must not contain consecutive hyphens");
  if (value.startsWith("-") || value.endsWith("-")) complaints.push("must not begin or end with a hyphen");
  return complaints;
};

export function checkPortNumber(port: number): readonly string[] {
  return port >= 1 && port <= 65535 ? none : [rangeMessage(1, 65535)];
}
