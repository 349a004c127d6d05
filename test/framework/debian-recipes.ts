import type { DebianImageRecipe } from "./debian-image.ts";

/** A shell and the small programs, for exec and probes. */
const shell = ["dash", "coreutils"];
/** What the packages' scripts would need, and the programs do not. */
const scripts = [
  ...[
    "adduser",
    "passwd",
    "debconf",
    "dpkg",
    "tar",
    "debianutils",
    "init-system-helpers",
    "sysvinit-utils",
    "lsb-base",
  ],
  ...["usrmerge", "perl", "perl-base", "perl-modules-5.36", "libperl5.36", "libgdbm6", "libgdbm-compat4"],
  ...[
    "libnumber-compare-perl",
    "libtext-glob-perl",
    "libfile-find-rule-perl",
    "libsemanage-common",
    "libsemanage2",
  ],
  ...["libsepol2", "libpam-modules", "libpam-modules-bin", "libaudit-common", "gcc-12-base"],
];

/** nginx as it comes, serving Debian's page on port 80, and what else stands in /var/www/html. */
export const nginxRecipe: DebianImageRecipe = {
  name: "test/nginx:1",
  packages: ["nginx", ...shell],
  leaveOut: [...scripts, "iproute2", "libcap2-bin", "libelf1", "libbpf1", "libmnl0", "libxtables12"],
  files: { "var/www/html/index.html": "<h1>Welcome to nginx!</h1>\n" },
  links: { "etc/nginx/sites-enabled/default": "/etc/nginx/sites-available/default" },
  config: { Cmd: ["nginx", "-g", "daemon off;"], ExposedPorts: { "80/tcp": {} }, StopSignal: "SIGQUIT" },
};

export const redisRecipe: DebianImageRecipe = {
  name: "test/redis:1",
  packages: ["redis-server", ...shell],
  leaveOut: scripts,
  config: {
    Entrypoint: ["redis-server"],
    Cmd: ["--bind", "0.0.0.0", "--protected-mode", "no"],
    ExposedPorts: { "6379/tcp": {} },
    WorkingDir: "/var/lib/redis",
  },
};

export const pythonRecipe: DebianImageRecipe = {
  name: "test/python:1",
  packages: ["python3", ...shell],
  leaveOut: scripts,
  config: { Cmd: ["python3"] },
};
