/** The real kubectl against a supervisor without controllers: what people type, and what it says to them. */
import { describe, expect, setDefaultTimeout } from "bun:test";
import { join } from "node:path";
import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { systemClock } from "../../../supervisor/base/clock.ts";
import { createCertificateRequest } from "../../../supervisor/base/pki/certificate-request.ts";
import { loadClusterPki } from "../../../supervisor/base/pki/cluster-pki.ts";
import { generateKeyPem } from "../../../supervisor/base/pki/keys.ts";
import { createEventRecorder } from "../../../supervisor/client/event-recorder.ts";
import { HttpTransport } from "../../../supervisor/client/http-transport.ts";
import { resources } from "../../../supervisor/client/resources.ts";
import { createClient } from "../../../supervisor/client/rest-client.ts";
import { waitUntil } from "../../framework/wait-until.ts";
import { kubectlRig } from "./kubectl-rig.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web", labels: { app: "web" } },
  spec: {
    containers: [
      { name: "main", image: "nginx:1.25", ports: [{ containerPort: 80 }], env: [{ name: "A", value: "1" }] },
      { name: "side", image: "busybox", resources: { requests: { cpu: "100m" }, limits: { cpu: "1" } } },
    ],
  },
};

describe.each(["v36", "v35", "v34"])("kubectl %s", (version) => {
  const { supervisor, kubectl, check, reason, says, manifest } = kubectlRig(version);

  check(`finds the server and its resources${reason}`, async () => {
    // The oldest says that two minor versions lie in between.
    expect((await kubectl("version")).stdout).toMatch(/Server Version: v1\.36\.\d+\+pacific\.\d+/);
    const resources = await says("api-resources", "-o", "name");
    for (const name of ["pods", "nodes", "leases.coordination.k8s.io", "events.events.k8s.io"]) {
      expect(resources.split("\n")).toContain(name);
    }
    expect(await says("get", "--raw", "/readyz")).toBe("ok");
  });

  check(`creates, of all kinds that it has commands for${reason}`, async () => {
    expect(await says("create", "namespace", "made")).toBe("namespace/made created\n");
    expect(await says("create", "configmap", "c", "-n", "made", "--from-literal=a=b")).toContain("created");
    expect(await says("create", "secret", "generic", "s", "-n", "made", "--from-literal=a=b")).toContain(
      "created",
    );
    expect(await says("create", "serviceaccount", "sa", "-n", "made")).toContain("created");
    // No controller runs here that makes the account of the namespace's Pods.
    expect(await says("create", "serviceaccount", "default", "-n", "made")).toContain("created");
    expect(await says("run", "r", "-n", "made", "--image=nginx", "--restart=Never")).toContain("created");
    expect(await says("get", "secret", "s", "-n", "made", "-o", "jsonpath={.data.a}")).toBe("Yg==");
    const listed = await says("get", "cm,secret,sa,pod", "-n", "made", "--no-headers");
    expect(
      listed
        .trim()
        .split(/\n+/)
        .map((line) => line.split(/\s+/)[0]),
    ).toEqual(["configmap/c", "secret/s", "serviceaccount/default", "serviceaccount/sa", "pod/r"]);
  });

  check(`applies, tells differences, and applies again${reason}`, async () => {
    const file = manifest("pod", pod);
    expect(await says("apply", "-f", file)).toBe("pod/web created\n");
    expect(await says("apply", "-f", file)).toBe("pod/web unchanged\n");
    const [main, side] = pod.spec.containers;
    const next = manifest("pod", { ...pod, spec: { containers: [{ ...main, image: "nginx:1.26" }, side] } });
    const diff = await kubectl("diff", "-f", next);
    expect(diff.code).toBe(1);
    expect(diff.stdout).toContain("+  - image: nginx:1.26".replace("  - ", "    "));
    expect(await says("apply", "-f", next)).toBe("pod/web configured\n");
    expect(await says("get", "pod", "web", "-o", "jsonpath={.spec.containers[*].image}")).toBe(
      "nginx:1.26 busybox",
    );
    expect(await says("get", "pod", "web", "-o", "jsonpath={.spec.containers[1].resources}")).toBe(
      '{"limits":{"cpu":"1"},"requests":{"cpu":"100m"}}',
    );
  });

  check(`labels, annotates, patches, replaces and edits${reason}`, async () => {
    expect(await says("label", "pod", "web", "tier=a")).toBe("pod/web labeled\n");
    expect(await says("annotate", "pod", "web", "note=x")).toContain("annotated");
    const image = '{"spec":{"containers":[{"name":"main","image":"nginx:1.27"}]}}';
    expect(await says("patch", "pod", "web", "-p", image)).toContain("patched");
    const json = '[{"op":"remove","path":"/metadata/labels/tier"}]';
    expect(await says("patch", "pod", "web", "--type=json", "-p", json)).toContain("patched");
    expect(
      await says("patch", "pod", "web", "--type=merge", "-p", '{"metadata":{"labels":{"m":"1"}}}'),
    ).toContain("patched");
    expect(await says("set", "image", "pod/web", "side=busybox:1")).toContain("image updated");
    const labels = JSON.parse(await says("get", "pod", "web", "-o", "jsonpath={.metadata.labels}"));
    expect(labels).toEqual({ app: "web", m: "1" });
    const images = await says("get", "pod", "web", "-o", "jsonpath={.spec.containers[*].image}");
    expect(images).toBe("nginx:1.27 busybox:1");
    const status = '{"status":{"conditions":[{"type":"Ready","status":"True"}]}}';
    expect(await says("patch", "pod", "web", "--subresource=status", "-p", status)).toContain("patched");
    expect(await says("wait", "--for=condition=Ready", "pod/web", "--timeout=300s")).toBe(
      "pod/web condition met\n",
    );
  });

  check(`shows tables, wide and selected, and describes${reason}`, async () => {
    const table = await says("get", "pods", "-o", "wide", "-l", "app=web");
    const [head = "", row = ""] = table.split("\n");
    expect(head.split(/\s{2,}/)).toEqual(
      "NAME READY STATUS RESTARTS AGE IP NODE,NOMINATED NODE,READINESS GATES"
        .split(",")
        .flatMap((part, index) => (index === 0 ? part.split(" ") : [part])),
    );
    expect(row.split(/\s{2,}/).slice(0, 4)).toEqual(["web", "0/2", "Pending", "0"]);
    expect(await says("get", "pods", "--field-selector=status.phase=Running", "-o", "name")).toBe("");
    expect(await says("describe", "pod", "web")).toMatch(/Service Account: +default\n/);
    expect(await says("get", "ns", "--no-headers")).toMatch(/^default +Active +\d+s$/m);
    expect(await says("get", "pods", "-A", "--chunk-size=1", "--no-headers")).toMatch(
      /^default +web .*\nmade +r /,
    );
    expect(await says("explain", "pod.spec.containers.imagePullPolicy")).toContain(
      "FIELD: imagePullPolicy <string>",
    );
  });

  check(`applies, pages through, chooses and deletes the items of a List${reason}`, async () => {
    const items = Array.from({ length: 30 }, (_, index) => ({
      ...{ apiVersion: "v1", kind: "ConfigMap", data: { index: `${index}` } },
      metadata: { name: `item-${index}`, labels: { third: `t${index % 3}` } },
    }));
    const file = manifest("list", { apiVersion: "v1", kind: "List", items });
    expect((await says("apply", "-f", file)).trim().split("\n")).toHaveLength(30);
    const wrong = [{ ...items[0], metadata: { name: "wrong" }, dta: {} }];
    const refused = await kubectl(
      "apply",
      "-f",
      manifest("wrong", { apiVersion: "v1", kind: "List", items: wrong }),
    );
    expect(refused.stderr).toContain('unknown field "dta" in io.k8s.api.core.v1.ConfigMap');
    const names = async (...more: string[]): Promise<string[]> =>
      (await says("get", "configmaps", "-o", "name", ...more))
        .split("\n")
        .filter((name) => name.includes("item-"));
    expect(await names("--chunk-size=7")).toHaveLength(30);
    expect(await names("-l", "third in (t0, t1), third != t1")).toHaveLength(10);
    const collection = "/api/v1/namespaces/default/configmaps";
    await says("delete", "--raw", `${collection}?labelSelector=third%3Dt2`);
    expect(await names()).toHaveLength(20);
    await says("delete", "--raw", `${collection}?fieldSelector=metadata.name%3Ditem-0`);
    expect(await names()).toHaveLength(19);
    await says("delete", "configmaps", "-l", "third");
    expect(await names()).toEqual([]);
  });

  check(`shows how often an event of a host came, and that a machine was made anew${reason}`, async () => {
    const pki = await loadClusterPki({
      directory: join(supervisor().dataDir, "tls"),
      serverNames: [],
      clock: systemClock,
    });
    const subject = { commonName: "system:node:n1", organizations: ["system:nodes"] };
    const credentials = await pki.authority.issue({ subject, uses: ["client"], nowMs: Date.now() });
    const { url: server, caPem } = supervisor();
    const client = createClient(new HttpTransport({ server, caPem, credentials }));
    const recorder = createEventRecorder(client, { component: "kubelet", host: "n1" });
    const web = await supervisor().admin.resource<V1Pod>(resources.pods, "default").get("web");
    const changed = "Pod sandbox changed, it will be killed and re-created.";
    recorder.event(web, "Normal", "SandboxChanged", changed);
    for (let time = 0; time < 3; time++) {
      recorder.event(web, "Normal", "Started", "Container started", "spec.containers{main}");
    }
    const described = await waitUntil(async () => {
      const text = await says("describe", "pod", "web");
      return text.includes("x3 over") && text;
    });
    expect(described).toMatch(/Normal +Started +\S+ \(x3 over \S+\) +kubelet +.*Container started/);
    expect(described).toMatch(
      /Normal +SandboxChanged +\S+ +kubelet +.*Pod sandbox changed, it will be killed/,
    );
    expect(await says("events", "--for", "pod/web")).toMatch(/\(x3 over \S+\) +Normal +Started +Pod\/web/);
    // The server's table, as kube-apiserver's, has the count in a column of its own.
    const wide = await says("get", "events", "--field-selector", "reason=Started", "-o", "wide");
    expect(wide).toMatch(
      /^LAST SEEN +TYPE +REASON +OBJECT +SUBOBJECT +SOURCE +MESSAGE +FIRST SEEN +COUNT +NAME/,
    );
    expect(wide).toMatch(/spec\.containers\{main\} +kubelet, n1 +Container started +\S+ +3 +web\./);
  });

  check(`says what is wrong in the API's words${reason}`, async () => {
    const [main] = pod.spec.containers;
    const twice = { ...pod, metadata: { name: "bad" }, spec: { containers: [main, main], restart: "x" } };
    const strict = await kubectl("apply", "-f", manifest("strict", twice));
    expect(strict.stderr).toContain('strict decoding error: unknown field "spec.restart"');
    const lax = await kubectl("apply", "--validate=false", "-f", manifest("strict", twice));
    expect(lax.stderr).toContain('spec.containers[1].name: Duplicate value: "main"');
    expect((await kubectl("get", "pod", "none")).stderr).toBe(
      'Error from server (NotFound): pods "none" not found\n',
    );
    expect((await kubectl("get", "widgets")).stderr).toContain(
      'error: the server doesn\'t have a resource type "widgets"',
    );
    expect((await kubectl("logs", "web", "-c", "main")).code).toBe(0);
    const joe = await kubectl("get", "pods", "--as", "joe");
    expect(joe.stderr).toContain('pods is forbidden: User "joe" cannot list resource "pods"');
  });

  check(`approves certificates${reason}`, async () => {
    const pem = createCertificateRequest(generateKeyPem(), { commonName: "joe" });
    const request = {
      apiVersion: "certificates.k8s.io/v1",
      kind: "CertificateSigningRequest",
      metadata: { name: "joe" },
      spec: {
        request: Buffer.from(pem).toString("base64"),
        signerName: "kubernetes.io/kube-apiserver-client",
        usages: ["client auth"],
      },
    };
    await says("apply", "-f", manifest("csr", request));
    expect(await says("certificate", "approve", "joe")).toContain("approved");
    expect(await says("get", "csr", "--no-headers")).toMatch(
      /kube-apiserver-client +system:admin +<none> +Approved/,
    );
  });

  check(`cordons, and deletes one, some and whole namespaces${reason}`, async () => {
    await says("apply", "-f", manifest("node", { apiVersion: "v1", kind: "Node", metadata: { name: "n1" } }));
    expect(await says("cordon", "n1")).toBe("node/n1 cordoned\n");
    expect(await says("get", "nodes", "--no-headers")).toMatch(/^n1 +Unknown,SchedulingDisabled +<none> /);
    expect(await says("delete", "pod", "web", "--timeout=300s")).toContain('pod "web" deleted');
    expect(await says("delete", "configmaps", "--all", "-n", "made")).toContain('configmap "c" deleted');
    expect(await says("delete", "ns", "made", "--wait=false")).toContain('namespace "made" deleted');
    expect(await says("get", "ns", "made", "-o", "jsonpath={.status.phase}")).toBe("Terminating");
    expect((await kubectl("delete", "ns", "default")).stderr).toContain("this namespace may not be deleted");
  });
});
