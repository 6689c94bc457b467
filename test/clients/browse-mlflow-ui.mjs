// Opens MLflow's web pages of a running stack in Chromium and lists what they ask for in vain:
//   npm start -- --mlflow-ui <folder>, then node test/clients/browse-mlflow-ui.mjs [url] [folder for pictures]
// Needs Chromium (Debian: apt-get install chromium; elsewhere CHROMIUM names the program) and a log with an experiment that has runs. Ends with 1 when
// anything failed but what is known not to be there.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const [base = 'http://127.0.0.1:5000', pictures] = process.argv.slice(2);
const NOT_THERE = /\/(users\/current|assistant\/\w+)$/;
const SETTLED_MS = 3_000;
const failures = [];

const ask = async (method, path, body) => {
  const response = await globalThis.fetch(`${base}/api/2.0/mlflow/${path}`, { method, headers: { 'content-type': 'application/json' }, ...(body && { body: JSON.stringify(body) }) });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: is Cairn running at ${base}?`);
  return response.json();
};

/** Experiment and runs that were logged last. */
async function lastRuns() {
  const { experiments = [] } = await ask('POST', 'experiments/search', { max_results: 50, order_by: ['last_update_time DESC'] });
  for (const { experiment_id: experiment } of experiments) {
    const { runs = [] } = await ask('POST', 'runs/search', { experiment_ids: [experiment], max_results: 3 });
    if (runs.length > 0) return { experiment, runs: runs.map(({ info }) => info.run_id) };
  }
  throw new Error('No experiment has a run: log one first.');
}

const { experiment, runs } = await lastRuns();
const { registered_models: models = [] } = await ask('GET', 'registered-models/search?max_results=1');
const ofModel = models.map(({ name }) => `/models/${encodeURIComponent(name)}`);
const list = (items) => encodeURIComponent(JSON.stringify(items));
const pages = [
  '/', '/experiments', '/models', '/prompts',
  ...[
    'overview/usage', 'overview/quality', 'overview/tool-calls', 'runs', 'runs?compareRunsMode=CHART', 'models', 'traces',
    ...['', '/model-metrics', '/artifacts', '/traces'].map((tab) => `runs/${runs[0]}${tab}`),
  ].map((page) => `/experiments/${experiment}/${page}`),
  `/compare-runs?runs=${list(runs)}&experiments=${list([experiment])}`,
  ...ofModel, ...ofModel.map((page) => `${page}/versions/1`),
];

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  const page = await browser.newPage({ viewport: { width: 1_500, height: 950 } });
  const fail = (text) => failures.push(text);
  page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    if (response.status() >= 400 && !NOT_THERE.test(pathname)) fail(`${response.status()} ${response.request().method()} ${pathname}`);
  });
  page.on('pageerror', (error) => fail(String(error)));
  if (pictures !== undefined) mkdirSync(pictures, { recursive: true });
  for (const [index, path] of pages.entries()) {
    failures.length = 0;
    await page.goto('about:blank');
    await page.goto(`${base}/#${path}${path.includes('?') ? '&' : '?'}workspace=default`);
    await page.waitForTimeout(SETTLED_MS);
    if ((await page.getByText('Something went wrong').count()) > 0) fail('the page says that something went wrong');
    if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${index}.png`) });
    console.log(`${failures.length === 0 ? 'ok  ' : 'FAIL'} ${path}${failures.map((text) => `\n       ${text}`).join('')}`);
    if (failures.length > 0) process.exitCode = 1;
  }
} finally {
  await browser.close();
}
