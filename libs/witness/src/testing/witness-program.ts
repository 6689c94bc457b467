import { startWitness, type WitnessOptions } from '../start-witness.js';

// node witness-program.js '{"keyFile":…}': a witness as a process of its own, to be killed. Prints its URL once it listens.
const options = JSON.parse(process.argv[2] ?? '{}') as WitnessOptions;
const { url } = await startWitness(options);
process.stdout.write(`${url}\n`);
