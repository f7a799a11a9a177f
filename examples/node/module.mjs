// A module in Node, without packages: it takes robots of the type `text.count` and counts their words.
//
//   AIWORKER_URL=http://127.0.0.1:3000 AIWORKER_TOKEN=… node examples/node/module.mjs
//
// Ctrl-C or SIGTERM: it finishes the robot in hand, then ends.

import { hostname } from 'node:os';

const { AIWORKER_URL: server = 'http://127.0.0.1:3000', AIWORKER_TOKEN: key } = process.env;
const NAME = 'word-counter';
const BEAT_MS = 15_000;

/** The work: what comes in is the robot's input, what is returned becomes its output. */
async function countWords(input, report) {
  if (typeof input.text !== 'string') throw Object.assign(new Error('text: must be a string'), { category: 'VALIDATION' });
  await report({ step: { name: 'count', status: 'running' }, progressPercentage: 10 });
  const words = input.text.split(/\s+/).filter(Boolean);
  await report({ step: { name: 'count', status: 'completed' }, log: [{ message: `${words.length} words` }] });
  return { words: words.length, longest: words.reduce((a, b) => (b.length > a.length ? b : a), '') };
}

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stopping.abort());

async function ask(method, path, body, signal) {
  const response = await fetch(`${server}/api/${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  });
  const answer = await response.json();
  if (!answer.success) throw Object.assign(new Error(answer.error.message), { code: answer.error.code, status: response.status });
  return answer.data;
}

async function workOn(robot) {
  const { leaseToken } = robot;
  const execution = `executions/${robot.executeId}`;
  const lost = new AbortController();
  // Each report keeps the lease, and its answer says what people want: continue, pause, cancel, or lost.
  const report = async (progress = {}) => {
    const { directive } = await ask('PATCH', execution, { leaseToken, ...progress });
    if (directive === 'cancel' || directive === 'lost') lost.abort();
    lost.signal.throwIfAborted();
  };
  const heart = setInterval(() => report().catch(() => {}), BEAT_MS);
  try {
    const outputData = await countWords(robot.inputData, report);
    await ask('POST', `${execution}/complete`, { leaseToken, outputData });
  } catch (error) {
    if (lost.signal.aborted || error.code === 'lease_lost') return;
    const errorCategory = error.category ?? 'APPLICATION';
    await ask('POST', `${execution}/fail`, { leaseToken, errorCategory, errorMessage: error.message });
  } finally {
    clearInterval(heart);
  }
}

await ask('POST', 'modules', { moduleName: NAME, moduleVersion: '1.0', supportedRobotTypes: ['text.count'] });
console.log(`${NAME} takes work`);
while (!stopping.signal.aborted) {
  try {
    const claim = { holder: `${hostname()}:${process.pid}`, limit: 1, waitSeconds: 20, leaseSeconds: 60 };
    // Whoever hangs up while waiting takes nothing away.
    for (const robot of await ask('POST', `modules/${NAME}/claim`, claim, stopping.signal)) await workOn(robot);
  } catch (error) {
    if (stopping.signal.aborted) break;
    console.error(error.message);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
}
