import type { Command } from 'commander';

export const SHELLS = ['bash', 'zsh'] as const;
export type Shell = (typeof SHELLS)[number];

/** One command of the tree: `cairn log tail`. */
interface Node {
  readonly path: string;
  /** Subcommands, choices of arguments, and options, with what they are for. */
  readonly words: readonly (readonly [word: string, description: string])[];
}

/** A script for the shell, made from the program's own tree: a command that is registered is completed. File names where nothing else fits. */
export function completionScript(program: Command, shell: Shell): string {
  const nodes = nodesOf(program, program.name(), inherited(program));
  return shell === 'bash' ? bash(program.name(), nodes) : zsh(program.name(), nodes);
}

function nodesOf(command: Command, path: string, options: Node['words']): Node[] {
  const subcommands = command.commands.filter((sub) => sub.name() !== 'help');
  const choices = command.registeredArguments.flatMap(({ argChoices = [], description }) => argChoices.map((choice) => [choice, description] as const));
  const words = [...subcommands.map((sub) => [sub.name(), sub.description()] as const), ...choices, ...optionsOf(command), ...options];
  return [{ path, words: [...new Map(words)] }, ...subcommands.flatMap((sub) => nodesOf(sub, `${path} ${sub.name()}`, options))];
}

/** Options of the program are taken by every command. */
function inherited(program: Command): Node['words'] {
  return [...optionsOf(program), ['--help', 'help on this command']];
}

function optionsOf(command: Command): Node['words'] {
  return command.options.map(({ long, short, description }) => [long ?? short ?? '', description] as const);
}

const walk = (name: string, nodes: readonly Node[]): string => {
  const paths = nodes.filter(({ path }) => path !== name).map(({ path }) => `"${path}"`);
  return `    case "$where $word" in\n      ${paths.join('|')}) where="$where $word" ;;\n    esac`;
};

function bash(name: string, nodes: readonly Node[]): string {
  const cases = nodes.map(({ path, words }) => `    "${path}") words="${words.map(([word]) => word).join(' ')}" ;;`);
  return `# ${name} completion for bash: source <(${name} completion bash)
_${name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} where=${name} word words
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
${walk(name, nodes)}
  done
  case "$where" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _${name} ${name}`;
}

function zsh(name: string, nodes: readonly Node[]): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  const described = ([word, description]: Node['words'][number]): string => quoted(`${word.replaceAll(':', '\\:')}:${description}`);
  const cases = nodes.map(({ path, words }) => `    "${path}") known=(${words.map(described).join(' ')}) ;;`);
  return `#compdef ${name}
# ${name} completion for zsh: source <(${name} completion zsh), after compinit
_${name}() {
  local where=${name} word
  local -a known
  for word in "\${(@)words[2,CURRENT-1]}"; do
${walk(name, nodes)}
  done
  case "$where" in
${cases.join('\n')}
  esac
  _describe '${name}' known || _files
}
compdef _${name} ${name}`;
}
