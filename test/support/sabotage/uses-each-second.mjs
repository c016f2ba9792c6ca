// No fault: what is collected in memory and written each 30 s is written each second, so that a short test has many writes.
const { setTimeout } = globalThis;
globalThis.setTimeout = Object.assign(
  (work, ms, ...rest) => setTimeout(work, ms === 30_000 ? 1000 : ms, ...rest),
  setTimeout,
);
