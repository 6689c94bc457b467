// Each benchmark is a module that runs when it is loaded, starts its own servers in a temporary directory and removes them.
const benchmarks = {
  append: () => import('./append.js'),
  command: () => import('./command.js'),
  mlflow: () => import('./mlflow.js'),
  'mlflow-clients': () => import('./mlflow-clients.js'),
  'mlflow-points': () => import('./mlflow-points.js'),
  proof: () => import('./proof.js'),
  relay: () => import('./relay.js'),
  replay: () => import('./replay.js'),
  'replay-load': () => import('./replay-load.js'),
  serving: () => import('./serving.js'),
  traces: () => import('./traces.js'),
} as const;

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const unknown = wanted.filter((name) => !Object.hasOwn(benchmarks, name));
if (unknown.length > 0 || wanted.length === 0) {
  const complaint = unknown.length > 0 ? `There is no benchmark ${unknown.join(', ')}. ` : '';
  process.stderr.write(`${complaint}Name at least one: npm run bench -- ${Object.keys(benchmarks).join(' | ')} [--json]\n`);
  process.exitCode = 2;
} else {
  for (const [name, run] of Object.entries(benchmarks)) if (wanted.includes(name)) await run();
}
