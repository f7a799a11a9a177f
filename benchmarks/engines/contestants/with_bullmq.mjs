// BullMQ, on Redis. An acknowledgement fetches the next job in the same call.
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { main } from "./protocol.mjs";

const NAME = "ocr";

class BullMq {
  constructor(task) {
    this.task = task;
    this.connection = new Redis(task.url, { maxRetriesPerRequest: null });
  }

  async prepare() {
    await this.open();
    await this.queue.obliterate({ force: true });
  }

  async open() {
    this.queue = new Queue(NAME, { connection: this.connection });
    await this.queue.waitUntilReady();
  }

  async create(payloads) {
    if (payloads.length === 1) await this.queue.add(NAME, payloads[0]);
    else await this.queue.addBulk(payloads.map((data) => ({ name: NAME, data })));
  }

  async work(handle) {
    this.worker = new Worker(NAME, async (job) => handle(job.data), {
      connection: this.connection,
      concurrency: this.task.concurrency,
    });
    await this.worker.waitUntilReady();
  }

  async unfinished() {
    return (await this.queue.getJobCountByTypes("active", "waiting")) > 0;
  }
}

await main(BullMq);
