import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { CaseTensor } from './elements.js';

export interface DirectRequest {
  readonly seq: number;
  readonly modelFile: string;
  readonly inputs: readonly CaseTensor[];
}

export type DirectAnswer = { readonly seq: number; readonly outputs: readonly CaseTensor[] } | { readonly seq: number; readonly failure: string };

const PROCESS = fileURLToPath(new URL('./direct-process.js', import.meta.url));

/** ONNX Runtime in a process of its own. A crash is the answer to what it was asked; the next question starts another process. */
export class DirectRuntime {
  private child: ChildProcess | undefined;
  private seq = 0;

  /** What the model gives, or why it gives nothing. One question at a time. */
  run(modelFile: string, inputs: readonly CaseTensor[]): Promise<readonly CaseTensor[] | string> {
    this.seq += 1;
    const { seq } = this;
    const child = (this.child ??= fork(PROCESS, { serialization: 'advanced', execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] }));
    return new Promise((resolve) => {
      const end = (answer: readonly CaseTensor[] | string): void => {
        child.off('message', take).off('exit', crash);
        resolve(answer);
      };
      const take = (answer: DirectAnswer): void => {
        if (answer.seq === seq) end('failure' in answer ? answer.failure : answer.outputs.map((output) => ({ ...output, bytes: Buffer.from(output.bytes) })));
      };
      const crash = (code: number | null, signal: string | null): void => {
        this.child = undefined;
        end(`the process ended with ${signal ?? code}`);
      };
      child.on('message', take).once('exit', crash);
      child.send({ seq, modelFile, inputs } satisfies DirectRequest);
    });
  }

  close(): void {
    this.child?.kill('SIGKILL');
  }
}
