import { runMain } from '@cairn/service';
import { service } from './app.module.js';

await runMain(service);
