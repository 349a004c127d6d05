import { expect, test } from "bun:test";
import { invalidField, requiredField } from "./field-error.ts";
import {
  newConflict,
  newForbidden,
  newInvalid,
  newNotFound,
  optimisticLockMessage,
} from "./status-errors.ts";

const pods = { group: "", resource: "pods" };
const leases = { group: "coordination.k8s.io", resource: "leases" };

test("newNotFound names the resource and carries its details", () => {
  const { status } = newNotFound(leases, "a");
  expect(status).toMatchObject({
    message: 'leases.coordination.k8s.io "a" not found',
    details: { name: "a", group: "coordination.k8s.io", kind: "leases" },
    code: 404,
  });
});

test("newConflict has kube-apiserver's text", () => {
  expect(newConflict(pods, "a", optimisticLockMessage).message).toBe(
    'Operation cannot be fulfilled on pods "a": the object has been modified; please apply your changes to the latest version and try again',
  );
});

test("newForbidden leaves out what is not named", () => {
  expect(newForbidden(pods, "", "no").message).toBe("pods is forbidden: no");
  expect(newForbidden(pods, "a", "no").message).toBe('pods "a" is forbidden: no');
  expect(newForbidden({ group: "", resource: "" }, "", "no").message).toBe("forbidden: no");
});

test("newInvalid lists each field as a cause and in the message", () => {
  const error = newInvalid({ group: "", kind: "Pod" }, "a", [
    requiredField("spec.containers"),
    invalidField("metadata.name", "A", "must be lower"),
  ]);
  expect(error.message).toBe(
    'Pod "a" is invalid: [spec.containers: Required value, metadata.name: Invalid value: "A": must be lower]',
  );
  expect(error.status.details?.causes?.[1]).toEqual({
    reason: "FieldValueInvalid",
    message: 'Invalid value: "A": must be lower',
    field: "metadata.name",
  });
});
