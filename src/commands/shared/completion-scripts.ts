import type { CommandDeclaration } from './define-command.js';
import { flagShapes, type FlagShape } from './flag-shape.js';

/*
 * Completion is generated from the declarations: the words of each command, its flags, and the values of flags and
 * arguments that have a fixed set. After `--` the shell completes CMD as it would a command line of its own.
 */

export const completionScripts = { bash, zsh, fish };

interface Completions {
  /** `''` is the first word; `toxic` its second ones. */
  words: Map<string, { word: string; summary: string }[]>;
  commands: { name: string; flags: FlagShape[]; values: string[] }[];
}

function collect(declarations: readonly CommandDeclaration[]): Completions {
  const words: Completions['words'] = new Map();
  for (const { name, summary } of declarations) {
    const [first = '', second] = name.split(' ');
    add(words, '', first, second === undefined ? summary : `${first} …`);
    if (second !== undefined) add(words, first, second, summary);
  }
  const commands = declarations.map(({ name, options, args }) => ({
    name,
    flags: [...flagShapes(options), ...everywhere],
    values: flagShapes(args).flatMap(({ choices = [] }) => choices),
  }));
  return { words, commands };
}

function add(words: Completions['words'], at: string, word: string, summary: string): void {
  const list = words.get(at) ?? [];
  if (!list.some((known) => known.word === word)) list.push({ word, summary });
  words.set(at, list);
}

const noValue = { kind: 'boolean', required: false, placeholder: '', formerFlags: [] } as const;

const everywhere: FlagShape[] = [
  { ...{ key: 'json', flag: '--json', description: 'Print JSON' }, ...noValue },
  { ...{ key: 'help', flag: '--help', description: 'Show help' }, ...noValue },
];

function bash(declarations: readonly CommandDeclaration[]): string {
  const { words, commands } = collect(declarations);
  const wordCases = [...words].map(([at, list]) => `    '${at}') words='${list.map(({ word }) => word).join(' ')}' ;;`);
  const flagCases = commands.map(
    ({ name, flags, values }) => `    '${name}') words='${[...flags.map(({ flag }) => flag), ...values].join(' ')}' ;;`,
  );
  const valueCases = commands.flatMap(({ name, flags }) =>
    flags
      .filter(({ choices }) => choices !== undefined)
      .map(({ flag, choices = [] }) => `    '${name} ${flag}') words='${choices.join(' ')}' ;;`),
  );
  const fileCases = commands.flatMap(({ name, flags }) =>
    flags.filter(takesFile).map(({ flag }) => `    '${name} ${flag}') files=1 ;;`),
  );
  return `# bash completion for proxyctl
_proxyctl() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} first='' command='' words='' files='' index
  for ((index = 1; index < COMP_CWORD; index++)); do
    if [[ \${COMP_WORDS[index]} == -- ]]; then
      if declare -F _command_offset >/dev/null; then _command_offset $((index + 1)); else COMPREPLY=($(compgen -c -- "$current")); fi
      return
    fi
    if [[ \${COMP_WORDS[index]} != -* ]]; then
      if [[ -z $first ]]; then first=\${COMP_WORDS[index]}; command=$first
      elif [[ $command == "$first" ]]; then command="$first \${COMP_WORDS[index]}"; fi
    fi
  done
  case "$command $previous" in
${[...valueCases, ...fileCases].join('\n')}
  esac
  if [[ -n $files ]]; then COMPREPLY=($(compgen -f -- "$current")); return; fi
  if [[ -z $words ]]; then
    case "$command" in
${flagCases.join('\n')}
    esac
  fi
  if [[ -z $words ]]; then
    case "$first" in
${flagCases.filter((line) => !/^ {4}'\S+ /.test(line)).join('\n')}
    esac
  fi
  if [[ -z $words ]]; then
    case "$command" in
${wordCases.join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _proxyctl proxyctl
`;
}

/** zsh runs the bash completion by its own emulation, which every zsh has. */
function zsh(declarations: readonly CommandDeclaration[]): string {
  return `#compdef proxyctl
autoload -U +X bashcompinit && bashcompinit
${bash(declarations).replace('# bash completion for proxyctl\n', '')}`;
}

function fish(declarations: readonly CommandDeclaration[]): string {
  const { words, commands } = collect(declarations);
  const lines = ['# fish completion for proxyctl', 'complete -c proxyctl -f'];
  for (const [at, list] of words) {
    const known = list.map(({ word }) => word).join(' ');
    const condition =
      at === ''
        ? '__fish_use_subcommand'
        : `__fish_seen_subcommand_from ${at}; and not __fish_seen_subcommand_from ${known}`;
    for (const { word, summary } of list) {
      lines.push(`complete -c proxyctl -n '${condition}' -a ${word} -d ${fishQuoted(summary)}`);
    }
  }
  for (const { name, flags, values } of commands) {
    const condition = name
      .split(' ')
      .map((word) => `__fish_seen_subcommand_from ${word}`)
      .join('; and ');
    for (const shape of flags) lines.push(`complete -c proxyctl -n '${condition}' ${fishFlag(shape)}`);
    if (values.length > 0) lines.push(`complete -c proxyctl -n '${condition}' -a '${values.join(' ')}'`);
  }
  return `${lines.join('\n')}\n`;
}

function fishFlag(shape: FlagShape): string {
  const { flag, short, kind, choices, description } = shape;
  const value = kind === 'boolean' ? '' : choices === undefined ? ' -r' : ` -x -a '${choices.join(' ')}'`;
  const file = takesFile(shape) ? ' -F' : '';
  return `-l ${flag.slice(2)}${short === undefined ? '' : ` -s ${short}`}${value}${file} -d ${fishQuoted(description)}`;
}

function takesFile({ placeholder, choices, kind }: FlagShape): boolean {
  return kind !== 'boolean' && choices === undefined && ['file', 'folder', 'where'].includes(placeholder);
}

function fishQuoted(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`;
}
