"""What people do with Python's client of Kubernetes; prints a JSON object for each step that is done."""
import json
import threading
import time

from kubernetes import client, config, dynamic, watch
from kubernetes.client.rest import ApiException
from kubernetes.leaderelection import electionconfig, leaderelection
from kubernetes.leaderelection.resourcelock.configmaplock import ConfigMapLock
from kubernetes.stream import portforward, stream

config.load_kube_config()
core = client.CoreV1Api()
NAMESPACE = "python"
GROUP = "python.example.com"


def step(name, value):
    print(json.dumps({name: value}), flush=True)


def status_of(action):
    try:
        action()
    except ApiException as error:
        return [error.status, json.loads(error.body)["message"]]
    return "done"


def objects():
    core.create_namespace({"metadata": {"name": NAMESPACE}})
    for index in range(5):
        core.create_namespaced_config_map(NAMESPACE, {"metadata": {"name": f"c{index}"}, "data": {"a": "1"}})
    patched = core.patch_namespaced_config_map("c0", NAMESPACE, {"data": {"a": None, "b": "2"}})
    step("patched", patched.data)
    names, token = [], None
    while token is None or token:
        page = core.list_namespaced_config_map(NAMESPACE, limit=2, _continue=token or None)
        names += [item.metadata.name for item in page.items if item.metadata.name.startswith("c")]
        token = page.metadata._continue or ""
    step("pages", names)
    again = lambda: core.create_namespaced_config_map(NAMESPACE, {"metadata": {"name": "c0"}})
    step("conflict", status_of(again))
    version = page.metadata.resource_version
    core.delete_namespaced_config_map("c4", NAMESPACE)
    events = watch.Watch().stream(
        core.list_namespaced_config_map, NAMESPACE, resource_version=version, timeout_seconds=30
    )
    event = next(iter(events))
    step("watched", [event["type"], event["object"].metadata.name])


def definitions(dynamic_client):
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"foos.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {"plural": "foos", "kind": "Foo"},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "subresources": {"status": {}},
                    "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
                }
            ],
        },
    }
    kinds = dynamic_client.resources
    crds = kinds.get(api_version="apiextensions.k8s.io/v1", kind="CustomResourceDefinition")
    crds.create(body=definition)
    # By a selector: with a name this client asks for the object, not for a watch.
    selector = f"metadata.name={definition['metadata']['name']}"
    for seen in crds.watch(field_selector=selector, timeout=30):
        conditions = seen["object"].to_dict().get("status", {}).get("conditions") or []
        if any(one["type"] == "Established" and one["status"] == "True" for one in conditions):
            break
    kinds.invalidate_cache()
    foos = kinds.get(api_version=f"{GROUP}/v1", kind="Foo")
    made = {"apiVersion": f"{GROUP}/v1", "kind": "Foo", "metadata": {"name": "foo"}, "size": 1}
    foos.create(body=made, namespace=NAMESPACE)
    foos.status.patch(
        name="foo", namespace=NAMESPACE, body={"status": {"ready": True}}, content_type="application/merge-patch+json"
    )
    step("custom", foos.get(name="foo", namespace=NAMESPACE).to_dict()["status"])


def scale(dynamic_client):
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": "web"}]}}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    deployments = dynamic_client.resources.get(api_version="apps/v1", kind="Deployment")
    metadata = {"name": "web", "namespace": NAMESPACE}
    deployments.create(body={"metadata": metadata, "spec": spec}, namespace=NAMESPACE)
    # As Ansible's k8s_scale: a strategic merge patch that says the kind of the owner.
    deployments.scale.patch(body={"kind": "Deployment", "metadata": metadata, "spec": {"replicas": 3}})
    step("scaled", deployments.get(**metadata).spec.replicas)


def election():
    leading = threading.Event()
    lock = ConfigMapLock("leader", NAMESPACE, "me")
    settings = electionconfig.Config(
        lock, lease_duration=17, renew_deadline=15, retry_period=5, onstarted_leading=leading.set, onstopped_leading=None
    )
    threading.Thread(target=leaderelection.LeaderElection(settings).run, daemon=True).start()
    step("leads", leading.wait(30))


def streams():
    options = {"container": "app", "stderr": True, "stdout": True, "_preload_content": False}
    command = ["sh", "-c", "read line; echo got $line; echo wrong >&2; exit 3"]
    session = stream(core.connect_get_namespaced_pod_exec, "web", "default", command=command, stdin=True, **options)
    session.write_stdin("this\n")
    session.run_forever(timeout=60)
    step("exec", [session.read_stdout(), session.read_stderr(), session.returncode])


def forwarding(port):
    forwarded = portforward(core.connect_get_namespaced_pod_portforward, "web", "default", ports=str(port))
    socket = forwarded.socket(port)
    socket.setblocking(True)
    socket.sendall(b"hello")
    step("forwarded", [socket.recv(5).decode(), forwarded.error(port)])
    socket.close()


if __name__ == "__main__":
    import sys

    dynamic_client = dynamic.DynamicClient(client.ApiClient())
    objects()
    definitions(dynamic_client)
    scale(dynamic_client)
    election()
    streams()
    forwarding(int(sys.argv[1]))
