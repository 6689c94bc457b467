import { SingleBar } from 'cli-progress';
import colors from 'picocolors';

export interface Bar {
  advance(done: number): void;
  stop(): void;
}

/** What a person at the terminal sees of the demo. */
export class DemoConsole {
  private readonly startedAt = performance.now();
  private chapterCount = 0;

  chapter(title: string): void {
    this.chapterCount += 1;
    console.log(`\n${colors.bold(`${this.chapterCount}. ${title}`)} ${colors.dim(`(${this.elapsedSeconds().toFixed(0)} s)`)}`);
  }

  say(text: string): void {
    console.log(`   ${text}`);
  }

  detail(text: string): void {
    console.log(colors.dim(`     ${text}`));
  }

  /** A rule that held, or did what it is there for. */
  good(text: string): void {
    console.log(`   ${colors.green('✔')} ${text}`);
  }

  /** Something was refused, as it had to be. */
  refused(text: string): void {
    console.log(`   ${colors.yellow('✋')} ${text}`);
  }

  bar(label: string, total: number): Bar {
    if (!process.stdout.isTTY) return this.plainBar(label, total);
    const bar = new SingleBar({ format: `   ${label} {bar} {percentage} % ({value}/{total})`, hideCursor: true, clearOnComplete: false });
    bar.start(total, 0);
    return { advance: (done) => bar.update(done), stop: () => bar.stop() };
  }

  elapsedSeconds(): number {
    return (performance.now() - this.startedAt) / 1000;
  }

  /** Without a terminal a line every fifth, so that a log stays readable. */
  private plainBar(label: string, total: number): Bar {
    let shown = 0;
    return {
      advance: (done) => {
        const fifth = Math.floor((done / total) * 5);
        if (fifth > shown) console.log(`   ${label}: ${done}/${total}`);
        shown = Math.max(shown, fifth);
      },
      stop: () => undefined,
    };
  }
}
