import { expect, test } from "bun:test";
import { eventually } from "../../../test/framework/eventually.ts";
import { FakeClock } from "../../../test/framework/fake-clock.ts";
import { type NodeUse, UsageSource } from "./usage-source.ts";

/** A host whose one container works at a rate, and that counts how often it is asked. */
function start() {
  const clock = new FakeClock(1_000_000);
  const host = { asked: 0, processors: 0.5, isSilent: false };
  const source = new UsageSource(
    {
      fetch: (_location, _request, { signal }) => {
        host.asked++;
        if (host.isSilent) {
          return new Promise((_resolve, reject) => {
            signal.addEventListener("abort", () => reject(new Error("aborted")));
          });
        }
        const at = clock.now();
        const cpu = (at / 1000) * host.processors;
        const labels = 'container="web",namespace="ns",pod="p"';
        const lines = [
          `container_cpu_usage_seconds_total{${labels}} ${cpu} ${at}`,
          `container_memory_working_set_bytes{${labels}} 4096 ${at}`,
        ];
        return Promise.resolve(new Response(`${lines.join("\n")}\n`));
      },
    },
    clock,
  );
  const read = async (): Promise<NodeUse | undefined> => (await source.read(["n"])).get("n");
  return { clock, host, read };
}

async function firstRead({ clock, host, read }: ReturnType<typeof start>): Promise<NodeUse | undefined> {
  const reading = read();
  await eventually("the first reading", 1000, async () => host.asked === 1);
  await clock.advance(1000);
  return await reading;
}

test("UsageSource.read asks a host twice at first, then once, and not at all for five seconds", async () => {
  const rig = start();
  const first = await firstRead(rig);
  expect(first?.containers.get("ns/p/web")).toMatchObject({ cpuNanocores: 500_000_000, windowMs: 1000 });
  await rig.clock.advance(4000);
  await rig.read();
  expect(rig.host.asked).toBe(2);
  await rig.clock.advance(11_000);
  expect((await rig.read())?.containers.get("ns/p/web")).toMatchObject({ windowMs: 15_000 });
  expect(rig.host.asked).toBe(3);
});

test("UsageSource.read leaves out a host that does not answer in time", async () => {
  const rig = start();
  rig.host.isSilent = true;
  const reading = rig.read();
  await eventually("the host was asked", 1000, async () => rig.host.asked === 1);
  await rig.clock.advance(3000);
  expect(await reading).toBeUndefined();
});
