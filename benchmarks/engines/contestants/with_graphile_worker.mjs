// graphile-worker. "each": as it is by itself; "batches": with its local queue and gathered completions.
import { WorkerPreset, makeWorkerUtils, run } from "graphile-worker";
import { Logger } from "graphile-worker";
import pg from "pg";
import { main } from "./protocol.mjs";

const NAME = "ocr";
const logger = new Logger(() => () => {});
const LOCAL_QUEUE = { localQueue: { size: 200 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };

class GraphileWorker {
  constructor(task) {
    this.task = task;
    this.pool = new pg.Pool({ connectionString: task.url, max: task.concurrency + 2 });
  }

  async prepare() {
    await this.open();
    await this.utils.migrate();
  }

  async open() {
    this.utils = await makeWorkerUtils({ pgPool: this.pool, logger });
  }

  async create(payloads) {
    if (payloads.length === 1) await this.utils.addJob(NAME, payloads[0]);
    else await this.utils.addJobs(payloads.map((payload) => ({ identifier: NAME, payload })));
  }

  async work(handle) {
    const worker = this.task.mode === "batches" ? LOCAL_QUEUE : {};
    this.runner = await run({
      preset: { extends: [WorkerPreset], worker: { ...worker, concurrentJobs: this.task.concurrency, maxPoolSize: this.task.concurrency + 2 } },
      pgPool: this.pool,
      logger,
      noHandleSignals: true,
      parsedCronItems: [],
      taskList: { [NAME]: async (payload) => handle(payload) },
    });
  }

  async unfinished() {
    const { rows } = await this.pool.query("SELECT EXISTS (SELECT 1 FROM graphile_worker._private_jobs) AS left");
    return rows[0].left;
  }
}

await main(GraphileWorker);
