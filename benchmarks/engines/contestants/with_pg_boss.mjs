// pg-boss. Its `work` acknowledges a batch as one, so "each" is 16 loops of its own fetch and complete.
import { PgBoss } from "pg-boss";
import pg from "pg";
import { main } from "./protocol.mjs";

const NAME = "ocr";

class Boss {
  constructor(task) {
    this.task = task;
    this.boss = new PgBoss({ connectionString: task.url, max: task.concurrency + 2, useListenNotify: true });
    this.boss.on("error", (error) => console.error(error));
  }

  async prepare() {
    await this.open();
    await this.boss.createQueue(NAME, { notify: true });
  }

  async open() {
    await this.boss.start();
    this.beside = new pg.Client({ connectionString: this.task.url });
    await this.beside.connect();
  }

  async create(payloads) {
    if (payloads.length === 1) await this.boss.send(NAME, payloads[0]);
    else await this.boss.insert(NAME, payloads.map((data) => ({ data })));
  }

  async work(handle) {
    if (this.task.mode === "each") {
      for (let i = 0; i < this.task.concurrency; i++) void this.#one(handle);
      return;
    }
    const batchSize = this.task.mode === "batches" ? 200 : this.task.concurrency;
    await this.boss.work(NAME, { batchSize, burstWhenBatchFull: true }, async (jobs) => {
      for (const job of jobs) handle(job.data);
    });
  }

  async #one(handle) {
    for (;;) {
      const [job] = await this.boss.fetch(NAME, { batchSize: 1 });
      if (!job) return;
      handle(job.data);
      await this.boss.complete(NAME, job.id);
    }
  }

  async unfinished() {
    const { rows } = await this.beside.query("SELECT EXISTS (SELECT 1 FROM pgboss.job WHERE name = $1 AND state < 'completed') AS left", [NAME]);
    return rows[0].left;
  }
}

await main(Boss);
