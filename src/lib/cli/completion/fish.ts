/** A completion script for fish 3. Pure. */
import {functionName, type Script} from './script.ts'

export const fishScript: Script = (bin, places) => {
  const name = `_${functionName(bin)}`
  const paths = places.flatMap(({path}) => (path === '' ? [] : [quote(path)]))
  return `# fish completion for ${bin}: ${bin} completion fish > ~/.config/fish/completions/${bin}.fish
function ${name}_path
  set -l path
  for word in (commandline -opc)[2..-1]
    set -l next (string join -- ' ' $path $word)
    contains -- $next ${paths.join(' ')}
    or break
    set path $path $word
  end
  string join -- ' ' $path
end
function ${name}_at
  set -l path (${name}_path)
  test "$path" = "$argv[1]"
end
complete -c ${bin} -e
${places
  .flatMap(({path, words, flags, files}) => {
    const at = `complete -c ${bin} -n ${quote(`${name}_at ${quote(path)}`)}`
    return [
      ...(files ? [] : [`${at} -f`]),
      ...words.map(({word, about}) => `${at} -a ${quote(word)}${about === '' ? '' : ` -d ${quote(about)}`}`),
      ...flags.map(({name: flag, char, about, takesValue, values}) =>
        [
          at,
          `-l ${quote(flag)}`,
          ...(char === undefined ? [] : [`-s ${quote(char)}`]),
          ...(takesValue ? [values.length > 0 ? `-x -a ${quote(values.join(' '))}` : '-r -F'] : []),
          `-d ${quote(about)}`,
        ].join(' '),
      ),
    ]
  })
  .join('\n')}
`
}

/** In single quotes, as fish reads them. */
function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`
}
