// @ts-check
// What the kernel says of a process, so that nothing is loaded into it for the measurement's sake. Linux only; NaN elsewhere.
import { readdirSync, readFileSync } from "node:fs";

/** Resident memory and processor time of all threads. @param {number} pid */
export function spentBy(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const threads = readdirSync(`/proc/${pid}/task`).map((id) => readFileSync(`/proc/${pid}/task/${id}/schedstat`, "utf8"));
    const nanos = threads.reduce((sum, text) => sum + Number(text.split(" ")[0]), 0);
    return { cpuMs: nanos / 1e6, megabytes: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024 };
  } catch {
    return { cpuMs: NaN, megabytes: NaN };
  }
}
