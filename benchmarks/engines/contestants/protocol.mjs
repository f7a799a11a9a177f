// What every contestant in JavaScript does with its engine, and how it is timed: the same as protocol.py.
//
// A contestant is a class with open, prepare, create(payloads), work(handle), stop and unfinished.

const FILLED_AT_ONCE = 500;
const LOOK_MS = 2;
const PATIENCE_MS = 300_000;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const say = (text) => process.stdout.write(`${text}\n`);
const range = (from, to) => Array.from({ length: to - from }, (_, i) => payload(from + i));

/** 1 KiB of JSON. */
function payload(number) {
  const filler = `page ${number} of a scanned document; `;
  return { page: number, text: filler.repeat(40).slice(0, 1000) };
}

const deeds = {
  async prepare(contestant) {
    await contestant.prepare();
    return {};
  },

  async fill(contestant, task) {
    await contestant.open();
    for (let start = 0; start < task.count; start += FILLED_AT_ONCE) {
      await contestant.create(range(start, Math.min(start + FILLED_AT_ONCE, task.count)));
    }
    return {};
  },

  async create(contestant, task) {
    await contestant.open();
    const took = [];
    for (let number = 0; number < task.count; number++) {
      const payloads = range(number, number + task.at_once);
      const began = performance.now();
      await contestant.create(payloads);
      took.push((performance.now() - began) / 1000);
    }
    return { took };
  },

  async drain(contestant, task) {
    await contestant.open();
    let handled = 0;
    let began = 0;
    let cpu;
    const allHandled = Promise.withResolvers();
    await contestant.work(() => {
      if (handled === 0) {
        began = performance.now();
        cpu = process.cpuUsage();
      }
      handled += 1;
      if (handled >= task.count) allHandled.resolve();
    });
    await allHandled.promise;
    while (await contestant.unfinished()) await sleep(LOOK_MS);
    const seconds = (performance.now() - began) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    return { seconds, cpu: (user + system) / 1e6, handled };
  },

  async listen(contestant, task) {
    await contestant.open();
    const waited = [];
    const enough = Promise.withResolvers();
    await contestant.work((job) => {
      waited.push(Number(process.hrtime.bigint() - BigInt(job.sent)) / 1e9);
      if (waited.length >= task.count) enough.resolve();
    });
    say("ready");
    await enough.promise;
    return { waited };
  },

  async send(contestant, task) {
    await contestant.open();
    for (let number = 0; number < task.count; number++) {
      await contestant.create([{ ...payload(number), sent: String(process.hrtime.bigint()) }]);
      await sleep(1000 * task.spacing * (0.5 + ((number * 0.618) % 1)));
    }
    return {};
  },
};

/** Do the task of the command line, and print the answer. */
export async function main(Contestant) {
  const task = { count: 0, at_once: 1, mode: "default", concurrency: 16, spacing: 0.05, ...JSON.parse(process.argv[2]) };
  const patience = setTimeout(() => {
    console.error("no end in sight");
    process.exit(1);
  }, PATIENCE_MS);
  const contestant = new Contestant(task);
  say(JSON.stringify(await deeds[task.do](contestant, task)));
  clearTimeout(patience);
  // Connections that are still open are the engine's own affair.
  process.exit(0);
}
