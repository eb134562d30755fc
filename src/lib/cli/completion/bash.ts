/** A completion script for bash 3.2 and newer, without the package bash-completion. Pure. */
import {functionName, quote, type Script} from './script.ts'

export const bashScript: Script = (bin, places) => {
  const name = functionName(bin)
  const values = places.flatMap(({path, flags}) =>
    flags.flatMap(({name: flag, char, takesValue, values: fixed}) =>
      takesValue
        ? [
            `    ${[`${path} --${flag}`, ...(char === undefined ? [] : [`${path} -${char}`])].map(quote).join('|')}) words=${quote(fixed.join(' '))}; value=1 ;;`,
          ]
        : [],
    ),
  )
  return `# bash completion for ${bin}: source <(${bin} completion bash)
${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path= next words= flags= value= i
  COMPREPLY=()
  # "--flag=value" comes in three words.
  if [[ $cur == '=' ]]; then cur=; elif [[ $prev == '=' ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    next=\${path:+$path }\${COMP_WORDS[i]}
    case $next in
    ${places
      .filter(({path}) => path !== '')
      .map(({path}) => quote(path))
      .join('|')}) path=$next ;;
    *) break ;;
    esac
  done
  case $path in
${places.map(({path, words, flags}) => `    ${quote(path)}) words=${quote(words.map(({word}) => word).join(' '))}; flags=${quote(flags.map(({name: flag}) => `--${flag}`).join(' '))} ;;`).join('\n')}
  esac
  case "$path $prev" in
${values.join('\n')}
  esac
  if [[ -z $value && $cur == -* ]]; then words=$flags; fi
  if [[ -n $words ]]; then COMPREPLY=($(compgen -W "$words" -- "$cur")); fi
}
# Where nothing fits, file names are offered.
complete -o default -F ${name} ${bin}
`
}
