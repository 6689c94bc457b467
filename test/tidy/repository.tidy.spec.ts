import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSource, repositoryFiles, root } from './sources.js';

const libs = folders('libs');
const services = folders('services');

function folders(parent: string): readonly string[] {
  return readdirSync(join(root, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${parent}/${name}`)
    .sort();
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

describe('the repository', () => {
  it('has only the agreed entries at the top', () => {
    const agreed = new Set([
      'services', 'libs', 'proto', 'deploy', 'scripts', 'test', '.ci',
      'README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'LICENSE',
      'nx.json', 'package.json', 'package-lock.json', 'tsconfig.base.json', 'tsconfig.json', 'tsconfig.check.json',
      'buf.yaml', 'buf.gen.yaml', 'eslint.config.js', 'vitest.config.ts', '.gitignore',
    ]);
    const top = new Set(repositoryFiles().map((path) => path.split('/')[0] ?? path));
    expect([...top].filter((name) => !agreed.has(name)), 'put it into a folder that is there, or agree on it in ARCHITECTURE.md and here').toEqual([]);
  });

  it('is mapped truly by README.md', () => {
    const readme = readSource('README.md').text;
    const mapped = [...readme.matchAll(/^\| `((?:libs|services)\/[a-z-]+)` \|/gm)].map((match) => match[1]).sort();
    expect(mapped, 'the map of folders in README.md must list every library and service, and nothing else').toEqual([...libs, ...services]);
  });

  it('has a README in every library and service', () => {
    const without = [...libs, ...services].filter((folder) => !repositoryFiles().includes(`${folder}/README.md`));
    expect(without, 'say what it is for, what it guarantees and what it exports').toEqual([]);
  });

  it('has the same chapters in every service’s README', () => {
    const chapters = ['Purpose', 'Owns', 'Publishes', 'Consumes', 'Endpoints', 'Invariants'];
    const missing = services.flatMap((service) => {
      const headings = new Set(readSource(`${service}/README.md`).lines.filter((line) => line.startsWith('## ')).map((line) => line.slice(3).trim()));
      return chapters.filter((chapter) => !headings.has(chapter)).map((chapter) => `${service}: ## ${chapter}`);
    });
    expect(missing, 'the second service must hold no surprise').toEqual([]);
  });

  it('names only files that are there in its documents', () => {
    const tracked = new Set(repositoryFiles());
    const isFolder = (path: string): boolean => [...tracked].some((file) => file.startsWith(`${path.replace(/\/$/, '')}/`));
    const gone = [...tracked]
      .filter((path) => path.endsWith('.md'))
      .flatMap((document) => {
        const named = [...readSource(document).text.matchAll(/`((?:libs|services|proto|deploy|scripts|test)\/[\w./-]+)`/g)].map((match) => match[1] ?? '');
        return named.filter((path) => !tracked.has(path) && !isFolder(path)).map((path) => `${document}: ${path}`);
      });
    expect(gone, 'a document that names a file must be changed with it').toEqual([]);
  });
});

describe('generated code', () => {
  it('is what the definitions say: run `npm run generate`', () => {
    const fresh = mkdtempSync(join(tmpdir(), 'cairn-generate-'));
    try {
      const template = readFileSync(join(root, 'buf.gen.yaml'), 'utf8').replace('libs/contracts/src/gen', fresh);
      const templateFile = join(fresh, 'buf.gen.yaml');
      writeFileSync(templateFile, template.replace('clean: true', 'clean: false'));
      const bin = join(root, 'node_modules/.bin');
      execFileSync(join(bin, 'buf'), ['generate', '--template', templateFile], { cwd: root, env: { ...process.env, PATH: `${bin}:${process.env.PATH}` } });
      const committed = join(root, 'libs/contracts/src/gen');
      rmSync(templateFile);
      expect(filesUnder(committed)).toEqual(filesUnder(fresh));
      for (const file of filesUnder(fresh)) expect(readFileSync(join(committed, file), 'utf8'), file).toBe(readFileSync(join(fresh, file), 'utf8'));
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  }, 60_000);
});
